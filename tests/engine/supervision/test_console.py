"""The display, on a terminal and without one."""

from __future__ import annotations

import io

from rich.console import Console

from engine.hub.state import ControlState
from engine.supervision.console import BAR_WIDTH, Status, bar, plain_line, played
from engine.supervision.statistics import Statistics


def playing() -> tuple[ControlState, Statistics]:
    monitor = Statistics(started_s=0.0)
    for path, arguments in (
        ("/room/meter", (-18.0, -20.0)),
        ("/meter/cello", (-30.0, -30.0)),
        ("/meter/drums", (-90.0, -90.0)),
        ("/phrase/now", ("satie [bold] #12",)),
        ("/renderer/lead", (5.0,)),
        ("/renderer/texture", ("texture_1", "pads-D_major-late-1-0.opus")),
        ("/renderer/texture", ("texture_2", "pads-D_major-late-1-0.opus")),
        ("/renderer/texture", ("texture_3", "")),
    ):
        monitor.take(path, arguments, 1.0)
    return ControlState(mood="night", seed=7), monitor


def test_a_line_says_what_matters() -> None:
    line = plain_line(*playing(), now_s=3725.0)
    for part in ("01:02:05", "mood night", "satie [bold] #12", "voices cello,", "lead 5", "level -18 dB", "late 0"):
        assert part in line
    assert "textures pads-D_major-late-1-0," in line


def test_a_terminal_shows_the_state_and_keeps_what_is_said() -> None:
    out = io.StringIO()
    status = Status(Console(file=out, force_terminal=True, width=100))
    status.open()
    state, monitor = playing()
    status.refresh(state, monitor, {"sampler": 1.0, "room": 0.5}, 10.0)
    status.say("renderer started again")
    status.close()
    shown = out.getvalue()
    for part in ("night", "satie [bold] #12", "cello", "sampler", "-18.0 dB", "renderer started again"):
        assert part in shown


def test_without_a_terminal_there_are_plain_lines_only_now_and_then() -> None:
    out = io.StringIO()
    status = Status(Console(file=out, width=200))
    status.open()
    state, monitor = playing()
    for now_s in range(1000, 1130):
        status.refresh(state, monitor, {}, float(now_s))
    assert len(out.getvalue().splitlines()) == 3
    assert "\x1b" not in out.getvalue()


def test_a_terminal_that_went_away_is_no_error() -> None:
    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError("gone")

    Status(Console(file=Gone())).say("hello")


def test_bars_and_times() -> None:
    assert bar(-100.0) == "░" * BAR_WIDTH
    assert bar(6.0) == "█" * BAR_WIDTH
    assert played(90_061.0) == "1 d 01:01:01"
