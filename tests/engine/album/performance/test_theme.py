"""Themes: cut out of drawings, in scale and register, above what accompanies them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.album.performance.theme import best_in, choose_theme
from engine.album.performance.theme_changes import CHANGES, changed
from engine.errors import RecordError
from engine.music.notes import Note, Phrase, sorted_notes
from engine.seeding import chance
from tests.engine.album.performance.test_hummability import ARCH, D_MAJOR
from tests.engine.phrases import wandering

BASS = tuple(Note(1.0 * n, 45 if n % 2 else 50, 0.9, 45) for n in range(6))
HIGH = tuple(replace(note, pitch=note.pitch + 12) for note in ARCH)
"""Whose tune lies an octave too high to be sung."""


def test_the_tune_is_found_brought_to_its_register_and_stands_out() -> None:
    theme = best_in("air", Phrase(sorted_notes([*ARCH, *BASS])), 3, D_MAJOR, 68)
    assert theme is not None
    assert [n.pitch for n in theme.melody] == [n.pitch for n in ARCH]
    assert theme.phrase.notes[0].onset_s == 0.0
    under = [n for n in theme.phrase.notes if n not in theme.melody]
    assert under
    assert max(n.velocity for n in under) < min(n.velocity for n in theme.melody)
    assert all(D_MAJOR.contains(n.pitch) for n in theme.phrase.notes)
    lower = best_in("air", Phrase(sorted_notes([*HIGH, *BASS])), 3, D_MAJOR, 68)
    assert lower is not None
    assert [n.pitch for n in lower.melody] == [n.pitch for n in ARCH]


def test_the_best_of_all_drawings_is_it_and_without_one_it_is_said() -> None:
    drawings = {0: Phrase(()), 4: wandering(4, 2.0, 12.0), 7: Phrase(sorted_notes([*ARCH, *BASS]))}
    alone = {n: worth for n, drawn in drawings.items() if (worth := best_in("air", drawn, n, D_MAJOR, 68))}
    best = choose_theme("air", drawings, D_MAJOR, 68)
    assert best.worth == max(theme.worth for theme in alone.values())
    assert choose_theme("air", {4: drawings[4], 0: drawings[0]}, D_MAJOR, 68).draw == 4 if 4 in alone else True
    with pytest.raises(RecordError, match="none of 1 drawings"):
        choose_theme("air", {0: Phrase(())}, D_MAJOR, 68)


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_each_change_leaves_a_tune_of_as_many_notes_in_the_scale(name: str) -> None:
    theme = best_in("air", Phrase(sorted_notes([*ARCH, *BASS])), 0, D_MAJOR, 68)
    assert theme is not None
    phrase = changed(theme, [name], D_MAJOR, chance(1, "x"))
    assert phrase != theme.phrase
    assert all(D_MAJOR.contains(note.pitch) for note in phrase.notes)
    assert len(phrase.notes) >= len(theme.melody)


def test_changes_add_up() -> None:
    theme = best_in("air", Phrase(sorted_notes([*ARCH, *BASS])), 0, D_MAJOR, 68)
    assert theme is not None
    phrase = changed(theme, ["bare", "higher", "slower"], D_MAJOR, chance(1, "x"))
    assert [n.pitch - 12 for n in phrase.notes] == [n.pitch for n in theme.melody]
    assert phrase.notes[-1].onset_s > 1.2 * theme.melody[-1].onset_s
