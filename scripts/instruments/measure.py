"""One key at eight velocities, and a phrase, on a SoundFont's piano and on recorded instruments: tables, a picture.

python -m scripts.instruments.measure [PICTURE.png]
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import SoundFontError
from engine.music.notes import Note, PedalSpan, Score
from engine.parameters.instruments import recorded_instruments
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.voices.band import Band
from engine.sound.voices.soundfont_voice import SoundFontModule
from engine.sound.voices.soundfonts import find_soundfont

VELOCITIES: Final = (30, 36, 42, 48, 54, 60, 68, 76)
"""As the player has them; the room's moods lie between 40 and 83."""
PITCH: Final = 60
LENGTH_S: Final = 16.0
_ENDED_DB: Final = 40.0
"""Below its loudest tenth of a second a note is over."""
PHRASE_S: Final = 20.0
_STEP: Final = 4096

Stereo = NDArray[np.float32]
"""[2, frames]."""


def key(
    instrument: str, velocity: int, pitch: int = PITCH, recorded: bool = True, length_s: float = LENGTH_S
) -> Stereo:
    """A key that is struck and held."""
    module = _module(recorded)
    module.select(0, instrument)
    module.note_on(0, pitch, velocity)
    sound = _render(module, length_s)
    module.close()
    return sound


