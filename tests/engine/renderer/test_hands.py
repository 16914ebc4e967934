"""The small networks at work for a conductor, and what happens without their weights."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import WeightsError
from engine.music.notes import Note
from engine.music.scale import Scale
from engine.parameters.scales import MODES
from engine.renderer.hands import Between, Hands

SCORE = [Note(0.6 * n, 60 + n % 5, 0.5, 60) for n in range(30)]
D_MAJOR = Scale(2, MODES["major"])


def broken(score: Sequence[Note], seed: int) -> tuple[Note, ...]:
    raise WeightsError("weights.safetensors: damaged")


def no_network() -> Between:
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


def test_phrases_turn_into_each_other_or_it_is_said_why_not() -> None:
    said: list[str] = []
    assert len(Between(said.append).bridge(SCORE, SCORE[::2], D_MAJOR)) > 5
    assert len(Between(said.append).towards(SCORE, SCORE[::2], 0.3, D_MAJOR)) > 5
    assert said == []
    without = Between(said.append, no_network)
    assert without.bridge(SCORE, SCORE, D_MAJOR) == without.towards(SCORE, SCORE, 0.3, D_MAJOR) == ()
    assert all("no phrase turns into another" in text for text in said)
    assert len(said) == 2
