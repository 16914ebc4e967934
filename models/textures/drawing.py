"""Drawing textures: a plan network writes levels; a network of waves, or phases that fit them, make them sound.

What a plan tells is made sound in one of three ways:
  wavenet    a WaveNet told the plan, 16 kHz, mono: the voice of the machine
  samplernn  a SampleRNN told the plan, 16 kHz, mono: another voice
  spectral   phases by gradient integration, 48 kHz, stereo: the plan as it is
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from engine.errors import WeightsError
from models.textures.audio.mu_law import RATE_HZ, decode
from models.textures.network_file import TextureNetwork
from models.textures.products.kernel_products import GROUP
from models.textures.sampling_preset import SamplingPreset, usual_preset
from models.textures.saved_drawings import read_states, write_states
from models.textures.spectral.phases import ROUNDS, sounding
from models.textures.spectral.planning import COLUMN_S, Planning
from models.textures.spectral.transform import RATE_HZ as PLAN_RATE_HZ
from models.textures.wave_networks import WaveSizes, drawing_from
from models.textures.waveform.plan_conditions import features, inputs, predictors
from models.textures.waveform.sketch import fading, sketch_of

LEAD_IN_COLUMNS: Final = 12
"""What comes out first is still finding its sound, and is thrown away."""
LOWEST_HZ: Final = 30.0
BLOCKS_AT_ONCE: Final = 20
VOICE_TEMPERATURE: Final = 1.0
"""A network of waves that keeps to no sketch draws as it learnt; calmer or wilder is what the plan is."""
MIDDLE: Final = 0.0
"""The fineness of its values: its own noise is all that drives it, and the finest were 3 dB too quiet."""
PLANNING_SHARE: Final = 0.1
"""Of the work, when a network of waves does the rest."""
COLUMNS_A_BLOCK: Final = 4


CHECKED_COLUMNS: Final = 128
CHECKED_FRAMES: Final = 16_000
"""So much of a drawing says which it is. How long it goes on does not change it, unless it keeps to a sketch: phases
begin at the loudest moment of the whole."""


class TextureDraw:
    """Several textures on their way, `threads` at a time; stream i depends on (seed, i) alone.

    `scale`: pitch classes that may sound; as chance has it if not given. With a `device` of torch (`cuda`) waves are
    drawn there, all streams together. The processors draw the same classes; a card may draw others from the same seed,
    for its sums differ in the last bit, and one draw leads to the next. `sampling_preset`: the style's usual one if not
    given.
    """

    def __init__(
        self,
        network: TextureNetwork,
        style: str,
        count: int,
        seconds: float,
        seed: int,
        scale: Sequence[int] | None = None,
        sampling_preset: SamplingPreset | None = None,
        threads: int = 1,
        device: str = "",
    ) -> None:
        check_request(count, seconds)
        self.network, self.style, self.seed, self.device = network, network.style_index(style), seed, device
        self.sampling_preset, self.threads = sampling_preset or usual_preset(style), threads
        self.is_spectral = network.packed is None
        self.rate_hz = PLAN_RATE_HZ if self.is_spectral else RATE_HZ
        self.frames = round(seconds * self.rate_hz)
        columns = LEAD_IN_COLUMNS + 1 + int(np.ceil(seconds / COLUMN_S))
        own = network.plan.sizes.styles.index(style)
        self.plans = [Planning(network.plan, own, columns, seed, n, scale, self.sampling_preset) for n in range(count)]
        self.voices: list[Any] = []

    @property
    def progress(self) -> float:
        """Share 0..1 that is done."""
        planned = float(np.mean([plan.progress for plan in self.plans]))
        if self.is_spectral:
            return planned
        voiced = min((voice.frame / len(voice.classes) for voice in self.voices), default=0.0)
        return PLANNING_SHARE * planned + (1.0 - PLANNING_SHARE) * voiced

    @property
    def done(self) -> bool:
        if not all(plan.done for plan in self.plans):
            return False
        return self.is_spectral or (bool(self.voices) and all(voice.done for voice in self.voices))

    def advance(self, blocks: int = 1) -> None:
        """Draws some blocks more in all streams."""
        waiting = [plan for plan in self.plans if not plan.done]
        if waiting:
            in_threads(self.threads, [lambda p=plan: p.advance(COLUMNS_A_BLOCK * blocks) for plan in waiting])
        elif not self.is_spectral:
            if not self.voices:
                self._begin_voices()
            going = [voice for voice in self.voices if not voice.done]
            in_threads(self.threads, [lambda v=voice: several(v, blocks) for voice in going])

    def sounds(self) -> list[NDArray[np.float32]]:
        """The finished textures, each mono [frames] at 16 kHz or stereo [frames x 2] at 48 kHz (`rate_hz`)."""
        below = scipy.signal.butter(2, LOWEST_HZ, "highpass", fs=self.rate_hz, output="sos")
        heard = [self._stereo(n) for n in range(len(self.plans))] if self.is_spectral else self._voiced()
        start = LEAD_IN_COLUMNS * round(COLUMN_S * self.rate_hz)
        kept = [sound[start : start + self.frames] for sound in heard]
        return [scipy.signal.sosfilt(below, sound, axis=0).astype(np.float32) for sound in kept]

    def checksum(self, stream: int) -> str:
        """Sixteen hexadecimal digits of what the networks drew at the beginning of a stream that is done: its codes,
        and the classes of waves. The same on every processor, as the last bit of a sample need not be."""
        drawn = hashlib.sha256(self.plans[stream].drawing.codes[:CHECKED_COLUMNS].astype("<i8").tobytes())
        for classes in [one for voice in self.voices for one in voice.classes.T][stream : stream + 1]:
            drawn.update(classes[:CHECKED_FRAMES].tobytes())
        return drawn.hexdigest()[:16]

    def _voiced(self) -> list[NDArray[np.float32]]:
        return [decode(one) for voice in self.voices for one in voice.values.T]

    def _stereo(self, stream: int) -> NDArray[np.float32]:
        rng = self._phases(stream)
        middle, side = (sounding(own, ROUNDS, rng) for own in self.plans[stream].levels)
        return np.stack([middle + side, middle - side], axis=1)

    def _begin_voices(self) -> None:
        """Makes ready to make the plans sound, groups of streams side by side."""
        network, (packed, sizes) = self.network, self.network.waves
        taps, conditions, sketch = self._told()
        styles = np.zeros((len(self.plans), len(network.sizes.styles)), np.float32)
        styles[:, self.style] = 1.0
        preset = self.sampling_preset
        on_sketch = (preset.wave_temperature, preset.fineness)
        temperature, fineness = on_sketch if sizes.sketch_memory else (VOICE_TEMPERATURE, MIDDLE)
        if self.device:
            from models.textures.torch_networks import load_torch_network, torch_drawing_from

            made = load_torch_network(network.path).to(self.device)
            given = (styles, conditions, self.seed, temperature, taps, sketch, fineness)
            self.voices = [torch_drawing_from(made, *given)]
            return
        every = np.arange(len(self.plans))
        groups = np.array_split(every, min(self.threads, -(-len(every) // GROUP)))
        first = [int(group[0]) for group in groups]
        own_sketches = [None if sketch is None else sketch[:, group] for group in groups]
        self.voices = [
            drawing_from(packed, styles[g], conditions[:, g], self.seed, temperature, f, taps[:, g], s, fineness)
            for g, f, s in zip(groups, first, own_sketches, strict=True)
        ]

    def _told(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32] | None]:
        """Of all plans: predictors [blocks x streams x order], conditions [blocks x streams x conditions], and the
        sketches [frames x streams], if the network keeps to them."""
        packed, sizes = self.network.waves
        told = [tell(plan.levels[0], sizes) for plan in self.plans]
        taps = np.stack([own for own, _ in told], axis=1)
        conditions = np.stack([features(given, packed.told, packed.told_bias) for _, given in told], axis=1)
        if not sizes.sketch_memory:
            return taps, conditions, None
        sketches = [sketch_of(plan.levels[0], self._phases(n)) for n, plan in enumerate(self.plans)]
        return taps, conditions, np.stack(sketches, axis=1)

    def _phases(self, stream: int) -> np.random.Generator:
        """What the phases of a stream's plan begin from."""
        return np.random.Generator(np.random.PCG64([self.seed, stream, 5]))

    def save(self, path: Path) -> None:
        """Keeps how far it has come; `resume` takes it up again."""
        write_states(path, [*self.plans, *self.voices])

    def resume(self, path: Path) -> bool:
        """Goes on from a saved state; False (and from the start) when it is missing or of another drawing."""
        states = read_states(path)
        try:
            for plan, state in zip(self.plans, states, strict=False):
                plan.restore(state)
            if len(states) > len(self.plans):
                while not all(plan.done for plan in self.plans):
                    self.advance(8)
                self._begin_voices()
                for voice, state in zip(self.voices, states[len(self.plans) :], strict=True):
                    voice.restore(state)
        except (ValueError, KeyError):
            return False
        return bool(states)


