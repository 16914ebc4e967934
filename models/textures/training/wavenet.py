"""Training a WaveNet on a corpus: resumable, with a running mean of the weights, eras, and held-out bits per value.

Each step continues where the last one stopped: what the layers heard is carried over (as in Transformer-XL, arXiv
1901.02860), so the network always hears its whole receptive field and no value is computed twice.

    FOLDER/checkpoint.pt           everything needed to go on
    FOLDER/log.csv                 step, values heard, seconds, training and held-out bits, rate
    FOLDER/ERA.safetensors         mean weights of early, middle and (renewed at every measurement) late
    FOLDER/contours.safetensors    see `models.textures.conditioning.contours`
    FOLDER/draws/                  a few seconds of every style at each era
"""

from __future__ import annotations

import csv
import math
import os
import signal
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile
import torch
from torch import Tensor
from torch.nn import functional

from engine.errors import TextureError, WeightsError
from models.textures.audio.mu_law import RATE_HZ
from models.textures.conditioning.contours import contours, mean_spectrum, save_contours
from models.textures.drawing import TextureDraw, draw_all
from models.textures.network_file import load_network, save_network
from models.textures.wavenet.held_out import held_out_bits
from models.textures.wavenet.network import WaveNet
from models.textures.wavenet.sizes import WaveNetSizes
from models.textures.wavenet.streams import Streams, load_pieces

DRAW_S: Final = 4.0
MEASURED_PER_STYLE: Final = 4
"""Held-out pieces that are measured on along the way; `textures evaluate` takes them all."""


@dataclass(frozen=True)
class TrainingPlan:
    """How to train. `steps` is the length of the whole run: the rate rises over `warm_up`, then falls to nought."""

    steps: int = 20_000
    streams: int = 8
    frames: int = 1024
    rate: float = 2e-3
    warm_up: int = 300
    mean_decay: float = 0.999
    unconditioned: float = 0.15
    disturb: bool = True
    """Whether most of what is heard is disturbed: see `models.textures.corpus.disturbances`."""
    measure_every: int = 500
    eras: tuple[tuple[str, float], ...] = (("early", 0.04), ("middle", 0.25))
    """Names, and the shares of `steps` after which they are kept; `late` is always the last."""
    seed: int = 1
    threads: int = 1


