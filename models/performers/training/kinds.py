"""The kinds of networks that play, as they learn and are measured; `drawing.performer` knows them as they draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import torch

from engine.errors import WeightsError
from models.common.weights import load_weights
from models.performers.networks.performance_rnn import PerformanceRnn
from models.performers.networks.piano_transformer import PianoTransformer
from models.performers.training.performance_rnn import PerformanceRnnLearner
from models.performers.training.piano_transformer import PianoTransformerLearner
from models.performers.training.training import Learner, TrainingPlan


class Kind(NamedTuple):
    """`network(dropout=…)` makes one with random weights, `learner(network, rate)` teaches it, usually by `plan`."""

    network: Callable[..., Any]
    learner: Callable[[Any, float], Learner]
    plan: TrainingPlan


KINDS: Final[Mapping[str, Kind]] = {
    "performance_rnn": Kind(PerformanceRnn, PerformanceRnnLearner, PerformanceRnnLearner.plan),
    "piano_transformer": Kind(PianoTransformer, PianoTransformerLearner, PianoTransformerLearner.plan),
}
"""By the name that stands in the header of the weights."""


def new_network(kind: str, weights: Path | None, dropout: float = 0.0, threads: int = 2, seed: int = 1) -> Any:
    """A network with weights from a file, or with random ones for None.

    Raises:
        WeightsError: the file is missing, damaged, of another kind or another shape.
    """
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)  # an optimiser's averages of events never seen decay into denormals, which are slow
    torch.manual_seed(seed)
    network = KINDS[kind].network(dropout=dropout)
    if weights is not None:
        arrays, _ = load_weights(weights, kind)
        try:
            network.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
        except RuntimeError as error:
            raise WeightsError(f"{weights}: does not fit a {kind} ({error}); train it again") from error
    return network
