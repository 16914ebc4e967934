"""Networks of textures as small as can be, that learnt nothing: for tests of everything around them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from models.textures.network_file import PLAN, save_network
from models.textures.products.panels import random_parameters
from models.textures.samplernn.sizes import SampleRnnSizes
from models.textures.spectral.codec import Codec, CodecSizes
from models.textures.spectral.network_file import write_plan
from models.textures.spectral.plan import Plan
from models.textures.spectral.plan_sizes import PlanSizes
from models.textures.waveform.plan_conditions import INPUTS
from models.textures.waveform.sketch import MEMORY
from models.textures.wavenet.sizes import WaveNetSizes

PLAN_SIZES = PlanSizes(width=16, layers=1, heads=2, reach=20, row_width=16, row_layers=1, row_heads=2)
CODEC_SIZES = CodecSizes(fine=8, middle=8, coarse=16)
WAVENET_SIZES = WaveNetSizes(
    layers=3, cycle=3, channels=8, skip_channels=16, head_channels=16, conditions=8, predictor_order=32, told=INPUTS
)
SAMPLERNN_SIZES = SampleRnnSizes(
    top=16,
    middle=16,
    channels=16,
    embedding=8,
    conditions=8,
    predictor_order=32,
    told=INPUTS,
    sketch_memory=MEMORY,
)


def write_small_networks(folder: Path) -> tuple[Path, Path]:
    """Folders of a WaveNet in two eras and of the plan network that it follows; `haze` beside them is a SampleRNN that
    keeps to a sketch of such plans."""
    torch.manual_seed(1)
    air, spectra = folder / "air", folder / "spectra"
    plan, codec = Plan(PLAN_SIZES), Codec(CODEC_SIZES)
    with torch.no_grad():
        for values in plan.parameters():
            values.add_(0.3 * torch.randn_like(values))
    parameters = ({n: v.detach().numpy() for n, v in network.named_parameters()} for network in (plan, codec))
    write_plan(spectra / "late.safetensors", *parameters, PLAN_SIZES, {"steps": "0"})
    rng = np.random.default_rng(1)
    for era in ("early", "late"):
        about = {"steps": "0", PLAN: "../spectra/late.safetensors"}
        save_network(air, era, random_parameters(WAVENET_SIZES, rng), WAVENET_SIZES, about)
    about = {"steps": "0", PLAN: "../spectra/late.safetensors"}
    save_network(folder / "haze", "late", random_parameters(SAMPLERNN_SIZES, rng), SAMPLERNN_SIZES, about)
    return air, spectra
