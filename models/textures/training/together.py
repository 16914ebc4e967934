"""Training all networks of textures on a corpus, one after another, for as long as is asked; resumable at any step.

    FOLDER/prepared/           the corpus as the networks see it, see `models.textures.training.pieces`
    FOLDER/sketches/           what those that make waves keep to, see `models.textures.training.sketches`
    FOLDER/codec.pt, plan.pt, decoder.pt, wavenet.pt, samplernn.pt, and a .csv of figures each
    FOLDER/spectra/ERA.safetensors   the plan network with the codec's way back, or what that has become on drawn plans
    FOLDER/spectra/calibration.safetensors   what its last layer has learnt since
    FOLDER/air/ERA.safetensors       the WaveNet that makes plans sound
    FOLDER/haze/ERA.safetensors      the SampleRNN that makes plans sound

What has been reached is always there to be played: eras are written as they come, `late` at the end and at every stop.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import nn

from engine.errors import TextureError
from models.common.devices import autocast, best_device
from models.common.weights import Arrays, load_weights
from models.textures.network_file import KINDS, PLAN, load_network, save_network
from models.textures.samplernn.sizes import SampleRnnSizes
from models.textures.sampling_preset import usual_preset
from models.textures.spectral.calibration import write_calibration
from models.textures.spectral.codec import Codec, CodecSizes
from models.textures.spectral.network_file import CODEC as CODEC_ARRAYS
from models.textures.spectral.network_file import PLAN as PLAN_ARRAYS
from models.textures.spectral.network_file import SPECTRAL, read_plan, under, write_plan
from models.textures.spectral.plan_sizes import PlanSizes
from models.textures.training.calibration import FIRST, calibration
from models.textures.training.checkpoints import read_checkpoint
from models.textures.training.codec import FILE as CODEC_FILE
from models.textures.training.codec import CodecPlan, CodecTraining
from models.textures.training.decoder import FILE as DECODER_FILE
from models.textures.training.decoder import DecoderPlan, DecoderTraining
from models.textures.training.drawn_plans import drawn_plans
from models.textures.training.pieces import Prepared, prepared, transposed
from models.textures.training.plan import FILE as PLAN_FILE
from models.textures.training.plan import Planned, PlanPlan, PlanTraining
from models.textures.training.sketches import with_sketches
from models.textures.training.timed_run import Learner, run
from models.textures.training.waves import WavePlan, WaveTraining
from models.textures.wave_networks import SAMPLERNN, WAVENET, WaveSizes, kind_of_sizes
from models.textures.waveform.plan_conditions import INPUTS
from models.textures.waveform.sketch import MEMORY
from models.textures.wavenet.sizes import WaveNetSizes

SHARES: Final = {"codec": 0.15, "plan": 0.3, "decoder": 0.1, "wavenet": 0.25, "samplernn": 0.2}
"""Of the time."""
ERAS: Final = (("early", 0.04), ("middle", 0.25), ("late", 1.0))
"""Names, and the shares of a network's time after which they are kept; early ones click, and are material too."""
CALIBRATED: Final = "calibration"
"""A part that takes as long as it takes: minutes, and for styles alone that are usually drawn with it."""
PARTS: Final = ("codec", "plan", "decoder", CALIBRATED, "wavenet", "samplernn")
LATE: Final = "late"
WAVE_FOLDERS: Final = {WAVENET: "air", SAMPLERNN: "haze"}
ENCODED_AT_ONCE: Final = 2048
TRANSPOSITIONS: Final = (-5, -3, -2, -1, 1, 2, 3, 4)
"""Semitones. A plan that hears each scene in one key alone learns scenes by heart."""
OTHER_KEYS: Final = 5

Report = Callable[[str, int, float], None]


@dataclass(frozen=True)
class Sizes:
    """Of the four networks."""

    codec: CodecSizes
    plan: PlanSizes
    wavenet: WaveNetSizes
    samplernn: SampleRnnSizes

    @staticmethod
    def usual(styles: Sequence[str]) -> Sizes:
        known = tuple(styles)
        return Sizes(
            CodecSizes(),
            PlanSizes(styles=known),
            WaveNetSizes(told=INPUTS, conditions=64, sketch_memory=MEMORY, styles=known),
            SampleRnnSizes(told=INPUTS, sketch_memory=MEMORY, styles=known),
        )


