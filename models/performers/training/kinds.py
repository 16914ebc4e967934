"""The kinds of networks that play, as they learn and are measured; `drawing.performer` knows them as they draw."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor

from engine.errors import WeightsError
from models.common.weights import Arrays, load_weights
from models.performers.networks.performance_rnn import PerformanceRnn
from models.performers.networks.piano_transformer import PianoTransformer
from models.performers.networks.transformer_sizes import BY_HEART, PianoTransformerSizes
from models.performers.training.performance_rnn import PerformanceRnnLearner
from models.performers.training.piano_transformer import PianoTransformerLearner
from models.performers.training.training import Learner, TrainingPlan

FEW_THREADS: Final = 2
"""Products this small only wait for more."""

ADDED: Final = re.compile(r".*\.sink|pointer\..*")
"""Weights of these names came later: where they are missing, they are as in a network that begins."""


class Kind(NamedTuple):
    """`network(dropout=…)` makes one with random weights, `learner(network, rate)` teaches it, usually by `plan`.

    `measured_in_bf16` where products in bf16 change its nats by less than 0.0001; a recurrent state adds errors up.
    """

    network: Callable[..., Any]
    learner: Callable[[Any, float], Learner]
    plan: TrainingPlan
    measured_in_bf16: bool


KINDS: Final[Mapping[str, Kind]] = {
    "performance_rnn": Kind(PerformanceRnn, PerformanceRnnLearner, PerformanceRnnLearner.plan, False),
    "piano_transformer": Kind(PianoTransformer, PianoTransformerLearner, PianoTransformerLearner.plan, True),
}
"""By the name that stands in the header of the weights."""


def new_network(
    kind: str,
    weights: Path | None,
    dropout: float = 0.0,
    threads: int | None = None,
    seed: int = 1,
    sizes: PianoTransformerSizes | None = None,
) -> Any:
    """A network with weights from a file, or with random ones for None.

    Args:
        threads: that torch computes with from now on; None: `FEW_THREADS`, or fewer where it has fewer.
        sizes: of a Piano Transformer that begins; those of a file count where there is one.

    Raises:
        WeightsError: the file is missing, damaged, of another kind or another shape.
    """
    torch.set_num_threads(threads or min(FEW_THREADS, torch.get_num_threads()))
    torch.set_flush_denormal(True)  # an optimiser's averages of events never seen decay into denormals, which are slow
    torch.manual_seed(seed)
    arrays = load_weights(weights, kind)[0] if weights is not None else None
    if arrays is not None and "layers.0.up" in arrays:
        sizes = BY_HEART if arrays["layers.0.up"].shape == (BY_HEART.hidden, BY_HEART.width) else None
    network = KINDS[kind].network(dropout=dropout, **({"sizes": sizes} if sizes else {}))
    if arrays is not None:
        try:
            network.load_state_dict(grown(arrays, network.state_dict()))
        except (RuntimeError, ValueError) as error:
            raise WeightsError(f"{weights}: does not fit a {kind} ({error}); train it again") from error
    return network


def known_network(weights: Path) -> Any:
    """The network that weights are of, whichever kind.

    Raises:
        WeightsError: as `new_network`.
    """
    _, about = load_weights(weights, *KINDS)
    return new_network(about["network"], weights)


def grown(arrays: Arrays, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights of a network that knew fewer conditions or had fewer heads, within the tensors of one as it begins.

    What is added is heard by nothing yet: the network predicts what it predicted before.

    Raises:
        ValueError: an array is larger than its tensor, or has another number of dimensions.
    """
    fitted = {name: tensor for name, tensor in tensors.items() if ADDED.fullmatch(name)}
    fitted |= {name: torch.from_numpy(array) for name, array in arrays.items()}
    for name, array in fitted.items():
        if name not in tensors or array.shape == tensors[name].shape:
            continue
        if array.dim() != tensors[name].dim() or any(
            a > b for a, b in zip(array.shape, tensors[name].shape, strict=True)
        ):
            raise ValueError(f"{name} is {list(array.shape)}, expected at most {list(tensors[name].shape)}")
        fitted[name] = tensors[name].clone()
        fitted[name][tuple(slice(size) for size in array.shape)] = array
    return fitted
