"""The tape machine alone: pitch wanders, loud sound is rounded off, the top goes."""

from __future__ import annotations

import numpy as np

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.layers.effects.tape import Tape
from engine.sound.layers.manual_server import STEP_FRAMES
from tests.engine.sound.layers.insert_bench import INAUDIBLE, Sound, insert_bench, level_db, tone

STILL = {"tape": 1.0, "tape_wow": 0.0, "tape_flutter": 0.0, "tape_drive_db": 0.0}


def through(sound: Sound, **values: float) -> Sound:
    with insert_bench(Tape) as bench:
        return bench.play(sound, STILL | values)[4 * STEP_FRAMES :]


def bent_cents(sound: Sound, frequency_hz: float) -> float:
    """How far the pitch is from that frequency at the most, by the way of its phase."""
    place = np.arange(len(sound)) / SAMPLE_RATE_HZ
    turned = sound[:, 0] * np.exp(-2j * np.pi * frequency_hz * place)
    smooth = np.convolve(turned, np.ones(2400) / 2400, "valid")[::480]
    off_hz = np.diff(np.unwrap(np.angle(smooth))) / (2 * np.pi * 0.01)
    return float(1200 * np.log2(1 + np.abs(off_hz).max() / frequency_hz))


def test_at_nought_sound_goes_through_as_it_is() -> None:
    sound = tone(1000.0, 0.5, 8)
    assert np.abs(through(sound, tape=0.0) - sound[4 * STEP_FRAMES :]).max() < INAUDIBLE


def test_wow_bends_the_pitch_by_some_cents_and_without_it_nothing_does() -> None:
    sound = tone(1000.0, 0.1, 40)
    assert 8.0 < bent_cents(through(sound, tape_wow=1.0), 1000.0) < 20.0
    assert bent_cents(through(sound), 1000.0) < 0.5


def test_loud_sound_gets_overtones_of_the_third_kind() -> None:
    def third(level: float, drive_db: float) -> float:
        heard = through(tone(1000.0, level, 16), tape_drive_db=drive_db)[:, 0]
        lines = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
        bin_hz = SAMPLE_RATE_HZ / len(heard)
        return float(20 * np.log10(lines[round(3000 / bin_hz)] / lines[round(1000 / bin_hz)]))

    assert third(0.5, 12.0) > -30.0
    assert third(0.01, 0.0) < -70.0


def test_it_is_duller_than_what_goes_in() -> None:
    def gain_db(frequency_hz: float) -> float:
        sound = tone(frequency_hz, 0.05, 12)
        return level_db(through(sound)) - level_db(sound[4 * STEP_FRAMES :])

    assert gain_db(10_000.0) < -4.0
    assert abs(gain_db(300.0)) < 0.5
