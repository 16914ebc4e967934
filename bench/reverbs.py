"""Draws what the two reverbs make of one impulse: `python -m bench.reverbs PICTURE.png`.

Decay is read between -5 and -35 dB, in the octaves from 100 to 500 Hz. Echo density after Abel and Huang, "A simple,
robust measure of reverberation echo density" (AES 121, 2006): 1 is as dense as noise. A pitch that whistles on stands
out of the late treble: the highest line of a third of an octave over its median; in noise, 8 dB.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from engine.parameters.addresses import values_of
from engine.parameters.sound import SoundSettings
from engine.parameters.stems import LAYERS, SAMPLE_RATE_HZ, STEMS
from engine.sound.layers.layers import Layers
from engine.sound.layers.manual_server import STEP_FRAMES

_SOURCE: Final = LAYERS.index("piano")
TREBLE_HZ: Final = tuple(np.geomspace(4000.0, 14_000.0, 7).tolist())
_SHOWN: Final = (("near", "near_s", 0.7), ("far", "reverb_s", 4.5))

Tail = NDArray[np.float64]
"""[frames, 2]."""


def tail(stem: str, parameter: str, decay_s: float) -> Tail:
    """What the stem of a return is after an impulse on a layer that sends all it has, through the whole graph."""
    settings = SoundSettings()
    numbers = {path: float(value) for path, value in values_of(settings).items() if not isinstance(value, str)}
    send = {"near": "near", "far": "reverb"}[stem]
    numbers |= {"/layer/piano/level_db": 0.0, f"/layer/piano/{send}": 1.0, f"/effects/{parameter}": decay_s}
    layers, pieces = Layers(), []
    number = 2 * STEMS.index(stem)
    for step in range(round(1.2 * decay_s * SAMPLE_RATE_HZ / STEP_FRAMES) + 4):
        dry = np.zeros((2 * len(LAYERS), STEP_FRAMES), dtype=np.float32)
        dry[2 * _SOURCE : 2 * _SOURCE + 2, 0] = float(step == 3)  # everything has settled by then
        pieces.append(layers.process(dry, numbers, "D")[:, number : number + 2])
    layers.close()
    return np.concatenate(pieces[3:]).astype(np.float64)


def decay_s(sound: Tail) -> float:
    """The time in which it falls by 60 dB."""
    band = butter(4, [100, 500], "band", fs=SAMPLE_RATE_HZ, output="sos")
    energy = (sosfiltfilt(band, sound, axis=0) ** 2).sum(axis=1)
    left_db = 10 * np.log10(np.cumsum(energy[::-1])[::-1] / energy.sum() + 1e-20)
    return float(2 * (np.argmax(left_db < -35) - np.argmax(left_db < -5)) / SAMPLE_RATE_HZ)


def density(sound: Tail, at_s: float) -> float:
    """Echo density of the fifty milliseconds after a moment."""
    window = sound[round(at_s * SAMPLE_RATE_HZ) : round((at_s + 0.05) * SAMPLE_RATE_HZ), 0]
    return float(np.mean(np.abs(window) > window.std()) / 0.3173)


def highest_line_db(sound: Tail, middle_hz: float) -> float:
    """Over the median of what lies around a frequency, while that falls from -20 to -45 dB."""
    edges_hz = [middle_hz / 1.1, middle_hz * 1.1]
    third = sosfiltfilt(butter(3, edges_hz, "band", fs=SAMPLE_RATE_HZ, output="sos"), sound, axis=0)
    energy = (third**2).sum(axis=1)
    left_db = 10 * np.log10(np.cumsum(energy[::-1])[::-1] / energy.sum() + 1e-30)
    late = third[np.argmax(left_db < -20) : np.argmax(left_db < -45)]
    course = 10 ** (25 / 20 * np.arange(len(late)) / len(late)) * np.hanning(len(late))
    power = (np.abs(np.fft.rfft(late * course[:, None], axis=0)) ** 2).mean(axis=1)
    frequencies_hz = np.fft.rfftfreq(len(late), 1 / SAMPLE_RATE_HZ)
    inside = power[(frequencies_hz > middle_hz / 1.08) & (frequencies_hz < middle_hz * 1.08)]
    return float(10 * np.log10(inside.max() / np.median(inside)))


def main() -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 7.5), layout="constrained")
    for column, (stem, parameter, wanted_s) in zip(figure.subplots(3, 2).T, _SHOWN, strict=True):
        sound = tail(stem, parameter, wanted_s)
        dense = ", ".join(f"{density(sound, at_s):.2f} after {1000 * at_s:.0f} ms" for at_s in (0.05, 0.1, 0.2))
        print(f"{stem}: {decay_s(sound):.2f} s (asked {wanted_s:g}); echo density {dense}")
        print(
            f"  highest line of the treble {max(highest_line_db(sound, hz) for hz in TREBLE_HZ):.0f} dB over its median"
        )
        frames = np.arange(len(sound)) / SAMPLE_RATE_HZ
        early = frames < 0.15
        column[0].plot(frames[early], sound[early], linewidth=0.5)
        column[0].set(title=f"{stem}, {wanted_s:g} s: the first 150 ms", xlabel="s")
        column[1].plot(frames, 20 * np.log10(np.abs(sound[:, 0]) + 1e-9), linewidth=0.2)
        column[1].set(ylabel="dB", xlabel="s", ylim=(-140, 0))
        column[2].specgram(sound[:, 0], NFFT=1024, Fs=SAMPLE_RATE_HZ, noverlap=768, vmin=-170, vmax=-80, cmap="magma")
        column[2].set(ylabel="Hz", xlabel="s", ylim=(0, 16_000))
    figure.savefig(Path(sys.argv[1]), dpi=64)


if __name__ == "__main__":
    main()
