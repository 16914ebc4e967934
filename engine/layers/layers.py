"""All layers of the installation: dry stems in, finished stems out, one step at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.layers.carrier import Carrier
from engine.layers.dynamics import SILENCE_DB, Dynamics
from engine.layers.graph import (
    DENORMAL_FLOOR,
    SharedControls,
    SharedParts,
    SharedVocoder,
    StemControls,
    StemHead,
    StemTail,
    reverb_damping,
    reverb_makeup,
    reverb_size,
)
from engine.layers.guard import silence_nonfinite
from engine.layers.manual_server import STEP_FRAMES, ManualServer
from engine.reel_format import CHANNELS, STEMS

_CARRIER_ROW: Final = CHANNELS
_FLOOR_ROW: Final = CHANNELS + 1
_INPUTS: Final = CHANNELS + 2
_TEXTURE_1: Final = STEMS.index("texture_1")
_SILENT_PEAK: Final = 1e-6


class Layers:
    """One pyo graph for all stems. The same seed, settings and sound give the same result, bit for bit."""

    def __init__(self, seed: int = 1, root: str = "D") -> None:
        self.nonfinite = 0
        """Stems silenced for a step because they held a NaN or infinity, so far."""
        self._seed = seed
        self._carrier = Carrier(root, seed)
        self._dynamics = Dynamics(len(STEMS))
        rng = np.random.default_rng(seed)
        self._floor = (DENORMAL_FLOOR * rng.standard_normal((_INPUTS, 2 * STEP_FRAMES))).astype(np.float32)
        self._steps = 0
        self._weights = np.zeros(len(STEMS))
        self._build()

    def _build(self) -> None:
        self._server = ManualServer(_INPUTS, CHANNELS, self._seed)
        sources = self._server.sources
        self._shared = SharedParts(SharedControls(), sources[_FLOOR_ROW])
        heads = [StemHead(sources[2 * n : 2 * n + 2]) for n in range(len(STEMS))]
        self._vocoder = SharedVocoder(heads, sources[_CARRIER_ROW], self._shared.floor)
        self._tails = [StemTail(n, head, self._vocoder, self._shared) for n, head in enumerate(heads)]

    def process(self, dry: NDArray[np.float32], values: Mapping[str, float], root: str) -> NDArray[np.float32]:
        """The stems of one step.

        `dry` is [CHANNELS, STEP_FRAMES] as voices and textures made it; `values` holds every number of
        `engine.morph.GLIDING` by address; `root` is the scale's, for the drone. What is not finite in
        `dry` is silenced in place. Returns [STEP_FRAMES, CHANNELS], as reels have it.
        """
        self.nonfinite += len(silence_nonfinite(dry))
        by_name = {
            key: np.array([values[f"/layer/{stem}/{key}"] for stem in STEMS])
            for key in ("level_db", "pan", "compressor")
        }
        shift = (self._steps * 1021) % STEP_FRAMES  # the floor must not become a tone
        self._steps += 1
        audio = self._floor[:, shift : shift + STEP_FRAMES].copy()
        self._dynamics.process(
            dry, by_name["level_db"], by_name["pan"], by_name["compressor"], out=audio[:_CARRIER_ROW]
        )
        speaks = any(values[f"/layer/{stem}/vocoder"] > 0 for stem in STEMS)
        audible = np.maximum(audio.max(axis=1), -audio.min(axis=1))[:CHANNELS] > _SILENT_PEAK
        self._set_controls(values, audible.reshape(-1, 2).any(axis=1), speaks)
        if speaks:
            audio[_CARRIER_ROW] += self._carrier.process(dry[2 * _TEXTURE_1 : 2 * _TEXTURE_1 + 2], root)
        out = self._server.process(audio)
        return self._checked(out)

    def _checked(self, out: NDArray[np.float32]) -> NDArray[np.float32]:
        bad = silence_nonfinite(out.T)
        if bad:
            # A NaN in a feedback loop never leaves: build the graph anew, which costs the other stems their tails.
            self.nonfinite += len(bad)
            self._server.close()
            self._build()
        return out

    def _set_controls(self, values: Mapping[str, float], audible: NDArray[np.bool_], speaks: bool) -> None:
        shared = _shared_controls(values)
        makeup = reverb_makeup(shared.reverb_size, shared.reverb_damping)
        shares = np.array([values[f"/layer/{stem}/vocoder"] for stem in STEMS])
        if shares.sum() > 0:
            self._weights = shares / shares.sum()
        self._shared.set(shared)
        self._vocoder.step(speaks)
        for number, stem in enumerate(STEMS):
            wet = values[f"/layer/{stem}/reverb"]
            share = shares[number]
            self._tails[number].set(
                StemControls(
                    highpass_hz=values[f"/layer/{stem}/highpass_hz"],
                    lowpass_hz=values[f"/layer/{stem}/lowpass_hz"],
                    keep=float(np.cos(share * np.pi / 2)),
                    vocoder_in=share,
                    vocoder_out=float(self._weights[number]) if speaks else 0.0,
                    delay=values[f"/layer/{stem}/delay"],
                    direct=float(np.cos(wet * np.pi / 2)),
                    reverb=float(np.sin(wet * np.pi / 2)) * makeup * 0.7,
                    audible=bool(audible[number]) or (share > 0 and values[f"/layer/{stem}/level_db"] > SILENCE_DB),
                ),
                shared,
            )

    def close(self) -> None:
        self._server.close()


def _shared_controls(values: Mapping[str, float]) -> SharedControls:
    decay_s = values["/effects/reverb_s"]
    return SharedControls(
        delay_s=values["/effects/delay_s"],
        delay_feedback=values["/effects/delay_feedback"],
        reverb_size=reverb_size(decay_s),
        reverb_damping=reverb_damping(values["/effects/reverb_lowpass_hz"]),
        reverb_s=decay_s,
    )
