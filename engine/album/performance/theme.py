"""A theme: a few bars out of a performer's drawings, chosen because its melody can be hummed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from engine.album.performance.hummability import FEWEST, MOST, NOT, hummability
from engine.errors import RecordError
from engine.music.arranging.lines import top_line
from engine.music.notes import Note, PedalSpan, Phrase, sorted_notes
from engine.music.scale import Scale, in_key, quantise_notes

SINGS: Final = 14
"""By so much velocity the melody stands above what accompanies it."""
RESTS_S: Final = 0.5
"""A theme that begins after so long a rest, or with its phrase, begins as one would hum it."""
BEGINS_A_LINE: Final = 0.5
"""What that is worth beside `hummability`."""
LAST_S: Final = 2.6
"""The last note is held so long at most."""
LOWEST_BASS: Final = 38


@dataclass(frozen=True)
class Theme:
    """`phrase` begins at 0 with the melody's first note; `melody` is its tune; `draw` says which drawing it is from."""

    name: str
    phrase: Phrase
    melody: tuple[Note, ...]
    draw: int
    worth: float

    @property
    def length_s(self) -> float:
        return max(note.end_s for note in self.melody)


def choose_theme(name: str, drawings: Mapping[int, Phrase], scale: Scale, register: int) -> Theme:
    """The theme with the best tune of some drawings, which have numbers; `register` is where the tune is to lie.

    Raises:
        RecordError: none of them has a tune that could be hummed.
    """
    found = [theme for n, drawn in drawings.items() if (theme := best_in(name, drawn, n, scale, register))]
    if not found:
        raise RecordError(f"theme {name!r}: none of {len(drawings)} drawings holds a tune; ask for more `draws`")
    return max(found, key=lambda theme: (theme.worth, -theme.draw))


def best_in(name: str, drawn: Phrase, number: int, scale: Scale, register: int) -> Theme | None:
    """The best tune of one drawing, brought into the scale and its register; None where it has none."""
    notes = quantise_notes(in_key(drawn.notes, scale), scale)
    best: tuple[float, Phrase, tuple[Note, ...]] | None = None
    for melody in _windows(top_line(notes)):
        octave = 12 * round((register - sum(n.pitch for n in melody) / len(melody)) / 12)
        moved = tuple(replace(note, pitch=note.pitch + octave) for note in melody)
        worth = hummability(moved, scale)
        if worth == NOT:
            continue
        before_s = max((n.onset_s for n in top_line(notes) if n.onset_s < melody[0].onset_s), default=-9.0)
        worth += BEGINS_A_LINE * (melody[0].onset_s - before_s >= RESTS_S)
        if best is None or worth > best[0]:
            best = (worth, *_cut_out(drawn, notes, melody, octave))
    return None if best is None else Theme(name, best[1], best[2], number, round(best[0], 3))


def _windows(line: Sequence[Note]) -> Iterator[tuple[Note, ...]]:
    for first in range(len(line)):
        for count in range(FEWEST, MOST + 1):
            if first + count <= len(line):
                yield _sung(line[first : first + count])


def _sung(melody: Sequence[Note]) -> tuple[Note, ...]:
    """Each note held until the next."""
    until_s = [*(note.onset_s for note in melody[1:]), melody[-1].onset_s + min(melody[-1].duration_s, LAST_S)]
    return tuple(replace(note, duration_s=end_s - note.onset_s) for note, end_s in zip(melody, until_s, strict=True))


def _cut_out(
    drawn: Phrase, notes: Sequence[Note], melody: tuple[Note, ...], octave: int
) -> tuple[Phrase, tuple[Note, ...]]:
    """The theme as a phrase from 0, with what the drawing has beneath its tune, and the tune."""
    start_s, end_s = melody[0].onset_s, melody[-1].end_s
    tune = tuple(replace(n, onset_s=n.onset_s - start_s, pitch=n.pitch + octave) for n in melody)
    loud = max(max(n.velocity for n in notes) + 1, 64)
    tune = tuple(replace(n, velocity=min(max(n.velocity, 58) + SINGS, loud + SINGS, 100)) for n in tune)
    struck = {(n.onset_s, n.pitch) for n in melody}
    under = [n for n in notes if start_s - 0.08 <= n.onset_s < end_s and (n.onset_s, n.pitch) not in struck]
    kept = [_beneath(replace(n, onset_s=max(n.onset_s - start_s, 0.0)), tune, octave) for n in under]
    pedal = tuple(
        PedalSpan(max(p.start_s - start_s, 0.0), min(p.end_s, end_s) - start_s)
        for p in drawn.pedal
        if p.start_s < end_s and p.end_s > start_s
    )
    whole = sorted_notes({*tune, *(note for note in kept if note is not None)})
    return replace(drawn, notes=whole, pedal=pedal), tune


def _beneath(note: Note, tune: Sequence[Note], octave: int) -> Note | None:
    """A note of the accompaniment below the tune: its octave follows the tune's where it would lie above it."""
    above = min((t.pitch for t in tune if t.onset_s <= note.onset_s + 0.1 and t.end_s > note.onset_s), default=127)
    pitch = note.pitch + (min(0, octave))
    while pitch > above - 3:
        pitch -= 12
    while pitch < LOWEST_BASS:
        pitch += 12
    return None if pitch > above - 3 else replace(note, pitch=pitch)
