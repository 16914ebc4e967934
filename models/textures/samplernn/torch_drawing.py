"""Drawing from a SampleRNN in torch, with what each tier remembers kept; see `waveform.torch_drawing`."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.textures.audio.mu_law import BLOCK_FRAMES, SILENCE
from models.textures.samplernn.network import FULL_SCALE, SampleRnn
from models.textures.waveform.head import scores_of
from models.textures.waveform.torch_drawing import TorchBlockDrawing


class TorchDrawing(TorchBlockDrawing[SampleRnn]):
    """As `samplernn.drawing.Drawing`, on the network's own device."""

    def _begin(self) -> None:
        network, streams, device = self.network, self.streams, self.device
        self.sizes = sizes = network.sizes
        self.known = torch.zeros(sizes.top_frames + BLOCK_FRAMES, streams, dtype=torch.int64, device=device)
        self.top, self.middle = network.silent_past(streams)[1:]
        self.memory |= {"known": self.known, "top": self.top, "middle": self.middle}
        self.tables = network.embedding @ network.taps
        widths = {"top_": sizes.top, "middle_": sizes.middle, "": sizes.channels}
        self.told = {tier: torch.zeros(streams, width, device=device) for tier, width in widths.items()}
        moments = sizes.top_frames // sizes.middle_frames
        self.top_says = torch.zeros(streams, moments, sizes.middle, device=device)
        self.middle_says = torch.zeros(streams, sizes.middle_frames, sizes.channels, device=device)

    def _prepare(self, block: int) -> None:
        for tier, told in self.told.items():
            own = self.styles @ self.network.get_parameter(f"{tier}style")
            conditions = self.conditions[block] @ self.network.get_parameter(f"{tier}condition")
            told.copy_(own + conditions + self.network.get_parameter(f"{tier}bias"))
        self.known[: self.sizes.top_frames] = self.known[BLOCK_FRAMES:].clone()

    def _scores(self, step: int, predicted: Tensor | None) -> Tensor:
        sizes, network, at = self.sizes, self.network, self.sizes.top_frames + step
        self.known[at - 1] = self.last - SILENCE
        if step % sizes.top_frames == 0:
            heard = self._frame(at, sizes.top_frames) @ network.top_frame + self.told["top_"]
            self._hear(network.top_unit, heard, self.top)
            self.top_says.copy_((self.top[0] @ network.top_out).view_as(self.top_says))
        if step % sizes.middle_frames == 0:
            said = self.top_says[:, step % sizes.top_frames // sizes.middle_frames]
            heard = self._frame(at, sizes.middle_frames) @ network.middle_frame + said + self.told["middle_"]
            self._hear(network.middle_unit, heard, self.middle)
            self.middle_says.copy_((self.middle[0] @ network.middle_out).view_as(self.middle_says))
        x = self.middle_says[:, step % sizes.middle_frames] + self.told[""]
        for place, table in enumerate(self.tables):
            x = x + functional.embedding(self.known[at - sizes.heard + place] + SILENCE, table)
        if predicted is not None:
            x = x + network.foretold[predicted]
        return scores_of(torch.relu(x), network.whole_head, predicted)

    def _frame(self, at: int, length: int) -> Tensor:
        """The last values [streams x length], as classes about silence."""
        return self.known[at - length : at].T * (FULL_SCALE / SILENCE)

    def _hear(self, unit: nn.GRU, heard: Tensor, memory: Tensor) -> None:
        memory.copy_(unit(heard[None], memory)[1])
