"""Drawing sound from a texture network: several streams at once, interrupted and taken up again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from engine.errors import WeightsError
from models.textures.audio.mu_law import BLOCK_FRAMES, RATE_HZ, decode, encode
from models.textures.conditioning.conditions import PITCH_CLASSES
from models.textures.conditioning.contours import SPECTRUM, planned
from models.textures.conditioning.onset_excitation import strikes
from models.textures.conditioning.prediction_guard import Guide, planned_loudness
from models.textures.conditioning.sampling_preset import ANYTHING, PLANNED, SamplingPreset, usual_preset
from models.textures.conditioning.spectral_correction import attuned, coloured, tinted
from models.textures.network_file import TextureNetwork
from models.textures.planned_drawing import PlannedDraw, check_request
from models.textures.wavenet.drawing import Drawing
from models.textures.wavenet.kernel_products import GROUP

LEAD_IN_S: Final = 1.0
"""What comes out first is still finding its sound, and is thrown away."""


class SoundDrawing(Protocol):
    """Streams on their way, as `wavenet.drawing.Drawing` and `wavenet.torch_drawing.TorchDrawing` are."""

    frame: int
    classes: NDArray[np.uint8]

    @property
    def done(self) -> bool: ...

    def prime(self, classes: NDArray[np.uint8]) -> None: ...

    def advance(self) -> None: ...

    def state(self) -> dict[str, NDArray[Any]]: ...

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None: ...


class TextureDraw:
    """Several textures on their way, `threads` groups of streams at once; stream i depends on (seed, i) alone.

    With a `device` of torch (`cuda`), all streams are drawn together there. A device draws the same every time, but
    another may draw another sound from the same seed: sums differ in the last bit, and one draw leads to the next.
    `manner`: the style's usual one if not given.
    """

    rate_hz: Final = RATE_HZ

    def __init__(
        self,
        network: TextureNetwork,
        style: str,
        count: int,
        seconds: float,
        seed: int,
        scale: Sequence[int] | None = None,
        sampling_preset: SamplingPreset | None = None,
        primer: NDArray[np.float32] | None = None,
        threads: int = 1,
        device: str = "",
    ) -> None:
        check_request(count, seconds)
        packed, _ = network.wavenet
        self.frames = round(seconds * RATE_HZ)
        self.lead_in = 0 if primer is not None else round(LEAD_IN_S * RATE_HZ)
        blocks = -(-(self.frames + self.lead_in) // BLOCK_FRAMES)
        chosen = np.zeros((count, len(network.sizes.styles)), np.float32)
        chosen[:, network.style_index(style)] = 1.0
        kept = network.contours[style]
        plans = [planned(kept, blocks, np.random.default_rng([seed, n, 1]), scale) for n in range(count)]
        conditions = np.stack(plans, axis=1)
        if scale is not None and not set(scale):
            conditions[..., :PITCH_CLASSES] = 0.0
        preset = self.sampling_preset = sampling_preset or usual_preset(style)
        self.told, self.spectrum = conditions, network.contours.get(style + SPECTRUM)

        def guide(streams: NDArray[np.int64]) -> Guide:
            struck = streams if preset.strike else streams[:0]
            begun = [strikes(plans[n], np.random.default_rng([seed, int(n), 2])) for n in struck]
            planned = planned_loudness(conditions[:, streams]) if preset.surprise < ANYTHING else None
            return Guide(begun, preset.surprise, planned)

        self.drawings: list[SoundDrawing]
        if device:
            from models.textures.wavenet.torch_drawing import TorchDrawing, load_torch_network

            made = load_torch_network(network.path).to(device)
            everyone = guide(np.arange(count))
            self.drawings = [TorchDrawing(made, chosen, conditions, seed, preset.temperature, everyone)]
        else:
            # Whole groups of streams cost as much as begun ones, so more threads than groups would only be waste.
            self.drawings = [
                Drawing(packed, chosen[g], conditions[:, g], seed, preset.temperature, int(g[0]), guide(g))
                for g in np.array_split(np.arange(count), min(threads, -(-count // GROUP)))
            ]
        if primer is not None:
            for drawing in self.drawings:
                drawing.prime(encode(primer))

    @property
    def progress(self) -> float:
        """Share 0..1 that is done."""
        return min(d.frame / len(d.classes) for d in self.drawings)

    @property
    def done(self) -> bool:
        return all(drawing.done for drawing in self.drawings)

    def advance(self, blocks: int = 1) -> None:
        """Draws some blocks more in all streams."""

        def go_on(drawing: SoundDrawing) -> None:
            for _ in range(blocks):
                if not drawing.done:
                    drawing.advance()

        if len(self.drawings) == 1:
            go_on(self.drawings[0])
            return
        with ThreadPoolExecutor(len(self.drawings)) as pool:
            list(pool.map(go_on, self.drawings))

    def sounds(self) -> list[NDArray[np.float32]]:
        """The finished textures, each mono [frames] at 16 kHz, without the lead-in and what lies below hearing."""
        below = scipy.signal.butter(2, 30.0, "highpass", fs=RATE_HZ, output="sos")
        classes = np.concatenate([drawing.classes for drawing in self.drawings], axis=1)
        heard = slice(self.lead_in, self.lead_in + self.frames)
        sounds = []
        for stream, told in zip(classes.T, self.told.swapaxes(0, 1), strict=True):
            sound = scipy.signal.sosfilt(below, decode(stream))
            sound = coloured(sound, told[:, PITCH_CLASSES:], self.sampling_preset.colour)
            if self.spectrum is not None:
                sound = tinted(sound, self.spectrum, self.sampling_preset.colour)
            sounds.append(attuned(sound, told[:, :PITCH_CLASSES], self.sampling_preset.attune)[heard])
        return sounds

    def save(self, path: Path) -> None:
        """Keeps how far it has come; `resume` takes it up again."""
        states: dict[str, Any] = {}
        for number, drawing in enumerate(self.drawings):
            states |= {f"{name}_{number}": value for name, value in drawing.state().items()}
        temporary = path.with_suffix(".part")
        with temporary.open("wb") as file:
            np.savez(file, **states)
        temporary.replace(path)

    def resume(self, path: Path) -> bool:
        """Goes on from a saved state; False (and from the start) when it is missing or of another drawing."""
        try:
            with np.load(path) as states:
                for number, drawing in enumerate(self.drawings):
                    drawing.restore({name: states[f"{name}_{number}"] for name in drawing.state()})
        except (OSError, ValueError, KeyError):
            return False
        return True


def manner_of(network: TextureNetwork, style: str) -> SamplingPreset:
    """How a network draws a style unless somebody wants it otherwise; one that follows a plan needs no help."""
    return usual_preset(style) if network.plan is None else PLANNED


def begin_draw(
    network: TextureNetwork,
    style: str,
    count: int,
    seconds: float,
    seed: int,
    scale: Sequence[int] | None = None,
    sampling_preset: SamplingPreset | None = None,
    primer: NDArray[np.float32] | None = None,
    threads: int = 1,
    device: str = "",
) -> TextureDraw | PlannedDraw:
    """Textures on their way, by the network's own way of drawing; arguments as for `TextureDraw`."""
    sampling_preset = sampling_preset or manner_of(network, style)
    if network.plan is None:
        return TextureDraw(network, style, count, seconds, seed, scale, sampling_preset, primer, threads, device)
    if primer is not None:
        raise WeightsError(f"network {network.name!r} follows a plan of its own: give it no sound to go on from")
    return PlannedDraw(network, style, count, seconds, seed, scale, sampling_preset, threads, device)


def draw_all(
    draw: TextureDraw | PlannedDraw, report: Callable[[float], None] = lambda _: None, stride: int = 20
) -> list[NDArray[np.float32]]:
    """Draws to the end, reporting the share that is done now and then; returns the sounds."""
    while not draw.done:
        draw.advance(stride)
        report(draw.progress)
    return draw.sounds()
