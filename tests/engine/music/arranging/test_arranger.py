"""The arranger: what holds for every score, and what each voice is given."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.music.arranging.arranger import LEVEL, Shape, arrange, held_over, without_clusters
from engine.music.arranging.lines import CELLO_HIGH, CELLO_LOW
from engine.music.harmony import SHARED_S, clashes, pedalled, shared_s
from engine.music.notes import Note, Phrase, Score, sorted_notes
from engine.music.scale import Scale
from engine.parameters.sound import SoundSettings
from engine.parameters.stems import VOICES
from tests.engine.phrases import phrases, wandering


def everything() -> SoundSettings:
    sound = SoundSettings()
    for voice in VOICES:
        getattr(sound.voice, voice).density = 1.0
    return sound


SOUND = everything()
MODES = st.sampled_from(["major", "gnossienne", "major_pentatonic", "third_mode", "aeolian", "whole_tone"])


def check(score: Score, sound: SoundSettings) -> None:
    """What holds for every score."""
    scale = Scale.from_settings(sound.scale)
    heard = pedalled(score.voices["piano"], score.pedal)
    before = list(heard)
    for voice in ("cello", "chords", "guitar", "bells"):
        line = score.voices[voice]
        for note in line:
            assert scale.contains(note.pitch)
            assert not clashes(note, [other for other in (*before, *line) if other is not note]), voice
        before += line
    for voice in VOICES:
        line = score.voices[voice]
        assert line == sorted_notes(line)
        assert all(0 <= n.pitch <= 127 and 1 <= n.velocity <= 127 and n.duration_s > 0 <= n.onset_s for n in line)
        for one, other in combinations(line, 2):
            assert one.pitch != other.pitch or shared_s(one, other) <= 1e-6, voice
    assert all(scale.contains(note.pitch) and 21 <= note.pitch <= 108 for note in score.voices["piano"])
    assert score.length_s > 0


def struck(*strokes: tuple[float, int]) -> Phrase:
    """A phrase of short soft notes, each an onset in seconds and a pitch."""
    return Phrase(tuple(Note(onset_s, pitch, 0.01, 1) for onset_s, pitch in strokes), (), "test", 1)


TWICE_BEFORE_A_GAP = struck((0.0, 21), (0.05, 21), (0.1, 21), (1.1, 56))
"""A key struck twice before a silence, over which the last notes are held."""
TWICE_IN_A_CHORD = struck((0.0, 21), (0.0, 78), (0.08, 44), (0.4, 21), (3.31, 65), (3.5, 21), (3.68, 58), (5.78, 21))
"""Two tones of a held chord settle on one pitch."""


@settings(max_examples=40)
@example(TWICE_BEFORE_A_GAP, "major", 0)
@example(TWICE_IN_A_CHORD, "third_mode", 0)
@given(phrases, MODES, st.integers(0, 3))
def test_whatever_comes_the_score_is_sound(phrase: Phrase, mode: str, seed: int) -> None:
    sound = everything()
    sound.scale.mode = mode
    check(arrange(phrase, sound, seed), sound)


@pytest.mark.parametrize("seed", range(6))
def test_same_arguments_same_score(seed: int) -> None:
    phrase = wandering(seed, 2.5, 20.0)
    assert arrange(phrase, SOUND, seed) == arrange(phrase, SOUND, seed)
    assert arrange(phrase, SOUND, seed) != arrange(wandering(seed + 1, 2.5, 20.0), SOUND, seed)
    check(arrange(phrase, SOUND, seed), SOUND)


@pytest.mark.parametrize("seed", range(6))
def test_the_cello_is_low_legato_and_under_the_piano(seed: int) -> None:
    score = arrange(wandering(seed, 2.5, 20.0), SOUND, seed)
    heard = pedalled(score.voices["piano"], score.pedal)
    line = score.voices["cello"]
    assert line
    assert all(CELLO_LOW <= note.pitch <= CELLO_HIGH for note in line)
    assert sum(note.duration_s for note in line) / len(line) > 1.2
    for note in line:
        lower = [o for o in heard if o.pitch < note.pitch and shared_s(o, note) > SHARED_S + 1e-6]
        assert all(o.pitch < CELLO_LOW and (note.pitch - o.pitch) % 12 == 0 for o in lower)


def test_bells_are_sparse_and_high() -> None:
    score = arrange(wandering(3, 2.5, 40.0), SOUND, 3)
    rung = score.voices["bells"]
    assert 2 <= len(rung) <= score.length_s / 2
    assert all(note.pitch >= 60 for note in rung)


def test_chords_are_held_and_clear() -> None:
    score = arrange(wandering(4, 2.0, 40.0), SOUND, 4)
    chords = score.voices["chords"]
    assert sum(note.duration_s for note in chords) / len(chords) > 2.0
    assert len(chords) < len(score.voices["piano"])


@pytest.mark.parametrize("voice", VOICES)
def test_density_nought_is_silence(voice: str) -> None:
    sound = everything()
    getattr(sound.voice, voice).density = 0.0
    assert arrange(wandering(5, 3.0, 20.0), sound, 5).voices[voice] == ()


@pytest.mark.parametrize("voice", ["cello", "bells", "chords", "guitar"])
def test_density_is_a_share(voice: str) -> None:
    def count(density: float) -> int:
        sound = everything()
        getattr(sound.voice, voice).density = density
        return sum(len(arrange(wandering(seed, 3.0, 30.0), sound, seed).voices[voice]) for seed in range(6))

    assert 0 < count(0.4) < 0.8 * count(1.0)


def test_octaves_are_written_into_the_score() -> None:
    sound = everything()
    plain = arrange(wandering(6, 2.5, 20.0), sound, 6).voices
    sound.voice.bells.octave, sound.voice.piano.octave = 1, 1
    raised = arrange(wandering(6, 2.5, 20.0), sound, 6).voices
    assert max(n.pitch for n in raised["bells"]) > max(n.pitch for n in plain["bells"])
    assert min(n.pitch for n in raised["piano"]) > min(n.pitch for n in plain["piano"])


def test_tempo_and_touch() -> None:
    phrase = wandering(7, 2.5, 20.0)
    slow, loud = everything(), everything()
    slow.performer.tempo, loud.performer.velocity = 0.5, 1.3
    plain = arrange(phrase, SOUND, 7)
    assert arrange(phrase, slow, 7).voices["piano"][-1].onset_s > 1.6 * plain.voices["piano"][-1].onset_s
    assert max(n.velocity for n in arrange(phrase, loud, 7).voices["piano"]) > max(
        n.velocity for n in plain.voices["piano"]
    )


@pytest.mark.parametrize("breath_s", [0.0, 2.0, 8.0])
def test_a_breath_is_asked_for_and_bridged(breath_s: float) -> None:
    sound = everything()
    sound.conductor.breath_s = breath_s
    score = arrange(wandering(8, 2.5, 20.0), sound, 8)
    last_s = score.voices["piano"][-1].onset_s
    assert breath_s - 1.0 <= score.length_s - last_s <= breath_s + 5.0
    lasting = [note.end_s for voice in ("piano", "cello", "chords") for note in score.voices[voice]]
    assert max(lasting) >= score.length_s - 1.3


def test_density_is_thinned_to_what_is_asked() -> None:
    phrase = wandering(9, 6.0, 20.0)
    sound = everything()
    sound.performer.density_notes_per_s = 1.5
    piano = arrange(phrase, sound, 9).voices["piano"]
    assert len(piano) / piano[-1].onset_s < 1.5 * 1.25


def test_the_shape_moves_density_loudness_and_register() -> None:
    phrase = Phrase(tuple(n for n in wandering(10, 3.0, 20.0).notes if n.pitch <= 80))
    level = arrange(phrase, SOUND, 10, LEVEL).voices["piano"]
    thin = arrange(phrase, SOUND, 10, Shape(density=0.6)).voices["piano"]
    soft = arrange(phrase, SOUND, 10, Shape(loudness=0.8)).voices["piano"]
    high = arrange(phrase, SOUND, 10, Shape(lift=1)).voices["piano"]
    assert len(thin) / thin[-1].onset_s < 0.8 * len(level) / level[-1].onset_s
    assert max(n.velocity for n in soft) < max(n.velocity for n in level)
    assert max(n.pitch for n in high) > max(n.pitch for n in level)


def test_an_empty_phrase_is_a_short_rest() -> None:
    score = arrange(Phrase(()), SOUND, 1)
    assert set(score.voices) == set(VOICES)
    assert not any(score.voices.values())


def test_neighbouring_keys_let_each_other_go() -> None:
    ringing, late = Note(0.0, 61, 3.0, 60), Note(1.0, 62, 1.0, 60)
    assert without_clusters([ringing, late]) == (replace(ringing, duration_s=1.0), late)
    together = [Note(0.0, 61, 1.0, 50), Note(0.0, 62, 1.0, 60)]
    assert without_clusters(together) == (together[1],)


def test_holding_over_stops_at_the_next_stroke() -> None:
    line = (Note(0.0, 60, 1.0, 60), Note(0.5, 64, 0.6, 60), Note(1.0, 60, 0.2, 60))
    held = held_over(line, 0.9, 5.0, ())
    assert [note.end_s for note in held] == [1.0, 5.0, 5.0]
