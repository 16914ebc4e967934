"""A visitor at a keyboard: what is taken for a phrase, and what the performer and the conductor make of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.hub.midi.messages import Control, Key
from engine.hub.midi.visitor import LONGEST_S, PAUSE_S, REST_S, Visitor
from engine.music.conductor.conductor import Conductor
from engine.music.conductor.visitor_reply import ORIGIN, PATIENCE_SCORES
from engine.music.notes import Phrase
from engine.music.phrases.store import FilePhraseStore, phrase_from_json
from engine.music.scale import Scale
from engine.osc.port import Message
from engine.parameters.moods import load_mood
from engine.parameters.sound import Mood
from engine.sampler.sampler import Sampler
from tests.engine.hub_bench import Bench

TUNE = ((62, 71), (66, 40), (69, 99), (74, 64))


def play(visitor: Visitor, start_s: float, *tune: tuple[int, int]) -> float:
    """Keys half a second apart, each down for 0.3 s; when the last is released."""
    for number, (pitch, velocity) in enumerate(tune):
        visitor.key(Key(1, pitch, velocity), start_s + 0.5 * number)
        visitor.key(Key(1, pitch, 0), start_s + 0.5 * number + 0.3)
    return start_s + 0.5 * (len(tune) - 1) + 0.3


def test_a_phrase_is_over_when_the_hands_rest_and_is_what_was_played() -> None:
    visitor = Visitor()
    end_s = play(visitor, 100.0, *TUNE)
    assert visitor.step(end_s + REST_S - 0.1) is None
    phrase = visitor.step(end_s + REST_S + 0.1)
    assert phrase is not None
    assert [(note.pitch, note.velocity) for note in phrase.notes] == list(TUNE)
    assert [note.onset_s for note in phrase.notes] == pytest.approx([0.0, 0.5, 1.0, 1.5])
    assert [note.duration_s for note in phrase.notes] == pytest.approx([0.3] * 4)
    assert (visitor.notes, visitor.waits) == (0, False)


def test_a_held_key_is_no_rest_and_a_lost_release_is_no_held_key() -> None:
    visitor = Visitor()
    end_s = play(visitor, 0.0, *TUNE)
    visitor.key(Key(1, 50, 64), end_s)
    assert visitor.step(end_s + 5.0) is None
    assert visitor.step(end_s + 11.0) is not None


def test_the_pedal_holds_notes_and_other_controllers_do_nothing() -> None:
    visitor = Visitor()
    visitor.control(Control(1, 64, 127), 0.0)
    visitor.control(Control(1, 1, 127), 0.0)
    end_s = play(visitor, 0.0, *TUNE)
    visitor.control(Control(1, 64, 0), end_s + 0.2)
    phrase = visitor.step(end_s + 2.0)
    assert phrase is not None
    assert [note.end_s for note in phrase.notes] == pytest.approx([end_s + 0.2] * 4)


def test_two_notes_and_drums_are_no_phrase_and_of_a_long_one_the_end_counts() -> None:
    visitor = Visitor()
    assert visitor.step(play(visitor, 0.0, *TUNE[:2]) + 2.0) is None
    for pitch, velocity in TUNE:
        visitor.key(Key(10, pitch, velocity), 10.0)
    assert (visitor.notes, visitor.waits) == (0, False)
    end_s = play(visitor, 20.0, *TUNE * 50)
    phrase = visitor.step(end_s + 2.0)
    assert phrase is not None
    assert LONGEST_S - 1.0 < phrase.length_s <= LONGEST_S


def test_answers_leave_time_between_them_and_the_last_phrase_waits() -> None:
    visitor = Visitor()
    first_s = play(visitor, 0.0, *TUNE) + 2.0
    assert visitor.step(first_s) is not None
    assert visitor.step(play(visitor, first_s, *TUNE) + 2.0) is None
    second_s = play(visitor, first_s + 6.0, *TUNE[::-1]) + 2.0
    assert visitor.step(second_s) is None
    assert visitor.waits
    phrase = visitor.step(first_s + PAUSE_S)
    assert phrase is not None
    assert phrase.notes[0].pitch == TUNE[-1][0]


def test_keys_through_the_hub_reach_the_renderer_as_a_phrase(tmp_path: Path) -> None:
    bench = Bench(kept=tmp_path)
    bench.say("/state/dump")
    for pitch, velocity in TUNE:
        bench.say("/midi/note", 1.0, float(pitch), float(velocity))
        bench.later(0.25)
        bench.say("/midi/note", 1.0, float(pitch), 0.0)
    bench.later(0.1)
    assert bench.got(bench.controller)["/visitor/now"] == ("listening: 4 notes",)
    bench.later(2.0)
    phrase = phrase_from_json(json.loads(str(bench.got(bench.renderer)["/renderer/visitor"][0])))
    assert [(note.pitch, note.velocity) for note in phrase.notes] == list(TUNE)
    assert phrase.notes[1].onset_s == pytest.approx(0.25, abs=0.01)
    bench.later(0.1)
    assert bench.got(bench.controller)["/visitor/now"] == ("thinking of an answer",)
    bench.say("/phrase/now", f"satie #3, {ORIGIN}", source=bench.renderer)
    bench.later(0.1)
    assert bench.got(bench.controller)["/visitor/now"] == (ORIGIN,)
    bench.say("/phrase/now", "satie #4", source=bench.renderer)
    bench.later(0.1)
    assert bench.got(bench.controller)["/visitor/now"] == ("none",)
    bench.say("/performer/visitors", "off")
    bench.say("/midi/note", 1, 60, 80)
    bench.later(0.1)
    assert bench.got(bench.controller).get("/visitor/now", ("none",)) == ("none",)
    bench.close()


def visited(store: FilePhraseStore, mood: Mood) -> tuple[Conductor, Phrase]:
    visitor = Visitor()
    phrase = visitor.step(play(visitor, 0.0, *TUNE * 3) + 2.0)
    assert phrase is not None
    return Conductor(5, mood, store), phrase


@pytest.mark.parametrize("performer", ["satie", "satie_transformer"])
def test_both_kinds_of_network_go_on_from_the_visitor_at_the_next_phrase(tmp_path: Path, performer: str) -> None:
    mood = load_mood("gymnopedie").model_copy(deep=True)
    mood.performer.name, mood.performer.phrase_s = performer, 8.0
    store = FilePhraseStore(tmp_path)
    conductor, primer = visited(store, mood)
    unprimed = conductor.request(4)
    conductor.continue_from(primer)
    [asked, *others] = conductor.wants()
    assert asked.primer == primer.notes
    assert all(request.primer is None for request in others)
    assert not conductor.answer_comes()
    assert Sampler(store, lambda *_: None).work()
    assert conductor.answer_comes()
    assert not conductor.answer_comes(), "once"
    answer = store.take(asked)
    assert answer is not None
    score = conductor.next_score()
    assert score.origin.endswith(ORIGIN)
    assert ORIGIN not in conductor.next_score().origin
    store.want([unprimed])
    Sampler(store, lambda *_: None).work()
    alone = store.take(unprimed)
    assert alone is not None
    assert asked.seed == unprimed.seed
    assert alone.notes != answer.notes, "the visitor makes a difference"


def test_what_was_played_may_be_repeated_first_in_the_moods_scale(tmp_path: Path) -> None:
    mood = load_mood("gymnopedie").model_copy(deep=True)
    mood.performer.phrase_s, mood.performer.visitors, mood.performer.tempo = 8.0, "repeated", 1.0
    store = FilePhraseStore(tmp_path)
    conductor, primer = visited(store, mood)
    conductor.continue_from(primer)
    Sampler(store, lambda *_: None).work()
    piano = conductor.next_score().voices["piano"]
    scale = Scale.from_settings(mood.scale)
    assert [note.pitch for note in piano[:12]] == [scale.quantise(pitch) for pitch, _ in TUNE * 3]
    assert len(piano) > 14
    mood.performer.visitors = "off"
    quiet, primer = visited(store, mood)
    quiet.continue_from(primer)
    assert all(request.primer is None for request in quiet.wants())


def test_what_was_played_may_be_accompanied_note_for_note(tmp_path: Path) -> None:
    mood = load_mood("gymnopedie").model_copy(deep=True)
    mood.performer.name, mood.performer.visitors = "rolls_transformer", "accompanied"
    store = FilePhraseStore(tmp_path)
    conductor, melody = visited(store, mood)
    conductor.continue_from(melody)
    [asked, *others] = conductor.wants()
    assert asked.melody == melody.notes
    assert asked.primer is None
    assert all(request.melody is None for request in others)
    Sampler(store, lambda *_: None).work()
    assert conductor.answer_comes()
    score = conductor.next_score()
    assert score.origin.endswith(ORIGIN)
    piano = score.voices["piano"]
    scale = Scale.from_settings(mood.scale)
    heard = [(round(note.onset_s, 1), note.pitch % 12) for note in piano]
    wanted = [(round(note.onset_s, 1), scale.quantise(note.pitch) % 12) for note in melody.notes]
    assert sum(one in heard for one in wanted) >= 0.9 * len(wanted)
    assert len(piano) > len(wanted) + 3


def test_an_answer_that_does_not_come_is_forgotten(tmp_path: Path) -> None:
    conductor, primer = visited(FilePhraseStore(tmp_path), load_mood("gymnopedie"))
    conductor.continue_from(primer)
    for _ in range(PATIENCE_SCORES):
        assert ORIGIN not in conductor.next_score().origin
    assert all(request.primer is None for request in conductor.wants())


def test_what_is_no_key_is_refused(tmp_path: Path) -> None:
    bench = Bench(kept=tmp_path)
    bench.say("/midi/note", 1, 200, 3)
    got = [item for item in bench.controller.received() if isinstance(item, Message)]
    assert got[0].path == "/error"
    bench.close()


@pytest.mark.parametrize("controller", [120, 123, 124, 127])
def test_a_controller_releases_all_keys_as_in_a_file(controller: int) -> None:
    visitor = Visitor()
    for number, (pitch, velocity) in enumerate(TUNE):
        visitor.key(Key(1, pitch, velocity), 0.5 * number)
    visitor.control(Control(1, controller, 0), 2.0)
    phrase = visitor.step(2.0 + REST_S)
    assert phrase is not None
    assert [note.end_s for note in phrase.notes] == pytest.approx([2.0] * 4)


def test_the_pedal_of_one_channel_does_not_lift_that_of_another() -> None:
    visitor = Visitor()
    visitor.control(Control(1, 64, 127), 0.0)
    visitor.control(Control(2, 64, 127), 0.0)
    visitor.control(Control(2, 64, 0), 0.2)
    end_s = play(visitor, 0.0, *TUNE)
    visitor.control(Control(1, 64, 0), end_s + 0.5)
    phrase = visitor.step(end_s + 2.0)
    assert phrase is not None
    assert [note.end_s for note in phrase.notes] == pytest.approx([end_s + 0.5] * 4)
