"""Makes `quietest_hour.npz`: an hour of the mood `night`, played by its network, as the levels that Pd would report.

    python -m tests.engine.supervision.monitoring.make_quietest_hour

takes ten minutes, and is needed again only when moods have become quieter. The levels are those of the rendered stems'
sum, before the room adds its reverberation, so rests in it are deeper than any that are heard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np

from engine.music.conductor.conductor import Conductor
from engine.music.notes import Phrase
from engine.music.phrases.store import Request
from engine.parameters.moods import load_mood
from engine.renderer.studio import Studio
from engine.sampler.sampler import conditioning_of
from engine.sound.voices.soundfonts import find_soundfont
from models.common.weights import weights_path
from models.performers.drawing.performer import Performer
from tests.engine.supervision.monitoring.judging import WINDOW_FRAMES, WINDOW_S, rows_of

MOOD: Final = "night"
HOUR_S: Final = 3600.0
FILE: Final = Path(__file__).with_name("quietest_hour.npz")


class Network:
    """A phrase source that draws when it is asked."""

    def __init__(self) -> None:
        self._performers: dict[str, Performer] = {}

    def want(self, requests: Iterable[Request]) -> None:
        pass

    def take(self, request: Request) -> Phrase | None:
        name = request.performer
        if name not in self._performers:
            self._performers[name] = Performer(name, weights_path(name))
        return self._performers[name].draw(request.seed, conditioning_of(request))


def _windows(studio: Studio, count: int) -> Iterator[np.ndarray]:
    held = np.empty((0, 2))
    for _ in range(count):
        while len(held) < WINDOW_FRAMES:
            held = np.concatenate([held, studio.render_step()[1].astype(np.float64)])
        yield held[:WINDOW_FRAMES]
        held = held[WINDOW_FRAMES:]


def main() -> None:
    mood = load_mood(MOOD)
    studio = Studio(Conductor(1, mood, Network()), mood, seed=1, soundfont=find_soundfont())
    rows = rows_of(_windows(studio, round(HOUR_S / WINDOW_S) + 1))
    studio.close()
    np.savez_compressed(FILE, hundredths_db=np.round(100 * rows).astype(np.int16))
    print(f"{len(rows)} windows, quietest {np.max(rows, axis=1)[5:].min():.1f} dB, median {np.median(rows):.1f} dB")


if __name__ == "__main__":
    main()
