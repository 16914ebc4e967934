"""The conductor: an hour of every mood, what it asks for, and what stays the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from engine.errors import MoodError
from engine.music.arranging.arranger import DERIVED
from engine.music.conductor.conductor import AHEAD, Conductor
from engine.music.conductor.phrase_memory import CAPACITY
from engine.music.harmony import pedalled
from engine.music.notes import Phrase, Score
from engine.music.phrases.store import FilePhraseStore, PhraseSource, Request
from engine.music.scale import Scale
from engine.parameters.moods import list_moods, load_mood
from engine.parameters.sound import Mood
from tests.engine.phrases import Nobody, Wanderer

MOODS = list_moods()
HOUR_S = 3600.0


class Sometimes(Wanderer):
    """A source that has two phrases of three, so an hour mixes drawn, recalled and rule-made ones."""

    def take(self, request: Request) -> Phrase | None:
        return super().take(request) if Random(request.seed).random() < 0.67 or self._asked_before(request) else None

    def _asked_before(self, request: Request) -> bool:
        before = getattr(self, "_before", None)
        self._before = request.key
        return before == request.key


def scores_of(conductor: Conductor, seconds: float) -> list[tuple[float, Score]]:
    """Scores with the times at which they begin, for that long."""
    placed, now_s = [], 0.0
    while now_s < seconds:
        score = conductor.next_score()
        placed.append((now_s, score))
        now_s += score.length_s
    return placed


@cache
def hour(mood: str) -> list[tuple[float, Score]]:
    return scores_of(Conductor(1, load_mood(mood), Sometimes()), HOUR_S)


def number_of(score: Score) -> int:
    """The number of the phrase a score was made from, whether new or recalled."""
    return int(score.origin.split("#")[1].split(",")[0])


def is_recall(score: Score) -> bool:
    return score.origin.startswith("recall")


@pytest.mark.parametrize("mood", MOODS)
def test_an_hour_is_never_silent(mood: str) -> None:
    heard = []
    for start_s, score in hour(mood):
        lines = [pedalled(score.voices["piano"], score.pedal), *(score.voices[voice] for voice in DERIVED)]
        heard += [(start_s + note.onset_s, start_s + note.end_s) for line in lines for note in line]
    end_s = 0.0
    for from_s, until_s in sorted(heard):
        assert from_s - end_s < 1.5
        end_s = max(end_s, until_s)


@pytest.mark.parametrize("mood", MOODS)
def test_an_hour_stays_in_scale_and_in_range(mood: str) -> None:
    scale = Scale.from_settings(load_mood(mood).scale)
    for _, score in hour(mood):
        for voice in ("piano", *DERIVED):
            assert all(scale.contains(n.pitch) and 24 <= n.pitch <= 108 for n in score.voices[voice])
            assert all(1 <= n.velocity <= 110 for n in score.voices[voice])
        assert 5.0 < score.length_s < 120.0
        assert min((n.onset_s for n in score.voices["piano"]), default=0.0) < 0.5


@pytest.mark.parametrize("mood", MOODS)
def test_an_hour_is_as_dense_as_asked(mood: str) -> None:
    settings = load_mood(mood)
    performer = settings.performer
    asked = performer.density_notes_per_s * performer.tempo * min(1.0, settings.voice.piano.density)
    played = sum(len(score.voices["piano"]) for _, score in hour(mood))
    last_s, last = hour(mood)[-1]
    assert 0.7 * asked < played / (last_s + last.length_s) < 1.25 * asked


@pytest.mark.parametrize("mood", MOODS)
def test_an_hour_returns_to_what_it_said_and_at_once_only_where_the_mood_says_so(mood: str) -> None:
    numbers = [number_of(score) for _, score in hour(mood)]
    at_once = sum(a == b for a, b in pairwise(numbers))
    assert (at_once > 0) == (load_mood(mood).conductor.answer > 0.0)
    assert not any(a == b == c for a, b, c in zip(numbers, numbers[1:], numbers[2:], strict=False))
    share = sum(is_recall(score) for _, score in hour(mood)) / len(numbers)
    assert load_mood(mood).conductor.recall - 0.1 < share < load_mood(mood).conductor.recall + 0.3
    assert max(Counter(numbers).values()) <= max(8, 0.2 * len(numbers))


def test_returns_have_shape_a_shuffled_hour_has_not() -> None:
    def returns(numbers: list[int]) -> int:
        return sum(a == b for a, b in zip(numbers, numbers[2:], strict=False))

    played = shuffled = 0.0
    for mood in MOODS:
        numbers = [number_of(score) for _, score in hour(mood)]
        played += returns(numbers)
        for seed in range(20):
            Random(seed).shuffle(numbers)
            shuffled += returns(numbers) / 20
    assert played > 2.5 * shuffled


@pytest.mark.parametrize("mood", MOODS)
def test_an_hour_is_varied(mood: str) -> None:
    """Two scores share few notes at the same place, unless one is a return of the other, and even then not all."""
    scores = [score for _, score in hour(mood)]
    prints = [{(round(n.onset_s * 2), n.pitch) for n in score.voices["piano"]} for score in scores]
    strangers, kin = [], []
    for i, score in enumerate(scores):
        for j in range(max(0, i - 12), i):
            likeness = len(prints[i] & prints[j]) / max(1, len(prints[i] | prints[j]))
            (kin if number_of(score) == number_of(scores[j]) else strangers).append(likeness)
            assert score.voices["piano"] != scores[j].voices["piano"]
    assert sum(strangers) / len(strangers) < 0.15
    assert sum(strangers) / len(strangers) < sum(kin) / len(kin) < 0.9


@pytest.mark.parametrize("mood", MOODS)
def test_rules_alone_play_on(mood: str) -> None:
    placed = scores_of(Conductor(2, load_mood(mood), Nobody()), 400.0)
    assert all(score.voices["piano"] for _, score in placed)
    assert placed[0][1].origin.startswith("rule")


def test_the_same_seed_plays_the_same_hour() -> None:
    def play(seed: int) -> list[tuple[float, Score]]:
        return scores_of(Conductor(seed, load_mood("gnossienne"), Wanderer()), 300.0)

    assert play(4) == play(4)
    assert play(4) != play(5)


def test_requests_depend_on_seed_index_and_settings_only() -> None:
    mood = load_mood("gymnopedie")
    fresh, worn = Conductor(3, mood, Wanderer()), Conductor(3, mood, Wanderer())
    scores_of(worn, 200.0)
    assert [fresh.request(i) for i in range(30)] == [worn.request(i) for i in range(30)]
    assert fresh.request(1) != Conductor(4, mood, Nobody()).request(1)
    assert len({fresh.request(i).key for i in range(30)}) == 30


def test_wants_come_ahead_and_move_on() -> None:
    source = Wanderer()
    conductor = Conductor(1, load_mood("gymnopedie"), source)
    first = source.wanted
    assert first == conductor.wants()
    assert len(first) == AHEAD
    for _ in range(4):
        conductor.next_score()
    assert source.wanted == conductor.wants()
    assert 1 <= len([request for request in first if request not in source.wanted]) <= 4


def test_drawn_phrases_come_through_the_store(tmp_path: Path) -> None:
    store = FilePhraseStore(tmp_path)
    conductor = Conductor(1, load_mood("gymnopedie"), store)
    for request in store.wanted():
        drawn = Wanderer().take(request)
        assert drawn is not None
        store.put(request, drawn)
    assert conductor.next_score().origin == "satie #1"
    assert conductor.now == "satie #1"


def test_phrases_nobody_would_keep_are_passed_over() -> None:
    class Hammerer(Wanderer):
        def take(self, request: Request) -> Phrase | None:
            good = super().take(request)
            assert good is not None
            return good if request == conductor_of[0].request(2) else Phrase(good.notes[:3])

    conductor_of: list[Conductor] = []
    conductor_of.append(Conductor(1, load_mood("gymnopedie"), Hammerer()))
    assert conductor_of[0].next_score().origin == "satie #1"
    assert conductor_of[0].wants()[0] == conductor_of[0].request(4)


def test_a_new_mood_begins_with_the_next_score() -> None:
    source = Wanderer()
    conductor = Conductor(1, load_mood("gymnopedie"), source)
    scores_of(conductor, 120.0)
    night = load_mood("night")
    conductor.change_mood(night)
    assert source.wanted[0].phrase_s == night.performer.phrase_s
    scale = Scale.from_settings(night.scale)
    for _, score in scores_of(conductor, 400.0):
        assert all(scale.contains(n.pitch) for voice in ("piano", *DERIVED) for n in score.voices[voice])


def test_settings_change_within_a_mood_and_bad_ones_do_not() -> None:
    conductor = Conductor(1, load_mood("gymnopedie"), Wanderer())
    changed = load_mood("gymnopedie")
    changed.voice.cello.density = 0.0
    changed.scale.root = "E"
    conductor.set_settings(changed)
    score = conductor.next_score()
    assert score.voices["cello"] == ()
    broken = load_mood("gymnopedie")
    broken.scale.mode = "dorain"
    with pytest.raises(MoodError, match="dorian"):
        conductor.set_settings(broken)
    assert conductor.settings is changed


def test_the_arc_swells_and_ebbs() -> None:
    mood: Mood = load_mood("night")
    mood.conductor.arc_depth, mood.conductor.arc_minutes = 1.0, 10.0
    conductor = Conductor(1, mood, Nobody())
    shapes = []
    for _ in range(25):
        shapes.append(conductor.shape())
        conductor.next_score()
    assert max(s.density for s in shapes) > 1.2 > 0.85 > min(s.density for s in shapes)
    assert max(s.loudness for s in shapes) > 1.08
    assert {s.lift for s in shapes} & {1, -1}
    mood.conductor.arc_depth = 0.0
    assert conductor.shape().density == 1.0


def test_upcoming_is_what_comes() -> None:
    conductor = Conductor(2, load_mood("gymnopedie"), Wanderer())
    for _ in range(12):
        upcoming = conductor.upcoming
        now = conductor.next_score().origin
        assert now.replace("recall of", "return of").startswith(upcoming)


def test_memory_stays_bounded() -> None:
    class Counting:
        taken = 0

        def want(self, requests: Iterable[Request]) -> None:
            pass

        def take(self, request: Request) -> Phrase | None:
            self.taken += 1
            return Wanderer().take(request)

    source: PhraseSource = Counting()
    mood = load_mood("rhodes")
    mood.conductor.recall = 0.0
    conductor = Conductor(1, mood, source)
    for _ in range(CAPACITY + 10):
        conductor.next_score()
    assert len(conductor._memory) == CAPACITY


def test_without_a_performer_it_plays_what_was_drawn_earlier_then_returns_and_rules() -> None:
    """The chain of sources: trained performer, remembered phrases, rules (and, in the room, the hold loop)."""
    drawn = Wanderer()
    wish = Conductor(5, load_mood("gymnopedie"), drawn).request(0)
    earlier = [drawn.take(replace(wish, seed=seed, performer="satie")) for seed in range(3)]
    conductor = Conductor(5, load_mood("gymnopedie"), Nobody(), remembered=lambda: earlier.pop() if earlier else None)
    origins = [score.origin for _, score in scores_of(conductor, 400.0)]
    fresh = [origin for origin in origins if "recall" not in origin]
    assert [origin.endswith("drawn earlier") for origin in fresh[:4]] == [True, True, True, False]
    assert all(origin.startswith("rule") for origin in fresh[3:])
