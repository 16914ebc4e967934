"""The display, on a terminal and without one."""

from __future__ import annotations

import io
import logging
import os

from rich.console import Console

from engine.supervision.console import BAR_WIDTH, ConsoleHandler, Display, bar, plain_line, played
from engine.supervision.logs import logging_to_terminal
from engine.supervision.statistics import Statistics

log = logging.getLogger("engine.somewhere")


def playing() -> Statistics:
    statistics = Statistics(started_s=0.0)
    for path, arguments in (
        ("/hub/alive", ("night", 7, 1.0, 0.0)),
        ("/room/meter", (-18.0, -20.0)),
        ("/meter/cello", (-30.0, -30.0)),
        ("/meter/drums", (-90.0, -90.0)),
        ("/phrase/now", ("satie [bold] #12",)),
        ("/renderer/lead", (5.0,)),
        ("/renderer/texture", ("texture_1", "pads-D_major-late-1-0.opus")),
        ("/renderer/texture", ("texture_2", "pads-D_major-late-1-0.opus")),
        ("/renderer/texture", ("texture_3", "")),
    ):
        statistics.take(path, arguments, 1.0)
    return statistics


def test_a_line_says_what_matters() -> None:
    line = plain_line(playing(), now_s=3725.0)
    for part in ("01:02:05", "mood night", "satie [bold] #12", "voices cello,", "lead 5", "level -18 dB", "late 0"):
        assert part in line
    assert "textures pads-D_major-late-1-0," in line


def test_a_terminal_shows_the_state_and_keeps_what_is_logged() -> None:
    out = io.StringIO()
    display = Display(Console(file=out, force_terminal=True, width=100))
    with logging_to_terminal(ConsoleHandler(display)):
        display.open()
        display.refresh(playing(), {"sampler": 1.0, "room": 0.5}, 10.0)
        log.warning("renderer started again")
        display.close()
    log.info("nobody sees this any more")
    shown = out.getvalue()
    for part in ("night", "satie [bold] #12", "cello", "sampler", "-18.0 dB", "renderer started again"):
        assert part in shown
    assert "nobody sees" not in shown


def test_without_a_terminal_there_are_plain_lines_only_now_and_then() -> None:
    out = io.StringIO()
    display = Display(Console(file=out, width=200))
    with logging_to_terminal(ConsoleHandler(display)):
        display.open()
        for now_s in range(1000, 1130):
            display.refresh(playing(), {}, float(now_s))
    assert len(out.getvalue().splitlines()) == 3
    assert "\x1b" not in out.getvalue()


def test_a_terminal_that_went_away_is_no_error() -> None:
    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError("gone")

    Display(Console(file=Gone())).say("hello")


def test_a_reader_that_is_stopped_keeps_nobody_waiting() -> None:
    """Nobody reads from the pipe: after so many lines it is full, and what more is said is left out."""
    read, write = os.pipe()
    with os.fdopen(read) as _, os.fdopen(write, "w") as pipe:
        display = Display(Console(file=pipe, width=200))
        for number in range(5_000):
            display.say(f"line {number}, and so on and on")
        assert not display._takes_more(), "it is full indeed"
        os.set_blocking(read, False)
        while os.read(read, 1 << 16):
            if display._takes_more():
                break
        display.say("heard again")


def test_bars_and_times() -> None:
    assert bar(-100.0) == "░" * BAR_WIDTH
    assert bar(6.0) == "█" * BAR_WIDTH
    assert played(90_061.0) == "1 d 01:01:01"
