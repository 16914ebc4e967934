"""The band on real instruments: notes where they belong, nothing stuck, nothing lost between pieces."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.music.key_events import Action, KeyEvent
from engine.music.notes import Note, PedalSpan, Score
from engine.parameters.instruments import GENERAL_MIDI, GeneralMidi, instrument_names
from engine.parameters.stems import SAMPLE_RATE_HZ, VOICES
from engine.sound.voices.band import EVENT_FRAMES, RING_OUT_S, Band, SoundModule, open_module, shaped_velocity
from engine.sound.voices.fallback_voice import TIMBRES, FallbackModule
from engine.sound.voices.soundfonts import find_soundfont
from tests.engine.sounds import INSTRUMENTS, rms, score

SECOND = SAMPLE_RATE_HZ // EVENT_FRAMES * EVENT_FRAMES


class Notebook:
    """A sound module that writes down what it is told, with the frame."""

    def __init__(self) -> None:
        self.frame = 0
        self.told: list[tuple[object, ...]] = []

    def select(self, voice: int, instrument: str) -> None:
        self.told.append((self.frame, "select", voice, instrument))

    def note_on(self, voice: int, pitch: int, velocity: int) -> None:
        self.told.append((self.frame, "on", voice, pitch))

    def note_off(self, voice: int, pitch: int) -> None:
        self.told.append((self.frame, "off", voice, pitch))

    def pedal(self, voice: int, down: bool) -> None:
        self.told.append((self.frame, "pedal", voice, down))

    def silence(self) -> None:
        self.told.append((self.frame, "silence"))

    def render(self, out: np.ndarray) -> None:
        assert out.shape[1] % EVENT_FRAMES == 0
        self.frame += out.shape[1]

    def close(self) -> None:
        pass

    def notes(self, kind: str) -> list[tuple[object, ...]]:
        return [entry for entry in self.told if entry[1] == kind]


@pytest.fixture(params=["soundfont", "fallback"])
def module(request: pytest.FixtureRequest) -> SoundModule:
    path = find_soundfont() if request.param == "soundfont" else None
    if request.param == "soundfont" and path is None:
        pytest.skip("no SoundFont here")
    return open_module(path)[0]


def test_every_instrument_of_the_settings_can_be_played() -> None:
    assert set(GENERAL_MIDI) == set(TIMBRES) == set(get_args(GeneralMidi))


def test_notes_begin_and_end_within_a_block_of_their_time() -> None:
    notebook = Notebook()
    band = Band(notebook)
    band.play(SECOND, score(Note(0.5, 60, 0.25, 80), Note(0.0, 72, 1.0, 80)), INSTRUMENTS)
    for _ in range(40):
        band.render(4096)
    on, off = {e[3]: e[0] for e in notebook.notes("on")}, {e[3]: e[0] for e in notebook.notes("off")}
    assert abs(on[60] - 1.5 * SAMPLE_RATE_HZ) <= EVENT_FRAMES
    assert abs(off[60] - 1.75 * SAMPLE_RATE_HZ) <= EVENT_FRAMES
    assert on[72] == SECOND


@given(
    st.lists(
        st.tuples(
            st.floats(0, 3, allow_nan=False),
            st.integers(40, 44),
            st.floats(0.01, 2),
            st.sampled_from(["piano", "cello"]),
        ),
        max_size=25,
    ),
    st.integers(0, 10),
)
@settings(max_examples=60)
def test_every_note_that_begins_ends_even_when_cut(
    notes: list[tuple[float, int, float, str]], steps_before_cut: int
) -> None:
    notebook = Notebook()
    band = Band(notebook)
    for onset_s, pitch, duration_s, voice in notes:
        band.play(0, score(Note(onset_s, pitch, duration_s, 64), voice=voice), INSTRUMENTS)
    for _ in range(steps_before_cut):
        band.render(4096)
    cut_frame = band.frame
    band.cut()
    band.render(round((RING_OUT_S + 0.1) * SAMPLE_RATE_HZ) // EVENT_FRAMES * EVENT_FRAMES)
    sounding: set[tuple[object, object]] = set()
    for frame, kind, *rest in notebook.told:
        if kind == "on":
            assert frame < cut_frame or cut_frame == 0
            sounding.add((rest[0], rest[1]))
        elif kind == "off":
            sounding.discard((rest[0], rest[1]))
    assert sounding == set()


def test_cut_ahead_plays_on_until_then() -> None:
    notebook = Notebook()
    band = Band(notebook)
    notes = (Note(0.0, 60, 9.0, 64), Note(1.0, 62, 9.0, 64), Note(1.2, 64, 0.2, 64), Note(2.0, 65, 1.0, 64))
    band.play(0, score(*notes, pedal=(PedalSpan(0.5, 9.0), PedalSpan(2.5, 3.0))), INSTRUMENTS)
    band.render(SECOND // 2)
    band.cut(2 * SECOND)
    band.play(2 * SECOND, score(Note(0.0, 70, 1.0, 64)), INSTRUMENTS)
    band.render(5 * SECOND)
    assert [note[3] for note in notebook.notes("on")] == [60, 62, 64, 70]
    ends = {note[3]: round(int(str(note[0])) / SECOND, 1) for note in notebook.notes("off")}
    assert ends == {64: 1.4, 70: 3.0, 60: 2.0 + RING_OUT_S, 62: 2.0 + RING_OUT_S}


def test_a_note_struck_again_is_not_ended_by_its_first_release() -> None:
    notebook = Notebook()
    band = Band(notebook)
    band.play(0, score(Note(0.0, 60, 1.0, 64), Note(0.5, 60, 2.0, 64)), INSTRUMENTS)
    band.render(3 * SECOND)
    assert [round(int(str(e[0])) / SECOND, 1) for e in notebook.notes("off")] == [2.5]


def test_pedal_of_two_scores_that_overlap_is_up_only_after_both() -> None:
    notebook = Notebook()
    band = Band(notebook)
    band.play(0, score(pedal=(PedalSpan(0.0, 2.0),)), INSTRUMENTS)
    band.play(SECOND, score(pedal=(PedalSpan(0.0, 2.0),)), INSTRUMENTS)
    band.render(4 * SECOND)
    assert [entry[3] for entry in notebook.notes("pedal")] == [True, True, True, False]


def test_instruments_change_with_the_phrase_for_voices_that_play_in_it() -> None:
    notebook = Notebook()
    band = Band(notebook)
    both = Score({"piano": (Note(0.0, 60, 0.5, 64),), "bells": (Note(0.0, 72, 0.5, 64),)}, length_s=1.0)
    band.play(0, both, INSTRUMENTS)
    band.play(SECOND, both, {**INSTRUMENTS, "bells": "celesta", "chords": "harpsichord"})
    band.render(2 * SECOND)
    assert {entry[2] for entry in notebook.notes("select")} == {0, 2}
    assert [entry for entry in notebook.notes("select") if entry[0] == SECOND] == [(SECOND, "select", 2, "celesta")]


def test_pieces_of_any_length_give_the_same_sound(module: SoundModule) -> None:
    notes = [Note(0.1 * i, 50 + (7 * i) % 24, 0.4, 70) for i in range(12)]
    band = Band(module)
    band.play(0, score(*notes, pedal=(PedalSpan(0.1, 0.9),)), INSTRUMENTS)
    whole = band.render(2 * SECOND)
    module.close()
    again = open_module(None if isinstance(module, FallbackModule) else find_soundfont())[0]
    band = Band(again)
    band.play(0, score(*notes, pedal=(PedalSpan(0.1, 0.9),)), INSTRUMENTS)
    pieces = np.concatenate([band.render(2 * SECOND // 4 // EVENT_FRAMES * EVENT_FRAMES) for _ in range(4)], axis=1)
    assert np.abs(whole[:, : pieces.shape[1]] - pieces).max() < 1e-4
    again.close()


@pytest.mark.parametrize("voice", VOICES)
def test_each_voice_sounds_on_its_own_outputs_only(module: SoundModule, voice: str) -> None:
    band = Band(module)
    band.play(0, score(Note(0.0, 60 if voice != "drums" else 38, 1.0, 90), voice=voice), INSTRUMENTS)
    audio = band.render(SECOND)
    number = VOICES.index(voice)
    assert rms(audio[2 * number : 2 * number + 2]) > 1e-3
    assert np.abs(np.delete(audio, [2 * number, 2 * number + 1], axis=0)).max() == 0.0
    module.close()


def test_a_ringing_note_survives_a_change_of_instrument(module: SoundModule) -> None:
    band = Band(module)
    band.play(0, score(Note(0.0, 48, 3.0, 100)), INSTRUMENTS)
    band.play(SECOND, score(), {**INSTRUMENTS, "piano": "electric_piano"})
    audio = band.render(2 * SECOND)
    assert rms(audio[:2, SECOND + 4800 : SECOND + 9600]) > 0.3 * rms(audio[:2, SECOND - 9600 : SECOND - 4800])
    module.close()


def test_pedal_lets_a_piano_note_ring(module: SoundModule) -> None:
    held = Band(module)
    held.play(0, score(Note(0.0, 48, 0.2, 90), pedal=(PedalSpan(0.05, 3.0),)), INSTRUMENTS)
    with_pedal = rms(held.render(2 * SECOND)[:2, SECOND:])
    held.reset(0)
    held.play(0, score(Note(0.0, 48, 0.2, 90)), INSTRUMENTS)
    without = rms(held.render(2 * SECOND)[:2, SECOND:])
    assert with_pedal > 5 * without
    module.close()


def test_a_full_chord_does_not_clip(module: SoundModule) -> None:
    band = Band(module)
    band.play(0, score(*(Note(0.0, pitch, 2.0, 100) for pitch in (36, 43, 48, 55, 60, 64, 67, 72))), INSTRUMENTS)
    audio = band.render(SECOND)
    assert np.isfinite(audio).all()
    assert np.abs(audio).max() < 2.0  # layers and leveller bring it down; floats do not clip on the way
    module.close()


def test_without_a_usable_soundfont_the_voices_are_synthesised_and_say_so(tmp_path: Path) -> None:
    broken = tmp_path / "broken.sf2"
    broken.write_bytes(b"RIFF\x10\x00\x00\x00sfbk" + b"\x00" * 64)
    for path in (None, broken):
        module, why = open_module(path)
        assert isinstance(module, FallbackModule)
        assert "synthesised" in why


def test_velocity_curve_rises_and_keeps_its_ends() -> None:
    shaped = [shaped_velocity(velocity) for velocity in range(1, 128)]
    assert shaped == sorted(shaped)
    assert (shaped[0] >= 1, shaped[-1]) == (True, 127)


@pytest.mark.skipif(find_soundfont() is None, reason="no SoundFont here")
@pytest.mark.parametrize("instrument", instrument_names())
def test_no_instrument_has_a_mean(instrument: str) -> None:
    """FluidR3's pad has one of -23 dB; with an open low cut it ended every renderer as a direct current."""
    band = Band(open_module(find_soundfont())[0])
    notes = [Note(0.0, pitch, 2.0, 90) for pitch in (38, 50, 57)]
    band.play(0, score(*notes), {**INSTRUMENTS, "piano": instrument})
    audio = band.render(2 * SECOND)[:2, SECOND // 2 :]
    assert np.abs(audio.mean(axis=1)).max() < 0.02 * max(np.abs(audio).max(), 0.01)


def test_who_listens_is_told_of_every_key_at_the_frame_at_which_it_sounds() -> None:
    """Velocities are the score's, before they are brought closer together for a SoundFont."""
    heard: list[KeyEvent] = []
    module = Notebook()
    band = Band(module, on_key=heard.append)
    piano = (Note(0.1, 60, 0.2, 40), Note(0.2, 64, 0.2, 90))
    band.play(0, score(*piano, pedal=(PedalSpan(0.05, 0.5),)), INSTRUMENTS)
    band.render(SECOND)
    said = [(event.action, event.pitch, event.value) for event in heard]
    assert said == [
        (Action.PEDAL, 0, 1),
        (Action.ON, 60, 40),
        (Action.ON, 64, 90),
        (Action.OFF, 60, 0),
        (Action.OFF, 64, 0),
        (Action.PEDAL, 0, 0),
    ]
    assert [event.frame for event in heard[1:3]] == [4_800, 9_600]
    assert {event.voice for event in heard} == {"piano"}
