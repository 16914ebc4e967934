"""The humaniser at work for a conductor, and what happens without its weights."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import WeightsError
from engine.music.notes import Note
from engine.renderer.hands import Hands

SCORE = [Note(0.6 * n, 60 + n % 5, 0.5, 60) for n in range(30)]


def broken(score: Sequence[Note], seed: int) -> tuple[Note, ...]:
    raise WeightsError("weights.safetensors: damaged")


def test_the_humaniser_plays() -> None:
    said: list[str] = []
    played = Hands(said.append).play(SCORE, 3)
    assert [n.pitch for n in sorted(played)] != []
    assert played != tuple(SCORE)
    assert said == []


def test_without_weights_it_is_played_as_written_and_said() -> None:
    said: list[str] = []
    assert Hands(said.append, broken).play(SCORE, 3) == tuple(SCORE)
    assert said == ["weights.safetensors: damaged; until then what is made by rule is played as written"]
