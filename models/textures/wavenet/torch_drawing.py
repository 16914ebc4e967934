"""Drawing from a WaveNet in torch, with what each layer heard kept: for many streams on a CUDA card.

On a card the whole block of 256 values is recorded once as a CUDA graph and replayed, since starting some two hundred
small kernels per value costs more than what they compute. On a processor it is the plain loop that the compiled one in
`models.textures.wavenet.drawing` is measured against. Both draw the same classes from the same random numbers.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.errors import WeightsError
from models.common.weights import load_weights
from models.textures.audio.linear_prediction import LEVELS, WINDOW
from models.textures.audio.mu_law import BLOCK_FRAMES, CLASSES, MU, SILENCE, expand
from models.textures.wavenet.network import WaveNet, gated
from models.textures.wavenet.sizes import WaveNetSizes


def load_torch_network(path: Path) -> WaveNet:
    """The network of a weights file, to draw and to measure with; raises `WeightsError` naming the file."""
    arrays, about = load_weights(path, "wavenet")
    network = WaveNet(WaveNetSizes.from_dict(json.loads(about["sizes"])))
    try:
        network.load_state_dict({key: torch.from_numpy(values) for key, values in arrays.items()})
    except RuntimeError as error:
        raise WeightsError(f"{path}: the weights do not fit their sizes ({error})") from error
    return network.eval().requires_grad_(False)


class TorchDrawing:
    """As `wavenet.drawing.Drawing`, on the network's own device; stream i depends on (seed, i) alone."""

    def __init__(
        self,
        network: WaveNet,
        styles: NDArray[np.float32],
        conditions: NDArray[np.float32],
        seed: int,
        temperature: float = 1.0,
        predictors: NDArray[np.float32] | None = None,
    ) -> None:
        self.predictors = predictors
        self.network, self.temperature = network.eval().requires_grad_(False), temperature
        self.device = network.embedding.device
        blocks, self.streams, _ = conditions.shape
        self.generators = [np.random.Generator(np.random.PCG64([seed, n])) for n in range(self.streams)]
        self.styles = torch.from_numpy(styles).to(self.device)
        self.conditions = torch.from_numpy(conditions).to(self.device)
        self.classes = np.full((blocks * BLOCK_FRAMES, self.streams), SILENCE, np.uint8)
        self.frame = 0
        # What a recorded graph reads and writes must stay where it is.
        self.now = torch.zeros(1, dtype=torch.int64, device=self.device)
        self.last = torch.full((self.streams,), SILENCE, dtype=torch.int64, device=self.device)
        self.rings = network.silent_past(self.streams)
        self.dilations = [torch.tensor([d], device=self.device) for d in network.sizes.dilations]
        self.biases = torch.zeros(network.sizes.layers, self.streams, 2 * network.sizes.channels, device=self.device)
        self.values = torch.zeros(self.streams, WINDOW + BLOCK_FRAMES, device=self.device)
        self.taps = torch.zeros(self.streams, network.sizes.predictor_order, dtype=torch.float64, device=self.device)
        self.class_values = torch.from_numpy(expand(np.arange(CLASSES))).to(self.device)
        self.chances = torch.zeros(BLOCK_FRAMES, self.streams, dtype=torch.float64, device=self.device)
        self.drawn = torch.zeros(BLOCK_FRAMES, self.streams, dtype=torch.int64, device=self.device)
        self.graph: Any = None

    @property
    def done(self) -> bool:
        return self.frame >= len(self.classes)

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything that `restore` needs to go on from here, as arrays."""
        return {
            "frame": np.array(self.frame),
            "now": self.now.cpu().numpy().copy(),
            "last": self.last.cpu().numpy().copy(),
            "rings": torch.cat(self.rings).cpu().numpy(),
            "values": self.values.cpu().numpy().copy(),
            "classes": self.classes[: self.frame].copy(),
        }

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Goes on from a state of a drawing made with the same arguments; raises `ValueError` if it cannot be one."""
        frame, classes, rings = int(state["frame"]), state["classes"], torch.from_numpy(state["rings"])
        fits = rings.shape == torch.cat(self.rings).shape and classes.shape == (frame, self.streams)
        if not fits or frame > len(self.classes):
            raise ValueError("the state of another drawing")
        for ring, kept in zip(self.rings, rings.split([len(ring) for ring in self.rings]), strict=True):
            ring.copy_(kept)
        self.now.copy_(torch.from_numpy(state["now"]))
        self.last.copy_(torch.from_numpy(state["last"]))
        self.values.copy_(torch.from_numpy(state["values"]))
        self.classes[:frame] = classes
        for generator in self.generators:
            generator.bit_generator.advance(frame - self.frame)  # type: ignore[attr-defined]
        self.frame = frame

    @torch.no_grad()
    def advance(self) -> None:
        """Draws one block of `BLOCK_FRAMES` frames in every stream."""
        network = self.network
        added = self.styles @ network.style + self.conditions[self.frame // BLOCK_FRAMES] @ network.condition
        self.biases.copy_(network.gate_bias[:, None] + added)
        self.values[:, :WINDOW] = self.values[:, BLOCK_FRAMES:].clone()
        if self.predictors is not None:
            self.taps.copy_(torch.from_numpy(self.predictors[self.frame // BLOCK_FRAMES]))
        self.chances.copy_(torch.from_numpy(np.stack([g.random(BLOCK_FRAMES) for g in self.generators], axis=1)))
        if self.device.type == "cuda":
            self._replay()
        else:
            self._block()
        self.classes[self.frame : self.frame + BLOCK_FRAMES] = self.drawn.cpu().numpy()
        self.frame += BLOCK_FRAMES

    def _replay(self) -> None:
        if self.graph is None:
            kept = [part.clone() for part in (self.now, self.last, *self.rings)]
            self._block()  # the first run loads kernels, which a recording must not
            for part, before in zip((self.now, self.last, *self.rings), kept, strict=True):
                part.copy_(before)
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph):
                self._block()
        self.graph.replay()

    def _block(self) -> None:
        order = self.network.sizes.predictor_order
        for step in range(BLOCK_FRAMES):
            heard = self.values[:, WINDOW + step - order : WINDOW + step].double()
            level = levels_of((heard * self.taps).sum(dim=1)) if order else None
            scores = self._scores(level).double() / self.temperature
            weights = torch.exp(scores - scores.amax(dim=1, keepdim=True)).cumsum(dim=1)
            wanted = self.chances[step][:, None] * weights[:, -1:]
            self.last.copy_((weights <= wanted).sum(dim=1).clamp(max=weights.shape[1] - 1))
            self.drawn[step] = self.last
            self.values[:, WINDOW + step] = self.class_values[self.last]
            self.now += 1

    def _scores(self, predicted: Tensor | None) -> Tensor:
        """Scores [streams x 256] for the next class, given the predicted levels, and `rings` moved on by one."""
        network = self.network
        x = network.embedding[self.last]
        if predicted is not None:
            x = x + network.foretold[predicted]
        skipped = network.skip_bias.expand(self.streams, -1)
        for layer, ring in enumerate(self.rings):
            slot = self.now % self.dilations[layer]
            past = ring.index_select(0, slot)[0]
            gates = torch.addmm(self.biases[layer], past, network.tap_past[layer])
            gates = torch.addmm(gates, x, network.tap_now[layer])
            ring.index_copy_(0, slot, x[None])
            z = gated(gates)
            skipped = torch.addmm(skipped, z, network.skip[layer])
            x = x + torch.addmm(network.residual_bias[layer], z, network.residual[layer])
        hidden = torch.relu(torch.addmm(network.head_bias, torch.relu(skipped), network.head))
        scores = torch.addmm(network.out_bias, hidden, network.out)
        if predicted is None:
            return scores
        return scores + self.network.nearness(hidden, predicted)


def levels_of(values: Tensor) -> Tensor:
    """As `models.textures.audio.linear_prediction.level_of`, of float64 values [N]."""
    bent = torch.log1p(MU * values.abs().clamp(max=1.0)) / math.log1p(MU)
    bent = torch.where(values < 0.0, -bent, bent)
    return torch.floor((bent + 1.0) / 2.0 * (LEVELS - 1) + 0.5).long()
