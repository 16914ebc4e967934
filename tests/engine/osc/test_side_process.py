"""How a process beside the hub begins, reports and is told to end."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from engine.osc.messages import Report
from engine.osc.port import LOOPBACK, Message, OscPort
from engine.osc.side_process import begin, moments, option_parser, reporter


def test_options_that_all_have_come_before_its_own() -> None:
    parser = option_parser("Works.")
    parser.add_argument("--minutes", type=float)
    options = begin(parser, ["--runtime", "r", "--port", "9100", "--minutes", "2"])
    assert (options.runtime, options.port, options.supervisor_port, options.minutes) == (Path("r"), 9100, 0, 2.0)


def test_one_that_needs_no_folder_takes_none(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        begin(option_parser("Works.", has_runtime=False), ["--port", "9100", "--runtime", "r"])
    assert "--runtime" in capsys.readouterr().err


def test_reports_go_to_hub_and_supervisor_until_it_ends() -> None:
    hub, supervisor = OscPort(LOOPBACK, 0), OscPort(LOOPBACK, 0)
    parser = option_parser("Works.", has_runtime=False)
    options = begin(parser, ["--port", str(hub.port), "--supervisor-port", str(supervisor.port)])
    with reporter(options) as report:
        report(Report.MIDI_ALIVE, 1.0)
    time.sleep(0.02)
    for one in (hub, supervisor):
        assert [item.path for item in one.received() if isinstance(item, Message)] == [Report.MIDI_ALIVE]
        one.close()
    assert report.osc.socket.fileno() == -1


def test_moments_follow_the_clock_until_a_signal_tells_it_to_end() -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        start_s = time.monotonic()
        seen_s = []
        for now_s in moments(0.01):
            seen_s.append(now_s)
            if len(seen_s) == 3:
                os.kill(os.getpid(), signal.SIGTERM)
        assert len(seen_s) == 3
        assert seen_s[0] - start_s >= 0.01
        assert np.diff(seen_s).min() >= 0.01
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_signal_from_before_the_first_moment_counts() -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        to_come = moments(0.01)
        os.kill(os.getpid(), signal.SIGTERM)
        assert list(to_come) == []
    finally:
        signal.signal(signal.SIGTERM, before)
