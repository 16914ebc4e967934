"""Drawing from a waveform network in torch, with what it heard kept: for many streams on a CUDA card.

On a card the whole block of 256 values is recorded once as a CUDA graph and replayed, since starting some two hundred
small kernels per value costs more than what they compute. On a processor it is the plain loop that the compiled one is
measured against. Both draw the same classes from the same random numbers.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.textures.audio.linear_prediction import LEVELS, WINDOW
from models.textures.audio.mu_law import BLOCK_FRAMES, CLASSES, MU, SILENCE, expand
from models.textures.waveform.network import WaveNetwork

Network = TypeVar("Network", bound=WaveNetwork)


class TorchBlockDrawing(ABC, Generic[Network]):
    """As `waveform.block_drawing.BlockDrawing`, on a device of torch; stream i depends on (seed, i) alone.

    `memory` names the tensors that are carried from value to value; a subclass adds its own when it begins.
    """

    def __init__(
        self,
        network: Network,
        styles: NDArray[np.float32],
        conditions: NDArray[np.float32],
        seed: int,
        temperature: float = 1.0,
        predictors: NDArray[np.float32] | None = None,
        sketch: NDArray[np.float32] | None = None,
        fineness: float = 0.0,
    ) -> None:
        self.network = network.eval().requires_grad_(False)
        self.order, self.device = order, device = network.sizes.predictor_order, network.embedding.device
        self.predictors, self.temperature = predictors, temperature
        self.fineness = fineness if order else 0.0
        blocks, self.streams, _ = conditions.shape
        self.generators = [np.random.Generator(np.random.PCG64([seed, n])) for n in range(self.streams)]
        self.styles = torch.from_numpy(styles).to(device)
        self.conditions = torch.from_numpy(conditions).to(device)
        self.classes = np.full((blocks * BLOCK_FRAMES, self.streams), SILENCE, np.uint8)
        self.values = np.zeros(self.classes.shape, np.float32)
        self.frame = 0
        # What a recorded graph reads and writes must stay where it is.
        self.last = torch.full((self.streams,), SILENCE, dtype=torch.int64, device=device)
        self.away = torch.zeros(self.streams, WINDOW + BLOCK_FRAMES, device=device)
        self.memory: dict[str, Tensor] = {"last": self.last, "away": self.away}
        self.whole_sketch = sketch
        self.sketch = torch.zeros(BLOCK_FRAMES, self.streams, device=device)
        self.tap_values = torch.zeros(self.streams, order, dtype=torch.float64, device=device)
        self.class_values = torch.from_numpy(expand(np.arange(CLASSES))).to(device)
        self.class_edges = torch.from_numpy(expand(np.arange(CLASSES + 1) - 0.5)).to(device)
        self.chances = torch.zeros(BLOCK_FRAMES, self.streams, dtype=torch.float64, device=device)
        self.drawn = torch.zeros(BLOCK_FRAMES, self.streams, dtype=torch.int64, device=device)
        self.drawn_values = torch.zeros(BLOCK_FRAMES, self.streams, device=device)
        self.graph: Any = None
        self._begin()

    @abstractmethod
    def _begin(self) -> None:
        """Makes the tensors that this kind of network needs."""

    @abstractmethod
    def _prepare(self, block: int) -> None:
        """Computes what style and conditions say for a whole block."""

    @abstractmethod
    def _scores(self, step: int, predicted: Tensor | None) -> Tensor:
        """Scores [streams x 256] for the next class, given the predicted levels; moves `memory` on by one."""

    @property
    def done(self) -> bool:
        return self.frame >= len(self.classes)

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything that `restore` needs to go on from here, as arrays."""
        remembered = {name: values.cpu().numpy().copy() for name, values in self.memory.items()}
        drawn = {"classes": self.classes[: self.frame].copy(), "values": self.values[: self.frame].copy()}
        return {"frame": np.array(self.frame), **drawn, **remembered}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Goes on from a state of a drawing made with the same arguments; raises `ValueError` if it cannot be one."""
        frame, classes, values = int(state["frame"]), state["classes"], state["values"]
        fits = all(name in state and state[name].shape == tuple(own.shape) for name, own in self.memory.items())
        drawn_fits = classes.shape == values.shape == (frame, self.streams) and frame <= len(self.classes)
        if not fits or not drawn_fits:
            raise ValueError("the state of another drawing")
        for name, own in self.memory.items():
            own.copy_(torch.from_numpy(state[name]))
        self.classes[:frame], self.values[:frame] = classes, values
        for generator in self.generators:
            generator.bit_generator.advance(frame - self.frame)  # type: ignore[attr-defined]
        self.frame = frame

    @torch.no_grad()
    def advance(self) -> None:
        """Draws one block of `BLOCK_FRAMES` frames in every stream."""
        self._prepare(self.frame // BLOCK_FRAMES)
        self.away[:, :WINDOW] = self.away[:, BLOCK_FRAMES:].clone()
        if self.whole_sketch is not None:
            self.sketch.copy_(torch.from_numpy(self.whole_sketch[self.frame : self.frame + BLOCK_FRAMES]))
        if self.predictors is not None:
            self.tap_values.copy_(torch.from_numpy(self.predictors[self.frame // BLOCK_FRAMES]))
        self.chances.copy_(torch.from_numpy(np.stack([g.random(BLOCK_FRAMES) for g in self.generators], axis=1)))
        if self.device.type == "cuda":
            self._replay()
        else:
            self._block()
        here = slice(self.frame, self.frame + BLOCK_FRAMES)
        self.classes[here], self.values[here] = self.drawn.cpu().numpy(), self.drawn_values.cpu().numpy()
        self.frame += BLOCK_FRAMES

    def _replay(self) -> None:
        if self.graph is None:
            kept = {name: part.clone() for name, part in self.memory.items()}
            self._block()  # the first run loads kernels, which a recording must not
            for name, before in kept.items():
                self.memory[name].copy_(before)
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph):
                self._block()
        self.graph.replay()

    def _block(self) -> None:
        for step in range(BLOCK_FRAMES):
            heard = self.away[:, WINDOW + step - self.order : WINDOW + step].double()
            expected = self.sketch[step].double() + (heard * self.tap_values).sum(dim=1)
            level = levels_of(expected) if self.order else None
            scores = self._scores(step, level).double() / self.temperature
            weights = torch.exp(scores - scores.amax(dim=1, keepdim=True)).cumsum(dim=1)
            wanted = self.chances[step][:, None] * weights[:, -1:]
            self.last.copy_((weights <= wanted).sum(dim=1).clamp(max=weights.shape[1] - 1))
            self.drawn[step] = self.last
            self.drawn_values[step] = self._values_of(self.last, expected)
            self.away[:, WINDOW + step] = self.drawn_values[step] - self.sketch[step]

    def _values_of(self, classes: Tensor, expected: Tensor) -> Tensor:
        """As `waveform.class_choice.value_of`, of classes [streams] and the values expected of them."""
        middle, low, high = self.class_values[classes], self.class_edges[classes], self.class_edges[classes + 1]
        nearest = torch.minimum(torch.maximum(expected.float(), low), high)
        return middle + self.fineness * (nearest - middle)


def levels_of(values: Tensor) -> Tensor:
    """As `models.textures.audio.linear_prediction.level_of`, of float64 values [N]."""
    bent = torch.log1p(MU * values.abs().clamp(max=1.0)) / math.log1p(MU)
    bent = torch.where(values < 0.0, -bent, bent)
    return torch.floor((bent + 1.0) / 2.0 * (LEVELS - 1) + 0.5).long()