def draw_all(draw: TextureDraw, report: Callable[[float], None] = lambda _: None) -> list[NDArray[np.float32]]:
    """Draws to the end, reporting the share that is done now and then; returns the sounds."""
    while not draw.done:
        draw.advance(BLOCKS_AT_ONCE)
        report(draw.progress)
    return draw.sounds()


def check_request(count: int, seconds: float) -> None:
    """Raises `WeightsError` unless it is for some textures of a sensible length."""
    if count < 1 or not 0.5 <= seconds <= 3600:
        raise WeightsError(f"{count} textures of {seconds:g} s: ask for at least 1, of 0.5 to 3600 s")


def tell(levels: NDArray[np.float32], sizes: WaveSizes) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Predictors [blocks x order] and what a network of waves is told [blocks x INPUTS] for levels [blocks x BANDS]."""
    taps, errors = predictors(levels, sizes.predictor_order)
    given = inputs(levels, errors)
    return fading(taps, sizes.sketch_memory) if sizes.sketch_memory else taps, given


def several(voice: Any, blocks: int) -> None:
    for _ in range(blocks):
        if not voice.done:
            voice.advance()


def in_threads(count: int, tasks: Sequence[Any]) -> None:
    """Does all tasks, `count` at a time; the compiled loops let go of Python's lock."""
    if count == 1 or len(tasks) == 1:
        for task in tasks:
            task()
        return
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(lambda task: task(), tasks))
