"""Writes the Pd patch through which a room's loudspeakers are played: `loudspeakers.pd`, opened beside `room.pd`.

It is text as Pd saves it, to be looked at in Pd. Sources are placed, then each loudspeaker has a canvas of its own:
what it is to play, low cut, equaliser, trim, delay, limiter, and nothing between that and the sound card.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from engine.files.atomic import write_whole
from engine.parameters.loudspeakers import Loudspeaker, Loudspeakers
from engine.parameters.stems import SAMPLE_RATE_HZ, STEMS
from engine.room.loudspeakers.filters import SecondOrder, high_pass, low_pass, peak
from engine.room.loudspeakers.layout import law, sides, tables

FULL_WAV_MS: Final = 2 * 1.368e7
"""A WAV file of one channel and 24 bits holds so much; `recorder~.pd` has half of it, for two."""
ROW: Final = 40


@dataclass
class Canvas:
    """A window of boxes and cords, as text."""

    name: str
    size: tuple[int, int] = (700, 520)
    _boxes: list[str] = field(default_factory=list)
    _cords: list[str] = field(default_factory=list)

    def box(self, x: int, y: int, text: str, kind: str = "obj") -> int:
        """Its number, for cords."""
        self._boxes.append(f"#X {kind} {x} {y} {text};")
        return len(self._boxes) - 1

    def canvas(self, x: int, y: int, inner: Canvas) -> int:
        self._boxes.append(f"{inner.lines(restored=f'{x} {y}')}")
        return len(self._boxes) - 1

    def cord(self, one: int, outlet: int, other: int, inlet: int = 0) -> None:
        self._cords.append(f"#X connect {one} {outlet} {other} {inlet};")

    def chain(self, first: int, texts: Sequence[str], x: int, y: int) -> int:
        """Boxes one below the other after `first`; the number of the last."""
        for number, text in enumerate(texts):
            box = self.box(x, y + number * ROW, text)
            self.cord(first, 0, box)
            first = box
        return first

    def lines(self, restored: str = "") -> str:
        head = f"#N canvas 60 60 {self.size[0]} {self.size[1]} " + (f"{self.name} 0;" if restored else "12;")
        tail = [f"#X restore {restored} pd {self.name};"] if restored else []
        return "\n".join([head, *self._boxes, *self._cords, *tail])


def write_patch(room: Loudspeakers, title: str, path: Path) -> None:
    """Write `path` in one step: a Pd may be about to open it. The same room gives the same text."""
    write_whole(path, patch_text(room, title))


def patch_text(room: Loudspeakers, title: str) -> str:
    """The patch of a room as Pd reads it."""
    patch = Canvas("loudspeakers", (900, 620))
    name = title.replace("\\", "").replace(";", "").replace(",", "").replace("$", "")
    patch.box(20, 12, f"{name}: written by engine/room/loudspeakers/patch.py. Opened before room.pd., f 100", "text")
    patch.canvas(30, 50, _places(room))
    patch.canvas(150, 50, _stereo())
    sources = patch.canvas(30, 90, _sources(room))
    tape = patch.box(420, 90, f"recorder-tape {FULL_WAV_MS / room.channels:.6g}")
    record = patch.box(420, 50, "r room-record")
    patch.cord(record, 0, tape)
    bottom = 130 + ROW * len(room.speakers)
    writer = patch.box(30, bottom + 2 * ROW, f"writesf~ {room.channels}, f 70")
    watch = patch.box(420, bottom + ROW, "output-watch~ /room/output")
    halves = [patch.box(420 + 120 * side, bottom, f"*~ {_share(room):.6g}") for side in (0, 1)]
    patch.cord(tape, 0, writer)
    number = 0
    for row, one in enumerate(room.speakers):
        number += not one.is_lfe
        box = patch.canvas(30, 130 + row * ROW, _loudspeaker(one, room, number))
        patch.cord(sources, 0, box)
        patch.cord(box, 0, writer, one.channel - 1)
        if not one.is_lfe:
            patch.cord(box, 0, halves[(number - 1) % 2])
    for side, half in enumerate(halves):
        patch.cord(half, 0, watch, side)
    return patch.lines() + "\n"


def _share(room: Loudspeakers) -> float:
    """Every second loudspeaker is summed for the watch; no louder then than the same sound from one alone."""
    return max(1, (len(room.placed) + 1) // 2) ** -0.5


def _places(room: Loudspeakers) -> Canvas:
    """Where the loudspeakers stand, for the weights."""
    canvas = Canvas("where", (700, 300))
    start = canvas.box(30, 30, "loadbang")
    for row, (name, values) in enumerate(tables(room).items()):
        canvas.box(360, 70 + row * ROW, f"array define {name} {len(values)}")
        numbers = " ".join(f"{value:.7g}" for value in values)
        message = canvas.box(30, 70 + 2 * row * ROW, f"\\; {name} 0 {numbers}, f 40", "msg")
        canvas.cord(start, 0, message)
    return canvas


def _stereo() -> Canvas:
    """The same music for two: what is metered and kept."""
    canvas = Canvas("stereo", (700, 260))
    left, right = canvas.box(30, 30, "receive~ room-l"), canvas.box(180, 30, "receive~ room-r")
    limiter = canvas.box(30, 80, "limiter~")
    form = canvas.box(330, 80, "r room-heard")
    heard, meter = canvas.box(180, 140, "heard~"), canvas.box(30, 200, "level-meter~ /room/meter")
    canvas.cord(left, 0, limiter)
    canvas.cord(right, 0, limiter, 1)
    for box in (heard, meter):
        canvas.cord(limiter, 0, box)
        canvas.cord(limiter, 1, box, 1)
    canvas.cord(form, 0, heard, 2)
    canvas.chain(canvas.box(500, 30, "loadbang"), ["f 1", "value room-outlet"], 500, 80)  # room.pd sees: not by hand
    return canvas


def _sources(room: Loudspeakers) -> Canvas:
    """Stems where they wander, the hold loop as a pair ahead, reverberation on its side."""
    canvas = Canvas("sources", (1150, 500))
    count, panning = len(room.placed), law(room)
    start = canvas.box(30, 30, "loadbang")
    ahead = [canvas.box(30 + 130 * n, 70, f"place {azimuth} 1", "msg") for n, azimuth in enumerate((-30, 30))]
    out = canvas.box(30, 460, "outlet~")
    for n, side in enumerate("lr"):
        loop = canvas.box(30 + 290 * n, 120, f"receive~ room-hold-{side}")
        spread = canvas.box(30 + 290 * n, 170, f"spread~ {count} hold {panning}")
        _join(canvas, start, ahead[n], loop, spread, out)
        gains = " \\, ".join(f"{k} gain {pair[n]:.7g}" for k, pair in enumerate(sides(room), 1))
        message = canvas.box(600 + 260 * n, 70, f"{gains}, f 30", "msg")
        wet = canvas.box(600 + 260 * n, 260, f"receive~ room-wet-{side}")
        spread = canvas.box(600 + 260 * n, 290, f"spread~ {count} wet {panning}")
        _join(canvas, start, message, wet, spread, out)
    for n, stem in enumerate(STEMS):
        phase = n / len(STEMS)
        box = canvas.box(30 + 260 * (n % 2), 210 + 32 * (n // 2), f"placed-stem~ {stem} {phase:.3g} {count} {panning}")
        canvas.cord(box, 0, out)
    return canvas


def _join(canvas: Canvas, start: int, message: int, source: int, spread: int, out: int) -> None:
    canvas.cord(start, 0, message)
    canvas.cord(message, 0, spread, 1)
    canvas.cord(source, 0, spread)
    canvas.cord(spread, 0, out)


def _loudspeaker(one: Loudspeaker, room: Loudspeakers, number: int) -> Canvas:
    """`number` counts from 1 those over which sources are spread; tests call a loudspeaker by its channel."""
    canvas = Canvas(one.name, (760, 200 + ROW * (6 + len(one.eq))))
    inlet = canvas.box(30, 30, "inlet~")
    bus = f"lfe-bus~ {one.channel}" if one.is_lfe else f"loudspeaker-bus~ {number} {one.channel}"
    last = canvas.chain(inlet, [bus, *_treatment(one, room)], 30, 70)
    low = 90 + ROW * (1 + len(_treatment(one, room)))
    canvas.cord(last, 0, canvas.box(30, low, f"dac~ {one.channel}"))
    canvas.cord(last, 0, canvas.box(180, low, "outlet~"))
    return canvas


def _treatment(one: Loudspeaker, room: Loudspeakers) -> list[str]:
    frames = round(room.delay_ms(one) * SAMPLE_RATE_HZ / 1000.0)
    filters = [_filter(each) for each in _filters(one)]
    late = [f"late~ {frames}"] if frames else []
    trim = [f"*~ {10.0 ** (one.trim_db / 20.0):.7g}"] if one.trim_db else []
    return [*filters, *trim, *late, f"output-limiter~ {room.ceiling_db:g}"]


def _filters(one: Loudspeaker) -> Iterator[SecondOrder]:
    if one.low_cut_hz:
        yield high_pass(one.low_cut_hz, SAMPLE_RATE_HZ)
    if one.low_pass_hz:  # two of them: Linkwitz and Riley's crossover, 24 dB per octave
        yield from (low_pass(one.low_pass_hz, SAMPLE_RATE_HZ),) * 2
    for band in one.eq:
        yield peak(band.hz, band.gain_db, band.q, SAMPLE_RATE_HZ)


def _filter(each: SecondOrder) -> str:
    return "second-order~ " + " ".join(f"{value:.9g}" for value in each)
