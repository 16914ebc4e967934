"""Makes `quietest_hour.npz`: an hour of the mood `night`, played by its network, as the levels that Pd would report.

    python -m tests.engine.watch.make_quietest_hour

takes ten minutes, and is needed again only when moods have become quieter. The levels are those of the rendered stems'
sum, before the room adds its reverberation, so rests in it are deeper than any that are heard.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from scipy.signal import lfilter

from engine.conductor import Conductor
from engine.moods import load_mood
from engine.notes import Phrase
from engine.phrase_store import Request
from engine.reel_format import SAMPLE_RATE_HZ
from engine.sampler import wishes_of
from engine.soundfonts import find_soundfont
from engine.studio import Studio
from models.performer import PerformanceRnnPerformer
from models.weight_files import weights_path

MOOD: Final = "night"
HOUR_S: Final = 3600.0
WINDOW_FRAMES: Final = 16_384
FILE: Final = Path(__file__).with_name("quietest_hour.npz")


class Network:
    """A phrase source that draws when it is asked."""

    def __init__(self) -> None:
        self._performers: dict[str, PerformanceRnnPerformer] = {}

    def want(self, requests: Iterable[Request]) -> None:
        pass

    def take(self, request: Request) -> Phrase | None:
        name = request.performer
        if name not in self._performers:
            self._performers[name] = PerformanceRnnPerformer(name, weights_path(name))
        return self._performers[name].draw(request.seed, wishes_of(request))


def levels(audio: np.ndarray, state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(left, right, standing part) in dB of one window float32[WINDOW_FRAMES, 2], as `output-watch~.pd` has them."""
    pull = 2 * np.pi / SAMPLE_RATE_HZ  # lop~ 1
    standing, state = lfilter([pull], [1, pull - 1], audio, axis=0, zi=state)
    window = np.hanning(WINDOW_FRAMES)[:, None]
    power = (np.square(np.hstack([audio, standing])) * window).sum(axis=0) / window.sum()
    left, right, *dc = np.maximum(10 * np.log10(power + 1e-30), -100.0)
    return np.array([left, right, max(dc)]), state


def main() -> None:
    mood = load_mood(MOOD)
    studio = Studio(Conductor(1, mood, Network()), mood, seed=1, soundfont=find_soundfont())
    held, state, rows = np.empty((0, 2)), np.zeros((1, 2)), []
    while len(rows) * WINDOW_FRAMES < HOUR_S * SAMPLE_RATE_HZ:
        held = np.concatenate([held, studio.render_step()[1].astype(np.float64)])
        while len(held) >= WINDOW_FRAMES:
            row, state = levels(held[:WINDOW_FRAMES], state)
            rows.append(row)
            held = held[WINDOW_FRAMES:]
    studio.close()
    np.savez_compressed(FILE, hundredths_db=np.round(100 * np.array(rows)).astype(np.int16))
    print(f"{len(rows)} windows, quietest {np.max(rows, axis=1)[5:].min():.1f} dB, median {np.median(rows):.1f} dB")


if __name__ == "__main__":
    main()
