"""What a returning theme is like: slower, higher, bare, in octaves, over another bass; recognised, and not the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Final

from engine.album.performance.theme import Theme
from engine.music.conductor.variation import new_bass
from engine.music.notes import Note, Phrase, sorted_notes
from engine.music.phrases.repair import stretched
from engine.music.scale import Scale

SLOWER: Final = 1.28
SOFTER_OCTAVE: Final = 0.72
"""Velocity of the octave below, beside its tune."""


def changed(theme: Theme, changes: Sequence[str], scale: Scale, generator: Random) -> Phrase:
    """The theme with the named changes, in their order."""
    phrase, tune = theme.phrase, theme.melody
    for name in changes:
        phrase, tune = CHANGES[name](phrase, tune, scale, generator)
    return phrase


_Tune = tuple[Note, ...]
_Change = Callable[[Phrase, _Tune, Scale, Random], tuple[Phrase, _Tune]]


def _slower(phrase: Phrase, tune: _Tune, scale: Scale, generator: Random) -> tuple[Phrase, _Tune]:
    return stretched(phrase, SLOWER), stretched(Phrase(tune), SLOWER).notes


def _moved(octaves: int) -> _Change:
    def change(phrase: Phrase, tune: _Tune, scale: Scale, generator: Random) -> tuple[Phrase, _Tune]:
        moved = tuple(replace(note, pitch=note.pitch + 12 * octaves) for note in tune)
        others = [note for note in phrase.notes if note not in tune]
        return replace(phrase, notes=sorted_notes({*moved, *others})), moved

    return change


def _bare(phrase: Phrase, tune: _Tune, scale: Scale, generator: Random) -> tuple[Phrase, _Tune]:
    return replace(phrase, notes=tune), tune


def _octaves(phrase: Phrase, tune: _Tune, scale: Scale, generator: Random) -> tuple[Phrase, _Tune]:
    """The tune doubled an octave below; what was nearer to it than a fourth gives way."""
    below = [replace(n, pitch=n.pitch - 12, velocity=max(round(n.velocity * SOFTER_OCTAVE), 1)) for n in tune]
    kept = [note for note in phrase.notes if note in tune or not _near(note, below)]
    return replace(phrase, notes=sorted_notes({*kept, *below})), tune


def _near(note: Note, line: Sequence[Note]) -> bool:
    return any(o.onset_s < note.end_s and note.onset_s < o.end_s and abs(o.pitch - note.pitch) < 5 for o in line)


def _new_bass(phrase: Phrase, tune: _Tune, scale: Scale, generator: Random) -> tuple[Phrase, _Tune]:
    return new_bass(phrase, scale, 1.0, generator)[0], tune


CHANGES: Final[Mapping[str, _Change]] = {
    "slower": _slower,
    "higher": _moved(1),
    "lower": _moved(-1),
    "bare": _bare,
    "octaves": _octaves,
    "new_bass": _new_bass,
}
"""As `engine.album.plan.sheet.ThemeChange` names them."""
