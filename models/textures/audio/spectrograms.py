"""Spectrograms of many sounds on one sheet."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from models.textures.audio.audio_input import read_mono
from models.textures.audio.mu_law import RATE_HZ

COLUMNS = 3
RANGE_DB = 80.0
WINDOW_FRAMES = 1024


def draw_spectrograms(paths: Sequence[Path], picture: Path) -> None:
    """Up to 16 s of each file, 0 to 8 kHz, the loudest moment of each white, 80 dB below it black."""
    rows = math.ceil(len(paths) / COLUMNS)
    figure = Figure((4.5 * COLUMNS, 2.4 * rows), layout="constrained")
    for index, path in enumerate(paths):
        sound = read_mono(path, RATE_HZ)[: 16 * RATE_HZ]
        show(figure.add_subplot(rows, COLUMNS, index + 1), sound, path.stem)
    figure.savefig(picture, dpi=80)


def show(axes: Any, sound: np.ndarray, title: str) -> None:
    """The spectrogram of mono sound at `RATE_HZ`."""
    axes.imshow(
        spectrogram_db(sound), origin="lower", aspect="auto", cmap="magma", vmin=-RANGE_DB, vmax=0.0,
        extent=(0.0, len(sound) / RATE_HZ, 0.0, RATE_HZ / 2000.0),
    )  # fmt: skip
    axes.set_title(title, fontsize=8, parse_math=False)
    axes.tick_params(labelsize=7)
    axes.set(xlabel="s", ylabel="kHz")


def spectrogram_db(sound: np.ndarray) -> np.ndarray:
    """Level [frequencies x moments] in dB below the loudest."""
    padded = np.pad(sound, (0, max(0, WINDOW_FRAMES - len(sound))))
    views = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_FRAMES)[:: WINDOW_FRAMES // 2]
    power = np.abs(np.fft.rfft(views * np.hanning(WINDOW_FRAMES), axis=1)).T ** 2
    return np.asarray(10.0 * np.log10(power / max(1e-12, float(power.max())) + 1e-12))


def draw_bodies(bodies: Mapping[str, Mapping[str, Sequence[np.ndarray]]], picture: Path) -> None:
    """The first sound of every style of every body of sound, mono at `RATE_HZ`: a row a style, a column a body."""
    styles = list(next(iter(bodies.values())))
    figure = Figure((4.5 * len(bodies), 2.4 * len(styles)), layout="constrained")
    for column, (what, body) in enumerate(bodies.items()):
        for row, style in enumerate(styles):
            axes = figure.add_subplot(len(styles), len(bodies), row * len(bodies) + column + 1)
            show(axes, body[style][0], f"{style}, {what}")
    figure.savefig(picture, dpi=80)
