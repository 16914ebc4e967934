"""What a person at the terminal sees: a live display on a terminal, plain lines anywhere else."""

from __future__ import annotations

import logging
import select
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from engine.parameters.stems import STEMS
from engine.supervision.statistics import SILENCE_DB, Statistics

REDRAW_S: Final = 0.25
PLAIN_LINE_S: Final = 60.0
BAR_WIDTH: Final = 12

log = logging.getLogger(__name__)


class _Console(Console):
    """A console whose terminal or pipe may go away without taking the music with it."""

    def on_broken_pipe(self) -> None:
        self.quiet = True


class Display:
    """`say` prints a line that stays; `refresh` redraws the display, or now and then logs where things stand."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or _Console(markup=False, emoji=False)
        self._live: Live | None = None
        self._shown_s = 0.0

    def open(self) -> None:
        if self.console.is_terminal:
            self._live = Live(console=self.console, auto_refresh=False, transient=True)
            self._live.start()

    def close(self) -> None:
        if self._live:
            with suppress(OSError):
                self._live.stop()
            self._live = None

    def say(self, text: str, style: str = "") -> None:
        """A line with the time of day."""
        if self._takes_more():
            with suppress(OSError):
                self.console.print(Text(f"{time.strftime('%H:%M:%S')} {text}", style=style), soft_wrap=True)

    def refresh(self, statistics: Statistics, lamps: Mapping[str, float], now_s: float) -> None:
        """Show how things are, if it is time: redrawn on a terminal, a line now and then in a log."""
        pause_s = REDRAW_S if self._live else PLAIN_LINE_S
        if now_s - self._shown_s < pause_s:
            return
        self._shown_s = now_s
        if self._live:
            if self._takes_more():
                with suppress(OSError):
                    self._live.update(live_view(statistics, lamps, now_s), refresh=True)
        elif statistics.first_sound_s is not None:
            log.info("%s", plain_line(statistics, now_s))

    def _takes_more(self) -> bool:
        """Whether the reader keeps up. One that is stopped (Ctrl-S, a pager) must not stop the supervisor."""
        with suppress(OSError, ValueError):  # no file, as in tests
            return bool(select.select([], [self.console.file], [], 0)[1])
        return True


class ConsoleHandler(logging.Handler):
    """Shows what is logged to people at the terminal; warnings are coloured."""

    def __init__(self, display: Display) -> None:
        super().__init__(logging.INFO)
        self._display = display

    def emit(self, record: logging.LogRecord) -> None:
        self._display.say(record.getMessage(), "yellow" if record.levelno >= logging.WARNING else "")


def plain_line(statistics: Statistics, now_s: float) -> str:
    """Everything that matters, in one line of a log."""
    return (
        f"{played(now_s - statistics.started_s)} mood {statistics.mood}, phrase {statistics.phrase_now or '-'}, "
        f"voices {', '.join(sounding(statistics)) or '-'}, "
        f"textures {', '.join(textures(statistics)) or '-'}, "
        f"lead {statistics.lead_reels:g} reels, level {max(statistics.level_db):.0f} dB, "
        f"late {statistics.late_reels}, hold {statistics.hold_s(now_s):.1f} s"
    )


def live_view(statistics: Statistics, lamps: Mapping[str, float], now_s: float) -> Group:
    """What a terminal shows while it plays."""
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim")
    rows.add_column()
    mood = f"{statistics.mood}   seed {statistics.seed}   {played(now_s - statistics.started_s)}"
    rows.add_row("mood", Text(mood, style="bold"))
    rows.add_row("phrase", Text(statistics.phrase_now or "-"))
    rows.add_row("next", Text(statistics.phrase_upcoming or "-"))
    rows.add_row("voices", _voices(statistics))
    rows.add_row("textures", Text(", ".join(textures(statistics)) or "-"))
    rows.add_row("level", _levels(statistics.level_db))
    late = Text(f"{statistics.late_reels} late", style="red" if statistics.late_reels else "")
    rows.add_row("reels", Text.assemble(f"{statistics.lead_reels:g} ahead, {statistics.reels_played} played, ", late))
    rows.add_row("parts", _lamps(lamps, statistics.in_hold))
    return Group(Text(), rows, Text("Ctrl-C stops.", style="dim"))


def sounding(statistics: Statistics) -> list[str]:
    """Stems that can be heard now, in reel order."""
    return [name for name in STEMS if statistics.stem_level_db.get(name, -100.0) > SILENCE_DB]


def textures(statistics: Statistics) -> list[str]:
    """Names of the texture files that play now, without repetition."""
    return sorted({Path(name).stem for name in statistics.textures.values() if name})


def played(length_s: float) -> str:
    minutes, seconds = divmod(int(length_s), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return (f"{days} d " if days else "") + f"{hours:02d}:{minutes:02d}:{seconds:02d}"


def bar(level_db: float) -> str:
    """A level from -60 to 0 dB as a bar."""
    filled = round(max(0.0, min(1.0, 1.0 + level_db / 60.0)) * BAR_WIDTH)
    return "█" * filled + "░" * (BAR_WIDTH - filled)


def _voices(statistics: Statistics) -> Text:
    text = Text()
    for name in STEMS:
        level_db = statistics.stem_level_db.get(name, -100.0)
        text.append(f"{name.replace('_', ' ')}  ", style="bold green" if level_db > SILENCE_DB else "dim")
    return text


def _levels(level_db: tuple[float, float]) -> Text:
    left, right = level_db
    colour = "red" if max(level_db) > -3.0 else "green"
    return Text.assemble((bar(left), colour), " ", (bar(right), colour), f"  {max(level_db):6.1f} dB")


def _lamps(lamps: Mapping[str, float], in_hold: bool) -> Text:
    text = Text()
    for name, value in lamps.items():
        if name == "hold":
            continue
        style = "green" if value == 1.0 else "yellow" if value > 0.0 else "red"
        text.append("● ", style=style)
        text.append(f"{name}  ")
    if in_hold:
        text.append("holding", style="yellow")
    return text
