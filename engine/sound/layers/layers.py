"""All layers of the installation: dry stems in, finished stems out, one step at a time.

    dry > compressor > level, pan > low cut > high cut > keep + vocoder > direct ---------------> out
                                      |                     |-----> echo (mono) ----------------> out
                                      '> vocoder            '--------- + echo > reverb (stereo) -> out

Strips and reverb are compiled loops over all stems at once; vocoder and echoes are pyo's. Every stem has its own
echo and reverb, so muting it in the room silences all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.parameters.stems import CHANNELS, STEMS
from engine.sound.layers.carrier import Carrier
from engine.sound.layers.graph import Graph
from engine.sound.layers.guard import silence_nonfinite
from engine.sound.layers.manual_server import STEP_FRAMES
from engine.sound.layers.reverb import Reverb, ReverbTargets
from engine.sound.layers.strips import Strips, StripTargets

DENORMAL_FLOOR: Final = 1e-8
"""Noise at this level (-160 dB) keeps filters and feedback out of denormal numbers, which cost 40 times more."""

_CARRIER_ROWS: Final = slice(2 * STEMS.index("texture_1"), 2 * STEMS.index("texture_1") + 2)
_NAMES: Final = ("level_db", "pan", "compressor", "highpass_hz", "lowpass_hz", "vocoder", "delay", "reverb")
_ADDRESSES: Final = [f"/layer/{stem}/{name}" for name in _NAMES for stem in STEMS]


class Layers:
    """The same seed, settings and sound give the same result, bit for bit.

    What runs on by itself (floor noise, drone) depends on the number of the step alone, counted from `first_step`.
    """

    def __init__(self, seed: int = 1, root: str = "D", first_step: int = 0) -> None:
        self.nonfinite = 0
        """Stems silenced for a step because they held a NaN or infinity, so far."""
        self._seed = seed
        self._carrier = Carrier(root, seed)
        noise = DENORMAL_FLOOR * np.random.default_rng(seed).standard_normal(2 * STEP_FRAMES)
        self._floor = noise.astype(np.float32)
        self._steps = first_step
        self._weights = np.zeros(len(STEMS))
        _load_loops()
        self._build()

    def _build(self) -> None:
        self._strips, self._reverb, self._graph = Strips(), Reverb(), Graph(self._seed)

    def process(self, dry: NDArray[np.float32], values: Mapping[str, float], root: str) -> NDArray[np.float32]:
        """The stems of one step.

        `dry` is [CHANNELS, STEP_FRAMES] as voices and textures made it; `values` holds every number of
        `engine.parameters.glide.GLIDING` by address; `root` is the scale's, for the drone. What is not finite in
        `dry` is silenced in place. Returns [STEP_FRAMES, CHANNELS], as reels have it.
        """
        self.nonfinite += len(silence_nonfinite(dry))
        strip_targets, reverb_targets, delays = self._targets(values)
        speaks = bool(strip_targets.speech.any())
        floor = self._next_floor()
        body, sends = self._strips.process(dry, strip_targets, speaks, floor)
        carrier = self._carrier.process(dry[_CARRIER_ROWS], root, self._steps) + floor if speaks else None
        delay_s, feedback = values["/effects/delay_s"], values["/effects/delay_feedback"]
        heard = self._graph.process(sends, carrier, delays * reverb_targets.spoken, delay_s, feedback)
        return self._checked(self._reverb.process(body, heard, reverb_targets, floor))

    def _targets(self, values: Mapping[str, float]) -> tuple[StripTargets, ReverbTargets, NDArray[np.float64]]:
        """What strips and reverb are to do, and the levels of the echoes [stems]."""
        numbers = np.array([values[address] for address in _ADDRESSES]).reshape(len(_NAMES), len(STEMS))
        level_db, pan, compressor, highpass_hz, lowpass_hz, vocoder, delay, reverb = numbers
        if vocoder.any():
            self._weights = vocoder / vocoder.sum()
        strips = StripTargets(
            level_db=level_db,
            pan=pan,
            compressor=compressor,
            highpass_hz=highpass_hz,
            lowpass_hz=lowpass_hz,
            keep=np.cos(vocoder * np.pi / 2),
            speech=vocoder,
            echo=0.5 * delay,
        )
        reverb_targets = ReverbTargets(
            decay_s=values["/effects/reverb_s"],
            lowpass_hz=values["/effects/reverb_lowpass_hz"],
            spoken=self._weights * bool(vocoder.any()),
            direct=np.cos(reverb * np.pi / 2),
            send=np.sin(reverb * np.pi / 2),
        )
        return strips, reverb_targets, delay

    def _next_floor(self) -> NDArray[np.float32]:
        """A step of noise; it must not repeat so as to become a tone."""
        shift = (self._steps * 1021) % STEP_FRAMES
        self._steps += 1
        return self._floor[shift : shift + STEP_FRAMES]

    def _checked(self, out: NDArray[np.float32]) -> NDArray[np.float32]:
        bad = silence_nonfinite(out.T)
        if bad:
            # A NaN in a feedback loop never leaves: build all anew, which costs the other stems their tails.
            self.nonfinite += len(bad)
            self._graph.close()
            self._build()
        return out

    def close(self) -> None:
        """Give pyo's server back; the layers must not be used afterwards."""
        self._graph.close()


@cache
def _load_loops() -> None:
    """Compiled loops come from disk when they are first called: better now than when the first reel is awaited."""
    none, one = np.zeros(len(STEMS)), np.ones(len(STEMS))
    silence = np.zeros((CHANNELS, STEP_FRAMES), dtype=np.float32)
    strips = StripTargets(none, none, none, 20.0 * one, 20_000.0 * one, keep=one, speech=none, echo=none)
    body, sends = Strips().process(silence, strips, False, silence[0])
    reverb = ReverbTargets(decay_s=1.0, lowpass_hz=5000.0, spoken=none, direct=one, send=none)
    Reverb().process(body, np.ascontiguousarray(sends.T), reverb, silence[0])
