"""Scores come back from the journal so that they sound the same, to the block."""

from __future__ import annotations

import json

from hypothesis import given, settings

from engine.music.conductor.conductor import Conductor
from engine.music.notes import PedalSpan, Score
from engine.parameters.moods import load_mood
from engine.parameters.stems import SAMPLE_RATE_HZ, VOICES
from engine.renderer.score_json import scheduled_from_json, scheduled_to_json
from engine.sound.stem_renderer import Scheduled
from engine.sound.voices.band import EVENT_FRAMES
from tests.engine.phrases import Wanderer, phrases
from tests.engine.sounds import INSTRUMENTS


def frames(item: Scheduled) -> list[object]:
    """When each note and pedal begins and ends, counted in the band's events; and where the next score may begin."""

    def place(seconds: float) -> int:
        return round(seconds * SAMPLE_RATE_HZ / EVENT_FRAMES)

    notes = [
        [(place(n.onset_s), place(n.end_s), n.pitch, n.velocity) for n in item.score.voices.get(voice, ())]
        for voice in VOICES
    ]
    pedal = [(place(span.start_s), place(span.end_s)) for span in item.score.pedal]
    return [item.start_frame, item.end_frame, notes, pedal, item.instruments, item.score.origin]


def there_and_back(item: Scheduled) -> Scheduled:
    return scheduled_from_json(json.loads(json.dumps(scheduled_to_json(item))))


@given(phrases)
@settings(max_examples=50)
def test_any_phrase(phrase: object) -> None:
    score = Score({"piano": phrase.notes}, phrase.pedal, phrase.length_s / 3 + 0.1234567, "a #1")  # type: ignore[attr-defined]
    item = Scheduled(4096 * 77, score, dict(INSTRUMENTS))
    assert frames(there_and_back(item)) == frames(item)
    assert there_and_back(item).score.length_s == score.length_s


def test_what_a_conductor_really_makes_and_how_small_it_is() -> None:
    conductor = Conductor(3, load_mood("rhodes"), Wanderer())
    for start in range(20):
        item = Scheduled(start * 4096, conductor.next_score(), dict(INSTRUMENTS))
        assert frames(there_and_back(item)) == frames(item)
        count = sum(map(len, item.score.voices.values()))
        assert len(json.dumps(scheduled_to_json(item))) < 24 * count + 600


def test_notes_at_the_edges() -> None:
    item = Scheduled(0, Score({"piano": ()}, (PedalSpan(0.0, 0.0004),), 0.0), dict(INSTRUMENTS))
    assert there_and_back(item).end_frame == item.end_frame
