"""Themes on their way to others: how often and how far they are asked for, and what comes of it."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from engine.music.conductor.conductor import Conductor
from engine.music.conductor.interpolation import BOLDEST, NETWORK, ThemeOnItsWay, on_the_way
from engine.music.conductor.phrase_memory import PhraseMemory
from engine.music.notes import Note, Phrase
from engine.music.phrases.store import Request
from engine.music.scale import Scale
from engine.parameters.moods import load_mood
from engine.parameters.scales import MODES
from models.performers.interpolation.interpolation import shipped
from tests.engine.phrases import Wanderer, wandering

D_MAJOR = Scale(2, MODES["major"])
REQUEST = Request("anybody", 7, 0.9, 0.95, 2.4, None, 26.0)


def memory_of(*moods: str) -> PhraseMemory:
    """Phrases 1, 2, …, one in each mood."""
    memory = PhraseMemory()
    for number, mood in enumerate(moods, 1):
        memory = memory.with_phrase(number, wandering(number, 2.0, 12.0), mood)
    return memory


def ways(memory: PhraseMemory, variation: float) -> list[ThemeOnItsWay | None]:
    """Of the first phrase, twenty times."""
    return [on_the_way(memory.entries[0], memory, D_MAJOR, variation, Random(s), REQUEST) for s in range(20)]


def test_a_theme_goes_towards_another_the_more_often_the_more_it_is_varied() -> None:
    memory = memory_of("Calm", "Calm", "Calm")
    assert ways(memory, 0.0) == [None] * 20
    found = [way for way in ways(memory, 1.0) if way is not None]
    assert 3 <= len(found) <= 17
    assert {way.origin for way in found} == {"on the way to #2", "on the way to #3"}
    for way in found:
        asked = way.request
        assert asked.performer == NETWORK
        assert asked.share == BOLDEST
        assert asked.primer
        assert asked.towards
        assert all(D_MAJOR.contains(note.pitch) for note in (*asked.primer, *asked.towards))


def test_a_theme_without_another_of_its_mood_stays() -> None:
    assert ways(memory_of("Calm", "Another"), 1.0) == [None] * 20


def test_what_comes_is_heard_in_the_scale_and_too_little_is_not() -> None:
    way = next(way for way in ways(memory_of("Calm", "Calm"), 1.0) if way is not None)
    foreign = Phrase(tuple(Note(2.0 + 0.5 * n, 61 + n % 3, 0.4, 60) for n in range(20)))
    heard = way.heard(foreign, D_MAJOR)
    assert heard is not None
    assert all(D_MAJOR.contains(note.pitch) for note in heard.notes)
    assert heard.notes[0].onset_s == 0.0
    assert heard.performer == way.theme.phrase.performer
    assert way.heard(Phrase(foreign.notes[:3]), D_MAJOR) is None


class Knowing(Wanderer):
    """Wanders, and turns one phrase into another if it `knows` how."""

    def __init__(self, knows: bool) -> None:
        super().__init__()
        self._knows = knows

    def take(self, request: Request) -> Phrase | None:
        if request.towards is None:
            return super().take(request)
        assert request.primer is not None
        assert request.share is not None
        notes = shipped().towards(request.primer, request.towards, request.share)
        return replace(Phrase(notes), performer=request.performer) if self._knows else None


@pytest.mark.parametrize("knows", [True, False])
def test_a_while_has_themes_on_their_way_where_they_come_in_time(knows: bool) -> None:
    made = Conductor(3, load_mood("gymnopedie"), Knowing(knows))
    settings = made.settings.model_copy(deep=True)
    settings.conductor.recall, settings.conductor.variation = 0.7, 1.0
    made.set_settings(settings)
    origins = [made.next_score().origin for _ in range(14)]
    assert sum(origin.startswith("recall") for origin in origins) > 3
    assert any("on the way to #" in origin for origin in origins) is knows
