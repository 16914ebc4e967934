"""Pictures of the report."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

from tests.soak.observe import PARTS

mpl.use("Agg")

import matplotlib.pyplot as plt


def hours(rows: Mapping[str, np.ndarray], sound: Mapping[str, Any], path: Path) -> None:
    time_h = rows["time_s"] / 3600.0
    figure, axes = plt.subplots(4, 1, figsize=(10, 11), sharex=True, layout="constrained")
    for part in PARTS:
        axes[0].plot(time_h, rows[f"{part}_mb"], label=part)
    axes[0].set_ylabel("memory, MB")
    axes[0].legend(ncol=len(PARTS), fontsize=8)
    axes[1].plot(time_h, rows["lead_reels"], linewidth=0.5)
    axes[1].set_ylabel("reels ahead")
    axes[2].plot(np.arange(len(sound["levels_db"])) * sound["step_s"] / 3600.0, sound["levels_db"])
    axes[2].set_ylabel("level of 20 s, dB")
    axes[3].plot(time_h, rows["gap_s"], label="nothing heard, s")
    axes[3].plot(time_h, rows["hold_s"], label="hold loop, s")
    axes[3].plot(time_h, rows["restarts"], label="restarts")
    axes[3].legend(fontsize=8)
    axes[3].set_xlabel("hours in real time")
    figure.savefig(path, dpi=100)
    plt.close(figure)


def simulation(found: Mapping[str, Any], path: Path) -> None:
    time_h = [one["hour"] for one in found["hours"]]
    figure, axes = plt.subplots(3, 1, figsize=(10, 7), sharex=True, layout="constrained")
    for axis, name, label in zip(
        axes, ("rss_mb", "files", "disk_mb"), ("memory, MB", "files", "disk, MB"), strict=True
    ):
        axis.plot(time_h, [one[name] for one in found["hours"]])
        axis.set_ylabel(label)
        axis.set_ylim(bottom=0)
    axes[-1].set_xlabel("simulated hours")
    figure.savefig(path, dpi=100)
    plt.close(figure)


def rendering(rows: Mapping[str, np.ndarray], path: Path) -> None:
    figure, axis = plt.subplots(figsize=(10, 3), layout="constrained")
    axis.plot(rows["time_s"] / 3600.0, rows["mb"], linewidth=0.7)
    axis.set_ylabel("memory, MB")
    axis.set_ylim(bottom=0)
    axis.set_xlabel("hours of music")
    figure.savefig(path, dpi=100)
    plt.close(figure)