def phrase(instrument: str, recorded: bool = True) -> Stereo:
    """A melody over chords, with pedal, that swells and fades."""
    module = _module(recorded)
    band = Band(module, ("piano",))
    notes = [
        Note(0.5 * n, 67 + (0, 4, 7, 5, 2, -1, 0, 4)[n % 8], 1.0, round(45 + 25 * np.sin(np.pi * n / 36)))
        for n in range(36)
    ]
    notes += [Note(2.0 * n + 0.1 * k, 43 + (0, 7, 12, 16)[k], 1.8, 40 + n) for n in range(9) for k in range(4)]
    pedal = tuple(PedalSpan(2.0 * n + 0.1, 2.0 * n + 1.9) for n in range(9))
    band.play(0, Score({"piano": tuple(sorted(notes))}, pedal, PHRASE_S), {"piano": instrument})
    sound = band.render(round(PHRASE_S * SAMPLE_RATE_HZ) // _STEP * _STEP)
    module.close()
    return sound


def _module(recorded: bool) -> SoundFontModule:
    soundfont = find_soundfont()
    if soundfont is None:
        raise SoundFontError("no SoundFont to compare with; install fluid-soundfont-gm")
    return SoundFontModule(soundfont, 1, recorded_instruments() if recorded else {})


def _render(module: SoundFontModule, length_s: float) -> Stereo:
    pieces = []
    for _ in range(round(length_s * SAMPLE_RATE_HZ / _STEP)):
        out = np.zeros((2, _STEP), dtype=np.float32)
        module.render(out)
        pieces.append(out)
    return np.concatenate(pieces, axis=1)


def tilt_db(sound: Stereo) -> float:
    """Its partials from 1.2 to 6 kHz over those below 700 Hz, in the first two seconds: brightness without level."""
    power, hz = _power(sound)
    return float(10 * np.log10(power[(hz > 1200) & (hz < 6000)].sum() / power[(hz > 60) & (hz < 700)].sum()))


def centroid_hz(sound: Stereo) -> float:
    """Of the magnitudes below 12 kHz, in the first two seconds."""
    power, hz = _power(sound)
    size = np.sqrt(power[hz < 12_000])
    return float((size * hz[hz < 12_000]).sum() / size.sum())


def _power(sound: Stereo) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    piece = sound[:, : 2 * SAMPLE_RATE_HZ].astype(np.float64)
    power = (np.abs(np.fft.rfft(piece * np.hanning(piece.shape[1]))) ** 2).sum(axis=0)
    return np.asarray(power), np.asarray(np.fft.rfftfreq(piece.shape[1], 1 / SAMPLE_RATE_HZ))


def levels_db(sound: Stereo) -> NDArray[np.float64]:
    """Of every tenth of a second."""
    pieces = sound[:, : sound.shape[1] // 4800 * 4800].reshape(2, -1, 4800).astype(np.float64)
    return np.asarray(10 * np.log10((pieces**2).mean(axis=(0, 2)) + 1e-14))


def slope_db_per_s(sound: Stereo, first_s: float, last_s: float) -> float:
    """How its level goes between two moments."""
    levels: NDArray[np.float64] = levels_db(sound)[round(10 * first_s) : round(10 * last_s)]
    return float(np.polyfit(np.arange(len(levels)) / 10, levels, 1)[0])


def lasts_s(sound: Stereo) -> float:
    """How long a held note sounds before it is over."""
    levels = levels_db(sound)
    return float(np.flatnonzero(levels >= levels.max() - _ENDED_DB)[-1] + 1) / 10


def noise_db(sound: Stereo) -> float:
    """What lies between the partials, over the loudest of them: the median line above 3 kHz, one second in."""
    piece = sound[:, SAMPLE_RATE_HZ : 3 * SAMPLE_RATE_HZ].astype(np.float64)
    power = (np.abs(np.fft.rfft(piece * np.blackman(piece.shape[1]))) ** 2).sum(axis=0)
    hz = np.fft.rfftfreq(piece.shape[1], 1 / SAMPLE_RATE_HZ)
    return float(10 * np.log10(np.median(power[(hz > 3000) & (hz < 10_000)]) / power.max()))


def correlation(sound: Stereo) -> float:
    """Of left and right, in the first two seconds."""
    return float(np.asarray(np.corrcoef(sound[:, : 2 * SAMPLE_RATE_HZ]))[0, 1])


def table(name: str, sounds: dict[int, Stereo]) -> list[str]:
    lines = [
        f"| {name} | level dB | tilt dB | centroid Hz | noise dB | lasts s | 4 to 8 s dB/s | correlation |",
        "|" + "---|" * 8,
    ]
    for velocity, sound in sounds.items():
        level = 10 * np.log10(float((sound[:, : 2 * SAMPLE_RATE_HZ] ** 2).mean()))
        lines.append(
            f"| {velocity} | {level:.1f} | {tilt_db(sound):.1f} | {centroid_hz(sound):.0f} | {noise_db(sound):.0f} "
            f"| {lasts_s(sound):.1f} | {slope_db_per_s(sound, 4, 8):.1f} | {correlation(sound):.2f} |"
        )
    return lines


def main() -> None:
    tried = [("piano", False), *((name, True) for name in recorded_instruments())]
    for name, recorded in tried:
        title = f"{name}" if recorded else f"{name} of the SoundFont"
        print("\n".join(table(title, {velocity: key(name, velocity, recorded=recorded) for velocity in VELOCITIES})))
        heard = phrase(name, recorded)
        print(f"\nphrase: {10 * np.log10(float((heard**2).mean())):.1f} dB, peak {np.abs(heard).max():.2f}\n")
    if len(sys.argv) > 1:
        draw(Path(sys.argv[1]))


def draw(path: Path) -> None:
    """The phrase on both pianos, as spectrograms."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 6), layout="constrained")
    axes = figure.subplots(2, 1, sharex=True)
    for axis, recorded, title in zip(axes, (False, True), ("the SoundFont's piano", "the recorded piano"), strict=True):
        sound = phrase("piano", recorded).mean(axis=0)
        axis.specgram(sound, NFFT=4096, Fs=SAMPLE_RATE_HZ, noverlap=3072, vmin=-150, vmax=-50, cmap="magma")
        axis.set(ylim=(0, 8000), ylabel="Hz", title=title)
    axes[-1].set_xlabel("s")
    figure.savefig(path, dpi=56)


if __name__ == "__main__":
    main()
