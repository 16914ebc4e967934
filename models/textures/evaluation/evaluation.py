"""The figures of a texture network's card: held-out bits beside baselines, and how like the corpus its draws are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray

from models.textures.conditioning.sampling_preset import BARE, Manner
from models.textures.corpus.corpus import read_list
from models.textures.drawing import TextureDraw, draw_all
from models.textures.evaluation.baselines import baselines
from models.textures.evaluation.distance import class_noise, distance_db
from models.textures.network_file import TextureNetwork, eras_of, load_network, network_folder
from models.textures.wavenet.held_out import held_out_bits
from models.textures.wavenet.network import WaveNet
from models.textures.wavenet.packing import pack
from models.textures.wavenet.streams import load_pieces
from models.textures.wavenet.torch_drawing import load_torch_network

MOST_PIECES = 40
"""Training pieces per style that the baselines are fitted on."""


def evaluate(name: str, corpus: Path, seconds: float, report: Callable[[str], None]) -> dict[str, Any]:
    """All figures of all eras of a network on a corpus, as the card keeps them; `report` hears what is being done."""
    sizes = load_network(name).sizes
    train = load_pieces(corpus, sizes, "train")  # for baselines alone
    held_out = load_pieces(corpus, sizes, "held_out")
    figures: dict[str, Any] = {"held_out_bits": {}, "distance_db": {}}
    for index, style in enumerate(sizes.styles):
        report(f"baselines of {style}")
        known = [p.classes for p in train if p.style == index][:MOST_PIECES]
        found = baselines(known, [p.classes for p in held_out if p.style == index])
        figures["held_out_bits"] |= {f"{baseline} {style}": bits for baseline, bits in found.items()}
    for era in eras_of(name):
        report(f"held-out bits of {era}")
        bits = held_out_bits(load_torch_network(network_folder(name) / f"{era}.safetensors"), held_out)
        figures["held_out_bits"] |= {f"{era} {style}": round(value, 3) for style, value in bits.items()}
    real = {style: held_out_sounds(corpus, style) for style in sizes.styles}
    for era in eras_of(name):
        report(f"draws of {era}")
        figures["distance_db"] |= distances(load_network(name, era), real, seconds, era)
    report("draws of an untrained network")
    nothing = untrained(load_network(name))
    figures["distance_db"] |= distances(nothing, real, seconds, "untrained")
    figures["distance_db"] |= distances(nothing, real, seconds, "untrained bare", BARE)
    for style in sizes.styles:
        noise = round(distance_db([class_noise(seconds)], real[style]), 2)
        figures["distance_db"][f"noise to {style}"] = noise
    return figures


def distances(
    network: TextureNetwork,
    real: dict[str, list[NDArray[np.float32]]],
    seconds: float,
    era: str,
    manner: Manner | None = None,
) -> dict[str, float]:
    """Distances of what a network draws in each style, as usual or in a manner, to held-out material of every style."""
    found: dict[str, float] = {}
    for style in network.sizes.styles:
        drawn = draw_all(TextureDraw(network, style, 4, seconds, seed=1, manner=manner))
        found |= {f"{era} {style} to {other}": round(distance_db(drawn, real[other]), 2) for other in real}
    return found


def held_out_sounds(corpus: Path, style: str) -> list[NDArray[np.float32]]:
    pieces = [piece for piece in read_list(corpus) if (piece.style, piece.split) == (style, "held_out")]
    return [soundfile.read(corpus / piece.file, dtype="float32")[0] for piece in pieces]


def untrained(like: TextureNetwork) -> TextureNetwork:
    """The same network as it was before it learnt."""
    torch.manual_seed(1)
    arrays = {name: values.detach().numpy() for name, values in WaveNet(like.sizes).named_parameters()}
    return replace(like, era="untrained", packed=pack(arrays, like.sizes.dilations, like.sizes.predictor_order))
