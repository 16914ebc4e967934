"""Drawing from a WaveNet in torch, with what each layer heard kept; see `waveform.torch_drawing`."""

from __future__ import annotations

import torch
from torch import Tensor

from models.textures.waveform.head import scores_of
from models.textures.waveform.torch_drawing import TorchBlockDrawing
from models.textures.wavenet.network import WaveNet


class TorchDrawing(TorchBlockDrawing[WaveNet]):
    """As `wavenet.drawing.Drawing`, on the network's own device."""

    def _begin(self) -> None:
        network, sizes, device = self.network, self.network.sizes, self.device
        self.now = torch.zeros(1, dtype=torch.int64, device=device)
        self.rings = network.silent_past(self.streams)
        self.memory |= {"now": self.now, **{f"ring {layer}": ring for layer, ring in enumerate(self.rings)}}
        self.dilations = [torch.tensor([d], device=device) for d in sizes.dilations]
        self.biases = torch.zeros(sizes.layers, self.streams, 2 * sizes.channels, device=device)

    def _prepare(self, block: int) -> None:
        network = self.network
        added = self.styles @ network.style + self.conditions[block] @ network.condition
        self.biases.copy_(network.gate_bias[:, None] + added)

    def _scores(self, step: int, predicted: Tensor | None) -> Tensor:  # noqa: ARG002 - all values are alike here
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
        self.now += 1
        return scores_of(torch.relu(skipped), network.whole_head, predicted)


def gated(gates: Tensor) -> Tensor:
    """tanh(a / 2) * sigmoid(b) for gates [N x 2C] of halves a and b, with tanh(a / 2) = 2 sigmoid(a) - 1.

    One pass of sigmoid over the whole is twice as fast as the textbook form, and drawn values do not know.
    """
    filter_half, gate_half = torch.sigmoid(gates).chunk(2, dim=1)
    return (2.0 * filter_half - 1.0) * gate_half
