"""From scores and textures to finished stems: voices, reversed piano and layers, one step of sound at a time.

Its caller (the conductor's studio, an album's timeline) says what plays when, and every number of each step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.music.key_events import KeyEvent
from engine.music.notes import Score
from engine.parameters.scaling import SILENCE_DB
from engine.parameters.stems import LAYERS, SAMPLE_RATE_HZ, VOICES
from engine.sound.layers.layers import Layers
from engine.sound.layers.manual_server import STEP_FRAMES
from engine.sound.layers.table_readers import Reading
from engine.sound.reverse_reverb import ReverseReverb
from engine.sound.voices.band import EVENT_FRAMES, RING_OUT_S, Band, open_module
from engine.sound.voices.soundfonts import SYSTEM_SOUNDFONTS

_SHORTEST_SCORE_S: Final = 1.0
_REVERSE_BEGINS: Final = SAMPLE_RATE_HZ
"""It has to look ahead when it wakes, and the first second of a run must not wait for that."""
_REVERSE: Final = LAYERS.index("reverse")
_VOICE_ROWS: Final = [2 * LAYERS.index(name) + side for name in VOICES for side in (0, 1)]

Stereo = NDArray[np.float32]
"""[2, frames]."""

_NOTHING: Final[Mapping[str, Any]] = {}


class Scheduled(NamedTuple):
    """A score with its place in time and its instruments by voice."""

    start_frame: int
    score: Score
    instruments: dict[str, str]

    @property
    def end_frame(self) -> int:
        length_s = max(self.score.length_s, _SHORTEST_SCORE_S)
        return self.start_frame + round(length_s * SAMPLE_RATE_HZ / EVENT_FRAMES) * EVENT_FRAMES


class SoundPath:
    """Renders all stems in steps of `STEP_FRAMES`. Same seed and same calls: same sound, bit for bit.

    It begins in silence, at `first_frame`, a multiple of `STEP_FRAMES`. One per process at a time, since pyo has one
    server; call `close` before making the next.
    """

    def __init__(
        self,
        seed: int,
        root: str,
        soundfont: Path | None,
        first_frame: int = 0,
        treat: Callable[[NDArray[np.float32]], None] | None = None,
        on_key: Callable[[KeyEvent], None] | None = None,
    ) -> None:
        """`treat` may change the dry stems of a step, [2 x layers, STEP_FRAMES], before the layers have them; `on_key`
        is told of every key and pedal of the voices."""
        self.frame = first_frame
        """Frames rendered so far."""
        module, self.why_not_soundfont = open_module(soundfont, when_needed=soundfont in SYSTEM_SOUNDFONTS)
        """The second is a sentence saying why voices are synthesised, empty where a SoundFont plays."""
        ahead, _ = open_module(soundfont, ("piano",), when_needed=True)
        self._modules = (module, ahead)
        self._band = Band(module, on_key=on_key)
        self._band.frame = first_frame
        self._reverse = ReverseReverb(ahead, seed)
        self._layers = Layers(seed, root, first_frame // STEP_FRAMES)
        self._treat = treat
        self.notes_begun = 0
        """Notes begun so far on layers that were not closed then."""

    @property
    def nonfinite(self) -> int:
        """Stems silenced for a step because they held a NaN or infinity, so far."""
        return self._layers.nonfinite

    def play(self, item: Scheduled) -> None:
        """Queue a score; what should be heard reversed must be known `reverse_reverb.LEAD_FRAMES` ahead."""
        self._band.play(*item)
        self._reverse.play(*item)

    def cut(self, frame: int | None = None, ring_s: float = RING_OUT_S) -> None:
        """Drop every note that begins at `frame` (now) or later; those that sound then ring out within `ring_s`."""
        self._band.cut(frame, ring_s)

    def restart_reverse(self, scheduled: Sequence[Scheduled]) -> None:
        """What lies ahead has changed to `scheduled`: the reversed piano fades over into it."""
        self._reverse.restart(self.frame, scheduled)

    def render_step(
        self,
        values: Mapping[str, float],
        root: str,
        scheduled: Sequence[Scheduled],
        air: Mapping[str, Stereo] = _NOTHING,
        readings: Mapping[str, Sequence[Reading]] = _NOTHING,
    ) -> NDArray[np.float32]:
        """The next step of all stems, [STEP_FRAMES, CHANNELS] float32, as reels have them.

        `values` holds every number of `glide.GLIDING` by address, `scheduled` the scores not yet over; `root` is the
        scale's, for the vocoder's drone. Textures come as sound [2, STEP_FRAMES] in `air`, or as what pyo is to read
        of loops in `readings`, by stem.
        """
        dry = np.zeros((2 * len(LAYERS), STEP_FRAMES), dtype=np.float32)
        before = self._band.begun.copy()
        dry[_VOICE_ROWS] = self._band.render(STEP_FRAMES)
        open_voices = [name for name in VOICES if values[f"/layer/{name}/level_db"] > SILENCE_DB]
        self.notes_begun += sum(self._band.begun[name] - before[name] for name in open_voices)
        audible = self.frame >= _REVERSE_BEGINS and values["/layer/reverse/level_db"] > SILENCE_DB
        reverse = self._reverse.render(self.frame, audible, scheduled)
        if reverse is not None:
            dry[2 * _REVERSE : 2 * _REVERSE + 2] = reverse
        for stem, sound in air.items():
            row = 2 * LAYERS.index(stem)
            dry[row : row + 2] = sound
        if self._treat:
            self._treat(dry)
        stems = self._layers.process(dry, values, root, readings)
        self.frame += STEP_FRAMES
        return stems

    def close(self) -> None:
        for module in self._modules:
            module.close()
        self._layers.close()
