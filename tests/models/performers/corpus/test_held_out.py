"""Measuring on unseen playing: many pieces together give what each gives alone, and say how far they are."""

from collections.abc import Callable

import pytest
import torch

from models.common.weights import weights_path
from models.performers.corpus.corpus_streams import piece_events
from models.performers.corpus.held_out import EVALUATION_ROWS, Measurable, evaluate
from models.performers.networks.performance_rnn import PerformanceRnn, PerformanceRnnSizes
from models.performers.networks.piano_transformer import PianoTransformer
from models.performers.networks.transformer_sizes import PianoTransformerSizes
from models.performers.training.kinds import new_network
from tests.engine.phrases import wandering

PIECES = [wandering(seed, 4.0, 3.0 + 5 * (seed % 7)) for seed in range(EVALUATION_ROWS + 5)]
"""More than one group of unequal lengths."""


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)  # products this small only wait for each other


def rnn() -> PerformanceRnn:
    return PerformanceRnn(PerformanceRnnSizes(hidden=48, layers=2))


def transformer() -> PianoTransformer:
    network = PianoTransformer(
        PianoTransformerSizes(width=48, layers=3, heads=6, head=16, hidden=96, near_events=16, memory_events=40)
    )
    for parameter in network.parameters():
        if not parameter.abs().sum():  # an output that begins at zero would make all pieces alike
            parameter.data.normal_(0.0, 0.1)
    return network


@pytest.mark.parametrize("conditioned", [False, True])
@pytest.mark.parametrize("kind", [rnn, transformer])
def test_measured_together_is_measured_one_by_one(kind: Callable[[], Measurable], conditioned: bool) -> None:
    torch.manual_seed(3)
    network = kind()
    together = evaluate(network, PIECES, conditioned=conditioned)
    alone = [evaluate(network, [piece], conditioned=conditioned) for piece in PIECES]
    nats = sum(score.nats_per_event * score.events for score in alone)
    assert (together.events, together.pieces) == (sum(score.events for score in alone), len(PIECES))
    assert together.nats_per_event == pytest.approx(nats / together.events, abs=1e-5)
    # The control: pieces differ, so that one taken for another would show.
    assert max(score.nats_per_event for score in alone) - min(score.nats_per_event for score in alone) > 0.01


@pytest.mark.parametrize("kind", [rnn, transformer])
def test_how_far_it_is_is_told_within_a_long_piece(kind: Callable[[], Measurable]) -> None:
    piece = wandering(1, 6.0, 150.0)
    told: list[int] = []
    score = evaluate(kind(), [piece], measured=told.append)
    assert score.events > 2_048
    assert sum(told) == score.events == len(piece_events(piece)) - 1
    assert max(told) <= 1_024


def test_products_in_bf16_change_no_figure_that_is_shown() -> None:
    network = new_network("piano_transformer", weights_path("rolls_transformer"))
    piece = [wandering(2, 4.0, 20.0)]
    exact, quick = (evaluate(network, piece, bf16=bf16).nats_per_event for bf16 in (False, True))
    assert quick == pytest.approx(exact, abs=2e-3)
