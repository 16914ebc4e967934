"""What lies between phrases: a pad from one mood to the next, and themes on their way to others."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from engine.music.conductor.conductor import Conductor
from engine.music.conductor.interpolation import ORIGIN, on_the_way, pad_between
from engine.music.conductor.phrase_memory import PhraseMemory
from engine.music.notes import Note, Phrase
from engine.music.scale import Scale
from engine.parameters.moods import load_mood
from engine.parameters.scales import MODES
from models.performers.interpolation.interpolation import shipped
from tests.engine.phrases import Wanderer, wandering

D_MAJOR = Scale(2, MODES["major"])


class Nothing:
    """Whoever knows nothing of what lies between."""

    def towards(self, notes: Sequence[Note], other: Sequence[Note], share: float, scale: Scale) -> tuple[Note, ...]:
        return ()

    def bridge(self, before: Sequence[Note], after: Sequence[Note], scale: Scale) -> tuple[Note, ...]:
        return ()


def conductor(between: object = None) -> Conductor:
    return Conductor(3, load_mood("gymnopedie"), Wanderer(), between=between)  # type: ignore[arg-type]


def test_a_pad_leads_into_another_mood_and_its_first_phrase_follows() -> None:
    made = conductor(shipped())
    made.next_score()
    mood = load_mood("airport")
    made.change_mood(mood)
    pad = made.next_score()
    assert pad.origin == ORIGIN
    assert made.now == ORIGIN
    assert not pad.voices["piano"]
    assert not pad.voices["drums"]
    assert len(pad.voices["chords"]) >= 3
    assert 5.0 < pad.length_s < 40.0
    scale = Scale.from_settings(mood.scale)
    assert all(scale.contains(note.pitch) for note in pad.voices["chords"])
    after = made.next_score()
    assert "#2" in after.origin
    assert after.voices["piano"]
    assert ORIGIN not in made.next_score().origin


def test_without_a_pad_that_is_heard_or_a_network_the_mood_begins_at_once() -> None:
    for between, level_db in ((shipped(), -60.0), (None, -20.0), (Nothing(), -20.0)):
        made = conductor(between)
        made.next_score()
        mood = load_mood("airport")
        mood.layer.chords.level_db = level_db
        made.change_mood(mood)
        assert ORIGIN not in made.next_score().origin


def test_nothing_leads_from_where_nothing_was() -> None:
    mood = load_mood("airport")
    assert not pad_between(None, wandering(1, 2.0, 10.0), mood, shipped()).notes
    assert not pad_between(wandering(1, 2.0, 10.0), Phrase(()), mood, shipped()).notes


def test_a_theme_goes_towards_another_the_more_often_the_more_it_is_varied() -> None:
    memory = PhraseMemory()
    for number in (1, 2, 3):
        memory = memory.with_phrase(number, wandering(number, 2.0, 12.0), "Calm")
    recalled = memory.entries[0]

    def often(variation: float) -> int:
        ways = (on_the_way(recalled, memory, D_MAJOR, variation, Random(s), shipped()) for s in range(20))
        return sum(way is not None for way in ways)

    assert often(0.0) == 0
    assert 3 <= often(1.0) <= 17
    found = next(way for s in range(50) if (way := on_the_way(recalled, memory, D_MAJOR, 1.0, Random(s), shipped())))
    assert found[1] in ("on the way to #2", "on the way to #3")
    assert all(D_MAJOR.contains(note.pitch) for note in found[0].notes)
    assert found[0].notes != recalled.phrase.notes


def test_a_theme_without_another_stays() -> None:
    memory = PhraseMemory().with_phrase(1, wandering(1, 2.0, 12.0), "Calm")
    memory = memory.with_phrase(2, wandering(2, 2.0, 12.0), "Another")
    ways = [on_the_way(memory.entries[0], memory, D_MAJOR, 1.0, Random(s), shipped()) for s in range(20)]
    assert ways == [None] * 20


def test_an_hour_with_the_network_has_themes_on_their_way() -> None:
    made = conductor(shipped())
    settings = made.settings.model_copy(deep=True)
    settings.conductor.recall, settings.conductor.variation = 0.7, 1.0
    made.set_settings(settings)
    origins = [made.next_score().origin for _ in range(40)]
    assert any("on the way to #" in origin for origin in origins)
