"""Figures of a run, from real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from engine.reels.format import REEL_FRAMES
from engine.supervision.statistics import Statistics
from engine.supervision.summary import Usage, proportional_bytes, summarise, write_summary
from tests.waiting import until

NAMES = {
    "frames_played", "sample_rate", "first_sound_s", "reels_played", "late_reels", "hold_s", "longest_silence_s",
    "nonfinite_blocks", "phrases", "cpu_core_fraction", "peak_rss_mb", "peak_pss_mb",
}  # fmt: skip


def test_a_busy_process_is_seen_and_stays_counted_when_it_has_gone() -> None:
    busy = "import time\nend = time.process_time() + 0.5\nwhile time.process_time() < end: pass\ntime.sleep(60)"
    usage = Usage()
    with subprocess.Popen([sys.executable, "-c", busy]) as process:

        def is_seen() -> bool:
            usage.look(process.pid)
            return usage.cpu_s >= 0.3

        until(is_seen)
        process.kill()
    usage.look(process.pid)
    assert 0.25 <= usage.cpu_s < 1.0
    assert usage.peak_rss_bytes > 2_000_000
    assert 500_000 < usage.peak_pss_bytes <= usage.peak_rss_bytes


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="this system tells no proportional sizes")
def test_what_processes_share_is_divided_among_them() -> None:
    """40 MB that two processes have mapped and read count half for each."""
    shared = "import mmap, os, time\nm = mmap.mmap(-1, 40_000_000)\nm.write(b'1' * len(m))\n"
    fork = "if os.fork() == 0:\n    sum(m[::4096])\n    print(flush=True)\ntime.sleep(20)"
    command = [sys.executable, "-c", shared + fork]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        try:
            resident = psutil.Process(parent.pid).memory_info().rss
            assert resident - proportional_bytes(parent.pid) > 15_000_000
        finally:
            os.killpg(parent.pid, signal.SIGKILL)


def test_the_summary_has_every_figure(tmp_path: Path) -> None:
    statistics = Statistics(started_s=0.0)
    statistics.take("/reel/playing", ("a.wav",), 3.0)
    for name in ("one.opus", "two.opus", "one.opus", ""):
        statistics.take("/renderer/texture", ("texture_2", name), 4.0)
    usage = Usage({(1, 0.0): 2.0}, 50_000_000)
    figures = summarise(statistics, {"room": usage}, 10.0, {"room": 1})
    write_summary(tmp_path / "s.json", figures)
    read = json.loads((tmp_path / "s.json").read_text())
    assert set(read) >= NAMES
    assert read["frames_played"] == REEL_FRAMES
    assert read["first_sound_s"] is None
    assert read["textures"] == {"texture_2": ["two.opus", "one.opus"]}
    assert read["cpu_core_fraction"] == {"room": 0.2, "total": 0.2}
    assert read["peak_rss_mb"]["room"] == 50.0
