"""What verification hears in stems: it must hold for what the engine makes, and for nothing that is nearly so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.signal
import soundfile
from numpy.typing import NDArray

from engine.album.plan.sheet import MasterSettings, Section, Track
from engine.album.rendering.air import copied
from engine.album.sound_files.resampling import at_rate
from engine.album.verification.sound_checks import limited, mirrored, vocoder_follows, with_pauses
from engine.album.verification.verification import changes_by_layer
from engine.music.notes import Note
from engine.sound.semitone_vocoder import HOP_FRAMES, LATENESS_FRAMES, SemitoneVocoder

RATE_HZ = 48_000
ROUND_S, LENGTH_S = 3.1, 8.0
CUTS_HZ = (30.0, 16_000.0)
"""Which every layer has."""

Sound = NDArray[np.float32]


def texture() -> Sound:
    """Tones that come and go over soft noise, mostly below 300 Hz: where a frame's difference is hardest to hear."""
    rng = np.random.default_rng(3)
    time_s = np.arange(round(ROUND_S * RATE_HZ)) / RATE_HZ
    tones = [np.sin(2 * np.pi * (round(hz * ROUND_S) / ROUND_S * time_s)) for hz in (98.0, 147.0, 196.0, 294.0)]
    swells = [1 + 0.5 * np.sin(2 * np.pi * n * time_s / ROUND_S) for n in (1, 2, 3, 4)]
    air = 0.002 * rng.standard_normal(len(time_s))
    return (0.05 * sum(t * s for t, s in zip(tones, swells, strict=True)) + air).astype(np.float32)


def write_pair(folder: Path, right: Sound, rate_hz: int = RATE_HZ) -> list[dict[str, Any]]:
    """Both copies going round, each at a level of its own that moves, and their clips as a recipe names them."""
    kinds = zip(CUTS_HZ, ("highpass", "lowpass"), strict=True)
    cuts = np.concatenate([scipy.signal.butter(2, hz, kind, fs=RATE_HZ, output="sos") for hz, kind in kinds])
    places = np.arange(round(LENGTH_S * RATE_HZ))
    clips = []
    for stem, sound, levels in (("texture_1", texture(), (0.5, 1.0)), ("texture_2", right, (1.0, 0.7))):
        played = sound[places % len(sound)] * np.linspace(*levels, len(places), dtype=np.float32)
        played = scipy.signal.sosfilt(cuts, played).astype(np.float32)
        stereo = at_rate(np.stack([played, 0.2 * played], axis=1), rate_hz)
        soundfile.write(folder / f"{stem}.flac", stereo, rate_hz, subtype="PCM_24")
        clip = {"stem": stem, "start_s": 0.0, "end_s": LENGTH_S, "fades_s": [0.0, 0.0], "offset_s": 0.0}
        clips.append({**clip, "round_s": ROUND_S, "cuts_hz": CUTS_HZ})
    return clips


@pytest.mark.parametrize("rate_hz", [48_000, 44_100])
def test_a_turned_copy_is_known_at_every_rate(tmp_path: Path, rate_hz: int) -> None:
    check = mirrored(1, tmp_path, *write_pair(tmp_path, copied(texture(), "halves_swapped"), rate_hz), ())
    assert check.passed, check.figure


def _swapped_only(sound: Sound) -> Sound:
    middle = len(sound) // 2
    return np.concatenate([sound[middle:], sound[:middle]])


def _reversed_without_swapping(sound: Sound) -> Sound:
    middle = len(sound) // 2
    return np.concatenate([sound[:middle][::-1], sound[middle:][::-1]])


@pytest.mark.parametrize("rate_hz", [48_000, 44_100])
@pytest.mark.parametrize(
    "wrong",
    [
        lambda sound: np.roll(copied(sound, "halves_swapped"), 1),
        lambda sound: np.roll(copied(sound, "halves_swapped"), -1),
        _swapped_only,
        _reversed_without_swapping,
        lambda sound: sound,
    ],
    ids=["a frame late", "a frame early", "not reversed", "not swapped", "untouched"],
)
def test_a_copy_that_is_turned_wrongly_is_not_taken_for_it(
    tmp_path: Path, wrong: Callable[[Sound], Sound], rate_hz: int
) -> None:
    check = mirrored(1, tmp_path, *write_pair(tmp_path, wrong(texture()), rate_hz), ())
    assert check.passed is False, check.figure


@pytest.mark.parametrize("rate_hz", [48_000, 44_100])
def test_what_a_limiter_did_is_not_taken_for_another_copy(tmp_path: Path, rate_hz: int) -> None:
    clips = write_pair(tmp_path, copied(texture(), "halves_swapped"), rate_hz)
    blow = np.zeros((round(LENGTH_S * rate_hz), 2), np.float32)
    blow[round(2.0 * rate_hz)] = 0.89
    soundfile.write(tmp_path / "track.flac", blow, rate_hz, subtype="PCM_24")
    gain = np.interp(np.arange(len(blow)) / rate_hz, [1.98, 2.0, 2.02], [1.0, 0.3, 1.0])[:, None]
    for clip in clips:
        path = tmp_path / f"{clip['stem']}.flac"
        sound, _ = soundfile.read(path)
        soundfile.write(path, (sound * gain[: len(sound)]).astype(np.float32), rate_hz, subtype="PCM_24")
    assert mirrored(1, tmp_path, *clips, ()).passed is False
    touched = limited(tmp_path / "track.flac", MasterSettings())
    assert 0.05 < touched.mean() < 0.2
    check = mirrored(1, tmp_path, *clips, (), touched)
    assert check.passed, check.figure
    assert mirrored(1, tmp_path, *clips, (), np.ones_like(touched)).passed is None


