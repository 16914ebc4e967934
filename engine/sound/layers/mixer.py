"""The whole graph of pyo's objects: strips, vocoder and returns, as on a mixing desk.

    strips > vocoder > strips > direct --------------> stems of the layers
                          |---> echo ----------------> stem "echo"
                          |        '-.
                          |---> far (reverb) --------> stem "far"
                          '---> near (reverb) -------> stem "near"

All numbers ramp over one step, so nothing zippers; what rests is stopped.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.parameters.effects import effects
from engine.parameters.sound import LayerSettings
from engine.parameters.stems import LAYERS, RETURNS, STEMS, TEXTURES
from engine.sound.layers.carrier import Carrier
from engine.sound.layers.effect import Return
from engine.sound.layers.effect_classes import inserts, returns
from engine.sound.layers.effects.vocoder import Vocoder
from engine.sound.layers.knob import Knob
from engine.sound.layers.manual_server import STEP_FRAMES, ManualServer
from engine.sound.layers.quiet_pyo import pyo
from engine.sound.layers.strip import ARRIVED_STEPS, Strip
from engine.sound.layers.table_readers import Reading
from engine.sound.layers.wheel import Wheels

DENORMAL_FLOOR: Final = 1e-8
"""Noise at this level (-160 dB) keeps filters and feedback out of denormal numbers, which cost 40 times more."""

_SILENT: Final = 1e-8
_CARRIER: Final = LAYERS.index("texture_1")
_SHARED: Final = tuple(name for effect in effects().values() for name in effect.shared)


class Mixer:
    """One per process at a time, for pyo has one server."""

    def __init__(self, seed: int, root: str) -> None:
        self._server = ManualServer(2 * len(STEMS), seed)
        noise = DENORMAL_FLOOR * np.random.default_rng(seed).standard_normal(2 * STEP_FRAMES)
        self._noise = noise.astype(np.float32)
        floor, (self._floor,) = self._server.source()
        self._wheels = Wheels(self._server.frame)
        self._strips = self._build_strips(floor)
        self._build_vocoder(floor, root, seed)
        sent = dict.fromkeys(RETURNS, floor)
        for number, strip in enumerate(self._strips):
            strip.connect(self._vocoder.out, returns(), 2 * number, sent)
            sent = strip.sends
        self._build_returns(sent)
        self._shared: dict[str, float] = {}
        self._speech, self._spoken = [0.0] * len(LAYERS), [0.0] * len(LAYERS)
        self._keys = [(name, f"/effects/{name}") for name in _SHARED]
        self._present: list[list[tuple[str, str]]] | None = None
        self._told: dict[str, float] = {}
        self._told_again = 0
        self._layer_keys = [
            [(name, f"/layer/{layer}/{name}") for name in LayerSettings.model_fields] for layer in LAYERS
        ]

    def _build_strips(self, floor: Any) -> list[Strip]:
        """Each adds what it says to what those before it say."""
        strips: list[Strip] = []
        for layer in LAYERS:
            said = strips[-1].said if strips else floor
            strips.append(Strip(self._server, self._wheels, self._floor, inserts(), layer in TEXTURES, said))
        return strips

    def _build_vocoder(self, floor: Any, root: str, seed: int) -> None:
        self._carrier = Carrier(self._server, self._strips[_CARRIER].source, floor, root, seed)
        said = [part for strip in self._strips for part in strip.speech]
        self._vocoder = Vocoder(said, self._carrier.out)

    def _build_returns(self, sent: Mapping[str, Any]) -> None:
        """Those that send onwards come first, or what they send would be a block late."""
        self._returns: dict[str, Return] = {}
        self._onward: dict[tuple[str, str], Knob] = {}
        for name in sorted(RETURNS, key=lambda name: not returns()[name].ONWARD):
            sums = [*(strip.sends[name] for strip in self._strips), *self._sent_onward(name, sent[name])]
            self._returns[name] = returns()[name](sums[-1])
            self._returns[name].parts += sums
            self._returns[name].leave_at(2 * STEMS.index(name))

    def _sent_onward(self, name: str, before: Any) -> list[Any]:
        sent: list[Any] = []
        for earlier, source in self._returns.items():
            if name in source.ONWARD:
                self._onward[earlier, name] = Knob(0.0)
                send = pyo.Sig(source.out, mul=0.0, add=sent[-1] if sent else before)
                self._onward[earlier, name].moves(send.setMul)
                sent.append(send)
        return sent

    def process(
        self,
        dry: NDArray[np.float32],
        peaks: NDArray[np.float32],
        readings: Mapping[str, Sequence[Reading]],
        values: Mapping[str, float],
        root: str,
        step: int,
    ) -> NDArray[np.float32]:
        """Step number `step` of all stems, [STEP_FRAMES, 2 x stems]; `peaks` are those of `dry`'s rows. See
        `Layers.process`."""
        same = self._told == values
        self._told_again = self._told_again + 1 if same else 0
        if not same:
            self._told = dict(values)
            self._shared = {name: values[path] for name, path in self._keys}
            self._speech = [values[f"/layer/{layer}/vocoder"] for layer in LAYERS]
            self._spoken = [one / (sum(self._speech) or 1.0) for one in self._speech]
        self._move(step)
        sounds = peaks.reshape(-1, 2).max(axis=1) > _SILENT
        for layer, strip, sides, loud in zip(
            LAYERS, self._strips, dry.reshape(-1, 2, STEP_FRAMES), sounds, strict=True
        ):
            strip.take(sides, bool(loud), readings.get(layer, ()))
        self._speak(dry, readings, root, step)
        for strip, keys, spoken in zip(self._strips, self._keys_in(values), self._spoken, strict=True):
            if same and strip.has_arrived(spoken):
                continue
            strip.set({name: values[path] for name, path in keys} | self._shared, spoken)
        self._ring(self._shared)
        return self._server.process()

    def _keys_in(self, values: Mapping[str, float]) -> list[list[tuple[str, str]]]:
        """Names and addresses of what `values` has of each layer; it has the same at every step."""
        if self._present is None:
            self._present = [[(name, path) for name, path in keys if path in values] for keys in self._layer_keys]
        return self._present

    def _move(self, step: int) -> None:
        """What depends on the number of the step alone: noise, which must not repeat so as to become a tone, wheels."""
        shift = step * 1021 % STEP_FRAMES
        self._floor[:] = self._noise[shift : shift + STEP_FRAMES]
        self._wheels.turn(step)

    def _speak(self, dry: NDArray[np.float32], readings: Mapping[str, Sequence[Reading]], root: str, step: int) -> None:
        somebody = any(self._speech)
        if somebody:
            texture = dry[2 * _CARRIER : 2 * _CARRIER + 2]
            loops = sum(reading.rms**2 for reading in readings.get(LAYERS[_CARRIER], ()))
            self._carrier.set(math.sqrt(float(np.vdot(texture, texture)) / texture.size + loops), root, step)
        self._vocoder.rest(somebody)
        self._carrier.rest(self._vocoder.awake)

    def _ring(self, shared: Mapping[str, float]) -> None:
        fed = {name: any(strip.feeds(name) for strip in self._strips) for name in RETURNS}
        for name, one in self._returns.items():
            one.rest(fed[name], shared)
            if self._told_again <= ARRIVED_STEPS:
                one.set(shared)
            for onward, parameter in one.ONWARD.items():
                self._onward[name, onward].set(shared[parameter])
                fed[onward] = fed[onward] or (one.awake and shared[parameter] > 0.0)

    @property
    def finite(self) -> bool:
        """Whether the latest step held numbers alone."""
        return self._server.finite

    def close(self) -> None:
        """Stop; the mixer must not be used afterwards."""
        for one in self._returns.values():
            one.close()
        self._server.close()
