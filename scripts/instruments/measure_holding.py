"""What happens while a key is held: does a loop come back, how do partials fall, is there a vibrato, does touch tell?

    python -m scripts.instruments.measure_holding [PICTURE.png]

Every row is played twice: by the SoundFont that is found, and by the recordings that come along.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.parameters.stems import SAMPLE_RATE_HZ
from scripts.instruments.harmonics import STEP, analysed
from scripts.instruments.making import frequency_hz
from scripts.instruments.measure import Stereo, correlation, key, noise_db, tilt_db

HELD_S: Final = 13.0
VELOCITIES: Final = (42, 60, 80)
PITCHES: Final = {
    "cello": (38, 48, 55, 67),
    "choir": (48, 60, 69),
    "celesta": (60, 72, 84),
    "bells": (60, 72),
    "guitar": (45, 57),
}
SHORTEST_LOOP_S: Final = 0.25
"""Longer than a period of a vibrato, which comes back too."""
LONGEST_LOOP_S: Final = 5.0
_LEVELS_HZ: Final = 200
_BANDS: Final = 10
_FIRST_S: Final = 1.0
_LAST_S: Final = 9.0
_STRONGEST: Final = 3

Real = NDArray[np.float64]


def loop(sound: Stereo, pitch_hz: float) -> tuple[float, float]:
    """How alike the levels of its partials are to themselves after a while, 1 for a loop, and after which, in s."""
    levels = _levels_db(sound, [number * pitch_hz for number in range(1, _BANDS + 1)], 0.45 * pitch_hz)
    whole = np.zeros(levels.shape[1])
    for one in levels:
        at = np.arange(len(one))
        rest = one - np.polyval(np.polyfit(at, one, 2), at)
        turns = np.fft.irfft(np.abs(np.fft.rfft(rest, 2 * len(rest))) ** 2)[: len(rest)] / np.arange(len(rest), 0, -1)
        whole += turns / turns[0] / len(levels)
    first, last = round(SHORTEST_LOOP_S * _LEVELS_HZ), round(LONGEST_LOOP_S * _LEVELS_HZ)
    best = first + int(np.argmax(whole[first:last]))
    return float(whole[best]), best / _LEVELS_HZ


def falls(sound: Stereo) -> list[tuple[float, float]]:
    """Frequency in Hz and fall in dB/s, from 0.1 to 2 s, of its strongest partials."""
    piece = sound[:, SAMPLE_RATE_HZ // 10 : 2 * SAMPLE_RATE_HZ].astype(np.float64).sum(axis=0)
    power = np.abs(np.fft.rfft(piece * np.blackman(len(piece)))) ** 2
    found: list[float] = []
    for line in np.argsort(-power):
        hz = line * SAMPLE_RATE_HZ / len(piece)
        if len(found) < _STRONGEST and all(abs(hz - one) > 30 for one in found):
            found.append(hz)
    pieces = np.array_split(piece, 10)
    fallen = []
    for hz in sorted(found):
        levels = [_line_db(one, hz) for one in pieces]
        fallen.append((hz, float(-np.polyfit(np.arange(10) * len(pieces[0]) / SAMPLE_RATE_HZ, levels, 1)[0])))
    return fallen


def vibrato(sound: Stereo, pitch_hz: float) -> tuple[float, float]:
    """Hz, and cents to either side."""
    mono = sound[:, round(_FIRST_S * SAMPLE_RATE_HZ) : round(_LAST_S * SAMPLE_RATE_HZ)].astype(np.float64).sum(axis=0)
    pitch = analysed(mono, SAMPLE_RATE_HZ, pitch_hz).pitch_hz
    cents = 1200 * np.log2(pitch[len(pitch) // 20 : -len(pitch) // 20] / pitch_hz)
    spectrum = np.abs(np.fft.rfft((cents - cents.mean()) * np.hanning(len(cents))))
    hz = np.fft.rfftfreq(len(cents), STEP / SAMPLE_RATE_HZ)
    near = (hz > 3) & (hz < 9)
    return float(hz[near][np.argmax(spectrum[near])]), float(np.sqrt(2) * cents.std())


def lasts_s(sound: Stereo) -> float:
    """Until it has fallen by 12 dB under its level at one second."""
    window = SAMPLE_RATE_HZ // 10
    power = (sound[:, : sound.shape[1] // window * window].astype(np.float64) ** 2).sum(axis=0)
    levels = 10 * np.log10(power.reshape(-1, window).mean(axis=1) + 1e-14)
    fallen = np.flatnonzero(levels[10:] < levels[10] - 12)
    return float(fallen[0] / 10 + 1) if len(fallen) else HELD_S


def _levels_db(sound: Stereo, bands_hz: list[float], half_hz: float) -> Real:
    """[bands, moments] of what lies around frequencies, while the note is held."""
    piece = sound[0, round(_FIRST_S * SAMPLE_RATE_HZ) : round(_LAST_S * SAMPLE_RATE_HZ)].astype(np.float64)
    spectrum = np.fft.fft(piece)
    hz = np.fft.fftfreq(len(piece), 1 / SAMPLE_RATE_HZ)
    inside = [(hz > 0) & (np.abs(hz - one) < min(half_hz, 60.0)) for one in bands_hz]
    sizes = [np.abs(np.fft.ifft(spectrum * one))[:: SAMPLE_RATE_HZ // _LEVELS_HZ] for one in inside]
    return np.asarray(20 * np.log10(np.asarray(sizes) + 1e-9))


def _line_db(piece: Real, hz: float) -> float:
    window = np.hanning(len(piece))
    turned = piece * window * np.exp(-2j * np.pi * hz / SAMPLE_RATE_HZ * np.arange(len(piece)))
    return float(20 * np.log10(np.abs(turned.sum()) / window.sum() + 1e-12))


def rows(instrument: str, pitch: int, recorded: bool) -> str:
    """One line of the table."""
    hz = frequency_hz(pitch)
    sounds = {one: key(instrument, one, pitch, recorded, HELD_S) for one in VELOCITIES}
    middle = sounds[VELOCITIES[1]]
    alike, after_s = loop(middle, hz)
    touch = tilt_db(sounds[VELOCITIES[-1]]) - tilt_db(sounds[VELOCITIES[0]])
    more = " ".join(f"{one:.0f} Hz {fall:.0f}" for one, fall in falls(middle))
    if instrument == "cello":
        more = "{:.1f} Hz, {:.0f} cents".format(*vibrato(middle, hz))
    return (
        f"| {instrument} {pitch} | {'now' if recorded else 'before'} | {alike:.2f} ({after_s:.2f} s) "
        f"| {lasts_s(middle):.1f} | {noise_db(middle):.0f} | {touch:.1f} | {correlation(middle):.2f} | {more} |"
    )


def main() -> None:
    print("| note | | loop | lasts s | noise dB | touch dB | correlation | vibrato, or fall in dB/s |")
    print("|" + "---|" * 8)
    for instrument, pitches in PITCHES.items():
        for pitch in pitches:
            for recorded in (False, True):
                print(rows(instrument, pitch, recorded), flush=True)
    if len(sys.argv) > 1:
        draw(Path(sys.argv[1]))


def draw(path: Path) -> None:
    """A held note of three instruments, before and now."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 6.5), layout="constrained")
    axes = figure.subplots(3, 2, sharex=True)
    for line, (instrument, pitch, highest_hz) in zip(
        axes, (("cello", 50, 3000), ("celesta", 72, 5000), ("choir", 60, 3000)), strict=True
    ):
        for axis, recorded in zip(line, (False, True), strict=True):
            sound = key(instrument, 60, pitch, recorded, HELD_S).mean(axis=0)
            axis.specgram(sound, NFFT=4096, Fs=SAMPLE_RATE_HZ, noverlap=3072, vmin=-150, vmax=-50, cmap="magma")
            axis.set(ylim=(0, highest_hz), title=f"{instrument}, {'now' if recorded else 'before'}")
    for axis in axes[-1]:
        axis.set_xlabel("s")
    figure.savefig(path, dpi=60)


if __name__ == "__main__":
    main()