class Training:
    """A run that can be stopped at any step and taken up again from its folder."""

    def __init__(self, folder: Path, corpus: Path, sizes: WaveNetSizes, plan: TrainingPlan) -> None:
        torch.set_num_threads(plan.threads)
        torch.manual_seed(plan.seed)
        self.folder, self.plan = folder, plan
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.network = WaveNet(sizes).to(self.device)
        self.mean = WaveNet(sizes).to(self.device).requires_grad_(False)
        self.mean.load_state_dict(self.network.state_dict())
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=plan.rate, betas=(0.9, 0.99))
        self.pieces = load_pieces(corpus, sizes, "train")
        self.held_out = load_pieces(corpus, sizes, "held_out")
        self.streams = Streams(
            self.pieces, plan.streams, plan.frames, plan.unconditioned, plan.seed, sizes.predictor_order, plan.disturb
        )
        self.half = torch.bfloat16 if bf16_is_faster(self.device) else None
        self.step, self.elapsed_s, self.row = 0, 0.0, dict[str, Any]()
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "checkpoint.pt").is_file():
            self._resume()

    def _resume(self) -> None:
        path = self.folder / "checkpoint.pt"
        try:
            state = torch.load(path, map_location=self.device, weights_only=True)
            if WaveNetSizes.from_dict(state["sizes"]) != self.network.sizes:
                raise WeightsError(f"{path}: a network of other sizes; choose another folder, or the same sizes")
            self.network.load_state_dict(state["network"])
            self.mean.load_state_dict(state["mean"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.step, self.elapsed_s = int(state["step"]), float(state["elapsed_s"])
        except (RuntimeError, KeyError, OSError, EOFError) as error:
            raise WeightsError(f"{path}: damaged ({error}); remove it to begin anew") from error
        self.streams.rng = np.random.default_rng([self.plan.seed, self.step])

    def save(self) -> None:
        """Keeps everything needed to go on, and the mean weights as the era `late`."""
        state = {
            "network": self.network.state_dict(),
            "mean": self.mean.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "elapsed_s": self.elapsed_s,
            "sizes": self.network.sizes.as_dict(),
        }
        temporary = self.folder / "checkpoint.pt.part"
        torch.save(state, temporary)
        os.replace(temporary, self.folder / "checkpoint.pt")
        self.keep("late")

    def run(self, report: Callable[[int, float, dict[str, Any]], None]) -> None:
        """Trains to the plan's last step; Ctrl-C or SIGTERM saves and returns.

        `report` is told, after every step, its number, its bits per value, and the last measurement.
        """
        self._keep_contours()
        stopping: list[bool] = []
        before = {s: signal.signal(s, lambda *_: stopping.append(True)) for s in (signal.SIGTERM, signal.SIGINT)}
        past, bits, began = None, [], time.monotonic()
        eras = {max(1, round(share * self.plan.steps)): name for name, share in self.plan.eras}
        try:
            while self.step < self.plan.steps and not stopping:
                loss, past = self._learn(past)
                bits.append(loss / math.log(2.0))
                self.step += 1
                if self.step % self.plan.measure_every == 0 or self.step == self.plan.steps:
                    self.elapsed_s, began = self.elapsed_s + time.monotonic() - began, time.monotonic()
                    self._record(float(np.mean(bits)))
                    bits.clear()
                    self.save()
                if self.step in eras:
                    self.keep(eras[self.step])
                    self.draw(eras[self.step])
                report(self.step, loss / math.log(2.0), self.row)
            self.elapsed_s += time.monotonic() - began
            self.save()
            if self.step >= self.plan.steps:
                self.draw("late")
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def keep(self, era: str) -> None:
        """Writes the mean weights as an era, shippable as they are."""
        about = {
            "steps": str(self.step),
            "values": str(self.step * self.plan.streams * self.plan.frames),
            "plan": str(asdict(self.plan)),
            **{name: str(value) for name, value in self.row.items() if name.startswith("held_out")},
        }
        arrays = {name: value.cpu().numpy() for name, value in self.mean.state_dict().items()}
        save_network(self.folder, era, arrays, self.network.sizes, about)

    def draw(self, era: str) -> None:
        """A few seconds of every style as the era draws them, to hear how far it has come."""
        (self.folder / "draws").mkdir(exist_ok=True)
        network = load_network(str(self.folder), era)
        for style in network.sizes.styles:
            sound = draw_all(TextureDraw(network, style, 1, DRAW_S, seed=self.plan.seed))[0]
            name = f"{self.step:07d}-{era}-{style}.flac"
            soundfile.write(self.folder / "draws" / name, np.clip(sound, -1.0, 1.0), RATE_HZ)

    def _keep_contours(self) -> None:
        by_style = {
            name: [p for p in self.pieces if p.style == index] for index, name in enumerate(self.network.sizes.styles)
        }
        save_contours(
            self.folder,
            {name: contours([p.conditions for p in pieces]) for name, pieces in by_style.items()},
            {name: mean_spectrum([p.classes for p in pieces]) for name, pieces in by_style.items()},
        )

    def _learn(self, past: list[Tensor] | None) -> tuple[float, list[Tensor]]:
        """One step; returns its loss in nats per value and the past for the next."""
        step = self.streams.step()
        given, wanted, style, conditions = (
            torch.from_numpy(part).to(self.device) for part in (step.given, step.wanted, step.style, step.conditions)
        )
        foretold = None if step.foretold is None else torch.from_numpy(step.foretold).to(self.device)
        for layer in past or []:
            layer[:, step.fresh] = 0.0
        for group in self.optimiser.param_groups:
            group["lr"] = self._rate()
        with torch.autocast(self.device.type, self.half, enabled=self.half is not None):
            scores, after = self.network(given, style, conditions, past, foretold)
        loss = functional.cross_entropy(scores.float().flatten(0, 1), wanted.flatten())
        if not torch.isfinite(loss):
            raise TextureError(f"training came apart at step {self.step}; continue from the checkpoint at a lower rate")
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        decay = min(self.plan.mean_decay, (1.0 + self.step) / (10.0 + self.step))
        with torch.no_grad():
            for kept, new in zip(self.mean.parameters(), self.network.parameters(), strict=True):
                kept.lerp_(new, 1.0 - decay)
        return float(loss.detach()), [layer.detach() for layer in after]

    def _rate(self) -> float:
        warm = min(1.0, (self.step + 1) / self.plan.warm_up)
        return self.plan.rate * warm * max(0.02, math.cos(0.5 * math.pi * self.step / self.plan.steps))

    def _record(self, training_bits: float) -> None:
        """Measures the mean weights on held-out pieces and adds a line to `log.csv`."""
        few = [
            [p for p in self.held_out if p.style == s][:MEASURED_PER_STYLE]
            for s in range(len(self.network.sizes.styles))
        ]
        per_style = held_out_bits(self.mean, [piece for pieces in few for piece in pieces], seconds=1.0)
        self.row = {
            "step": self.step,
            "values": self.step * self.plan.streams * self.plan.frames,
            "elapsed_s": round(self.elapsed_s),
            "training_bits": round(training_bits, 4),
            "held_out_bits": round(float(np.mean(list(per_style.values()))), 4),
            **{f"held_out_{style}": round(bits, 4) for style, bits in per_style.items()},
            "rate": round(self._rate(), 6),
        }
        path = self.folder / "log.csv"
        is_new = not path.is_file()
        with path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, self.row)
            if is_new:
                writer.writeheader()
            writer.writerow(self.row)


def bf16_is_faster(device: torch.device) -> bool:
    """Whether this device multiplies in bf16 clearly faster than in float32, by trying both for a moment."""
    took = {}
    for kind in (torch.float32, torch.bfloat16):
        a = torch.randn(4096, 64, device=device).to(kind)
        b = torch.randn(64, 64, device=device).to(kind)
        float((a @ b).sum())
        began = time.perf_counter()
        for _ in range(4):
            product = a @ b
        float(product.sum())
        took[kind] = time.perf_counter() - began
    return took[torch.bfloat16] < 0.7 * took[torch.float32]