def test_a_layer_that_hides_its_copy_is_named_rather_than_blamed() -> None:
    layer = {"texture_1": {"reverb": 0}, "texture_2": {"reverb": 0.3, "compressor": 0.5}}
    moves = {"/layer/texture_1/lowpass_hz": [[0, 800], [4, 9000]], "/layer/texture_1/level_db": [[0, -30], [4, -20]]}
    track = Track.model_validate({"title": "x", "layer": layer, "automation": moves})
    assert list(changes_by_layer(track, "texture_1")) == ["a moving lowpass_hz"]
    assert list(changes_by_layer(track, "texture_2")) == ["compressor", "reverb"]
    check = mirrored(1, Path("not read"), {"stem": "texture_1"}, {"stem": "texture_2"}, ["compressor", "reverb"])
    assert check.passed is None
    assert "compressor, reverb" in check.figure


CHORDS = ((50, 57, 62), (52, 59, 64), (54, 57, 62), (50, 57, 66))
CHORD_S = 2.5


def notes(chords: tuple[tuple[int, ...], ...]) -> list[Note]:
    return [Note(CHORD_S * n, pitch, CHORD_S, 70) for n, chord in enumerate(chords) for pitch in chord]


def carrier() -> Sound:
    """D major held throughout, with all harmonics: every chord's tones are in it all the time."""
    time_s = np.arange(round(CHORD_S * len(CHORDS) * RATE_HZ)) / RATE_HZ
    pitches = (38, 45, 50, 52, 54, 57, 59, 61)
    sound = sum(np.sin(2 * np.pi * 440 * 2 ** ((p - 69) / 12) * n * time_s) / n for p in pitches for n in range(1, 12))
    return (0.02 * sound + 0.01 * np.random.default_rng(1).standard_normal(len(time_s))).astype(np.float32)


def spoken() -> Sound:
    """`carrier` through the record's own vocoder, spoken by decaying chords; [frames, 1]."""
    frames = round(CHORD_S * RATE_HZ)
    time_s = np.arange(frames) / RATE_HZ
    struck = np.zeros(frames * len(CHORDS))
    for n, chord in enumerate(CHORDS):
        partials = [(440 * 2 ** ((pitch - 69) / 12) * k, 0.7**k) for pitch in chord for k in range(1, 9)]
        tone = sum(gain * np.sin(2 * np.pi * hz * time_s) for hz, gain in partials)
        struck[n * frames : (n + 1) * frames] = 0.1 * np.exp(-0.8 * time_s) * tone
    ahead = np.pad(struck, (0, LATENESS_FRAMES))[: len(struck) // HOP_FRAMES * HOP_FRAMES].astype(np.float32)
    return SemitoneVocoder().process(ahead, carrier()[: len(ahead)])[LATENESS_FRAMES:, None]


def test_a_voice_that_speaks_its_chords_is_told_from_one_that_does_not() -> None:
    voice, plain = spoken(), carrier()[:, None]
    assert vocoder_follows(1, voice, RATE_HZ, notes(CHORDS)).passed
    assert vocoder_follows(1, plain, RATE_HZ, notes(CHORDS)).passed is False
    exchanged = vocoder_follows(1, voice, RATE_HZ, notes((CHORDS[1], CHORDS[0], CHORDS[3], CHORDS[2])))
    assert exchanged.passed is False, exchanged.figure


def test_of_a_single_chord_nothing_can_be_told() -> None:
    assert vocoder_follows(1, carrier()[:, None], RATE_HZ, notes(CHORDS[:1] * 4)).passed is None


def test_where_tones_speak_against_each_other_it_is_left_open() -> None:
    one_right = (CHORDS[2], CHORDS[1], CHORDS[0], CHORDS[1])
    check = vocoder_follows(1, spoken(), RATE_HZ, notes(one_right))
    assert check.passed is None, check.figure
    assert "too few to tell" in check.figure


def test_where_a_section_leaps_in_level_mirrors_are_not_asked() -> None:
    levels = {"a": 0.0, "pause": -60.0, "b": -6.0, "c": -3.0}
    sections = [Section(name=name, length=10.0, level_db=level, glide_s=1.0) for name, level in levels.items()]
    touched = with_pauses(np.zeros(40 * RATE_HZ, np.bool_), sections, [0.0, 10.0, 20.0, 30.0])
    asked_s = np.flatnonzero(touched) / RATE_HZ
    assert {int(second) for second in asked_s} == {8, 9, 10, 18, 19, 20}
    assert not touched[29 * RATE_HZ : 30 * RATE_HZ].any(), "3 dB in a second are even enough"