class Together:
    """All trainings of one folder. `minutes` is the length of the whole; rates fall to nought at its end."""

    def __init__(
        self,
        folder: Path,
        corpus: Path,
        sizes: Sizes,
        minutes: float,
        seed: int = 1,
        threads: int = 1,
        begin_from: Sequence[str] = (),
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`begin_from`: names of trained networks to go on from where this folder has no checkpoint yet."""
        torch.set_num_threads(threads)
        self.folder, self.sizes, self.seconds, self.seed = folder, sizes, 60.0 * minutes, seed
        folder.mkdir(parents=True, exist_ok=True)
        self.known = known_parameters(begin_from)
        styles = sizes.plan.styles
        self.train = prepared(corpus, folder, styles, "train", say)
        self.held_out = prepared(corpus, folder, styles, "held_out", say)
        if not self.train or not self.held_out:
            raise TextureError(f"{corpus}: nothing in it is as long as two seconds; render or import more")

    def run(self, report: Report, parts: Sequence[str] = PARTS) -> None:
        """Trains the `parts` in order; Ctrl-C or SIGTERM saves and returns. `report` hears part, step and loss."""
        stops: list[bool] = []
        before = {s: signal.signal(s, lambda *_: stops.append(True)) for s in (signal.SIGTERM, signal.SIGINT)}
        try:
            for part in parts:
                if part == CALIBRATED and not stops:
                    self._calibrate()
                elif not stops:
                    self._learn(part, lambda: bool(stops), report)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _learn(self, part: str, stopping: Callable[[], bool], report: Report) -> None:
        seconds = self.seconds * SHARES[part]
        learner = getattr(self, f"_{part}")(seconds)
        for era, share in ERAS:
            if learner.elapsed_s < share * seconds or era == LATE:
                run(learner, share * seconds, stopping, lambda step, loss: report(part, step, loss))
                keep(self.folder, LATE if stopping() else era, learner)

    def _codec(self, seconds: float) -> CodecTraining:
        plan = CodecPlan(seconds=seconds, seed=self.seed)
        return CodecTraining(self.folder, self.train, self.held_out, self.sizes.codec, plan, self.known["codec"])

    def _plan(self, seconds: float) -> PlanTraining:
        codec = self._codec(seconds).mean
        known = [encoded(codec, piece, by) for n, piece in enumerate(self.train) for by in keys_of(n)]
        unknown = [encoded(codec, piece) for piece in self.held_out]
        plan = PlanPlan(seconds=seconds, seed=self.seed)
        return PlanTraining(self.folder, known, unknown, self.sizes.plan, plan, self.known["plan"])

    def _decoder(self, seconds: float) -> DecoderTraining:
        codec, plan = (
            self._codec(0.0).mean,
            read_checkpoint(self.folder / PLAN_FILE, best_device(), self.sizes.plan.as_dict()),
        )
        if not plan:
            raise TextureError(f"{self.folder}: no plan has learnt yet that could be decoded; train with --part plan")
        real, held_out = ([(p, encoded(codec, p)) for p in pieces] for pieces in (self.train, self.held_out))
        weights = {name: numbers(value) for name, value in plan["mean"].items()}
        drawn = drawn_plans(weights, self.sizes.plan, [codes for _, codes in real], self.seed)
        return DecoderTraining(self.folder, codec, real, held_out, drawn, DecoderPlan(seconds=seconds, seed=self.seed))

    def _calibrate(self) -> None:
        """Counts how often plans of this folder write what real pieces have, see `training.calibration`."""
        path = self.folder / "spectra" / f"{LATE}.safetensors"
        network, _ = read_plan(path)
        codec, biases = self._codec(0.0).mean, {}
        for style, name in enumerate(self.sizes.plan.styles):
            if (preset := usual_preset(name)).calibration:
                every = (encoded(codec, piece).codes for piece in self.train if piece.style == style)
                if real := [codes for codes in every if len(codes) > FIRST]:  # of shorter ones nothing is counted
                    biases[name] = calibration(network, style, real, preset, self.seed)
        if biases:
            write_calibration(path, network.hash, biases)

    def _wavenet(self, seconds: float) -> WaveTraining:
        return self._waves(WAVENET, self.sizes.wavenet, WavePlan(seconds=seconds, seed=self.seed))

    def _samplernn(self, seconds: float) -> WaveTraining:
        return self._waves(SAMPLERNN, self.sizes.samplernn, WavePlan(seconds=seconds, streams=16, seed=self.seed))

    def _waves(self, part: str, sizes: WaveSizes, plan: WavePlan) -> WaveTraining:
        train, held_out = self.train, self.held_out
        if sizes.sketch_memory:
            train, held_out = (with_sketches(pieces, self.folder) for pieces in (train, held_out))
        return WaveTraining(self.folder, train, held_out, sizes, plan, self.known[part])


def known_parameters(names: Sequence[str]) -> dict[str, Arrays]:
    """Parameters of trained networks, by part and name; of parts that none of them has, none."""
    found: dict[str, Arrays] = {part: {} for part in PARTS}
    for name in names:
        arrays, about = load_weights(load_network(name).path, *KINDS)
        if about["network"] == SPECTRAL:
            found["plan"], found["codec"] = under(arrays, PLAN_ARRAYS), under(arrays, CODEC_ARRAYS)
        else:
            found[about["network"]] = arrays
    return found


def keys_of(number: int) -> list[int]:
    """By how many semitones a piece is heard higher: as it is, and in `OTHER_KEYS` others, from piece to piece."""
    return [0, *(TRANSPOSITIONS[(number + 3 * n) % len(TRANSPOSITIONS)] for n in range(OTHER_KEYS))]


@torch.no_grad()
def encoded(codec: Codec, piece: Prepared, semitones: int = 0) -> Planned:
    """A piece as the plan network learns it, in its own key or another."""
    device = next(codec.parameters()).device
    heard = transposed(piece.levels, semitones) if semitones else piece.levels.astype(np.float32)
    levels = torch.from_numpy(heard)[None].to(device)
    with autocast(device):
        parts = [codec.codes(codec.quantised(codec.encoder(part))) for part in levels.split(ENCODED_AT_ONCE, dim=2)]
    codes = torch.cat(parts, dim=1)[0].flatten(1).cpu().numpy().astype(np.int16)
    return Planned(codes, piece.style, np.roll(piece.scale, semitones))


def keep(folder: Path, era: str, learner: Learner) -> None:
    """Writes what a training has reached as an era; a codec is kept with the plan that speaks its codes, and of its way
    back, where that has learnt on after the plan, the last era alone."""
    if isinstance(learner, PlanTraining) or (isinstance(learner, DecoderTraining) and era == LATE):
        keep_plan(folder, era, {name: str(value) for name, value in learner.row.items()})
    if isinstance(learner, WaveTraining):
        about = {"steps": str(learner.step), **{name: str(value) for name, value in learner.row.items()}}
        about[PLAN] = f"../spectra/{LATE}.safetensors"
        sizes = learner.network.sizes
        save_network(folder / WAVE_FOLDERS[kind_of_sizes(sizes)], era, parameters(learner.mean), sizes, about)


def keep_plan(folder: Path, era: str, about: Mapping[str, str]) -> None:
    """Writes the plan network of a folder with the best way back that there is."""
    plan = torch.load(folder / PLAN_FILE, map_location="cpu", weights_only=True)
    way_back = DECODER_FILE if (folder / DECODER_FILE).is_file() else CODEC_FILE
    codec = torch.load(folder / way_back, map_location="cpu", weights_only=True)["mean"]
    written, decoded = ({name: numbers(value) for name, value in state.items()} for state in (plan["mean"], codec))
    path = folder / "spectra" / f"{era}.safetensors"
    write_plan(path, written, decoded, PlanSizes.from_dict(plan["sizes"]), {**about, "steps": str(plan["step"])})


def parameters(network: nn.Module) -> dict[str, Any]:
    return {name: numbers(value) for name, value in network.named_parameters()}


def numbers(value: torch.Tensor) -> Any:
    return value.detach().float().cpu().numpy()
