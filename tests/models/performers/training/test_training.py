"""Training: it learns, it can be taken up again, and it is seeded."""

import csv
import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.errors import WeightsError
from engine.music.notes import Note, Phrase
from models.common.weights import FILE_NAME
from models.performers.corpus.corpus_streams import Augmentation, batches, piece_events
from models.performers.corpus.held_out import evaluate, is_held_out, split
from models.performers.corpus.midi_corpus import Performance
from models.performers.drawing.performer import Conditioning, Performer
from models.performers.evaluation.pictures import draw_losses
from models.performers.networks.performance_rnn import PerformanceRnn, PerformanceRnnSizes
from models.performers.training.kinds import new_network
from models.performers.training.performance_rnn import PerformanceRnnLearner
from models.performers.training.training import Trainer, TrainingPlan
from models.performers.vocabulary.events import END, START

SIZES = PerformanceRnnSizes(hidden=48, layers=2)
PLAN = TrainingPlan(minutes=2.0, learning_rate=1e-2, warmup_steps=5, average_decay=0.9)


def pattern(pitch: int) -> Phrase:
    """A piece so plain that a tiny network learns it in seconds."""
    return Phrase(tuple(Note(0.25 * i, pitch + 4 * (i % 3), 0.25, 66) for i in range(120)))


def clock() -> Callable[[], float]:
    """A second passes between one look and the next, so that a plan of minutes is a number of steps."""
    seconds = itertools.count()
    return lambda: float(next(seconds))


def learner() -> PerformanceRnnLearner:
    torch.manual_seed(0)
    return PerformanceRnnLearner(PerformanceRnn(SIZES), PLAN.learning_rate, rows=4, length=32)


def test_it_learns_keeps_what_it_learnt_and_can_be_drawn_from(tmp_path: Path) -> None:
    trainer = Trainer(tmp_path, PLAN, learner(), Augmentation(0, 0.0), clock())
    before = evaluate(trainer.average, [pattern(60)]).nats_per_event
    progress = trainer.train([pattern(60)], [1.0], [pattern(60)], lambda _: None)
    assert progress.held_out_nats < 0.5 * before
    performer = Performer("test", tmp_path / FILE_NAME)
    assert {n.pitch for n in performer.draw(1, Conditioning(phrase_s=8.0, temperature=0.5)).notes} <= set(
        range(21, 109)
    )
    draw_losses(tmp_path / "losses.csv", tmp_path / "losses.png")
    assert (tmp_path / "losses.png").read_bytes().startswith(b"\x89PNG")


def test_training_is_taken_up_where_it_stopped(tmp_path: Path) -> None:
    first = Trainer(tmp_path, replace(PLAN, minutes=0.1), learner(), Augmentation(0, 0.0), clock())
    stopped = first.train([pattern(60)], [1.0], [pattern(60)], lambda _: None)
    second = Trainer(tmp_path, replace(PLAN, minutes=0.2), learner(), Augmentation(0, 0.0), clock())
    assert second.progress == stopped
    for a, b in zip(first.learner.network.parameters(), second.learner.network.parameters(), strict=True):
        assert torch.equal(a, b)
    assert second.train([pattern(60)], [1.0], [pattern(60)], lambda _: None).step > stopped.step
    with open(tmp_path / "losses.csv", newline="") as file:
        assert [int(row["step"]) for row in csv.DictReader(file)] == [stopped.step, second.progress.step]


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.pt").write_bytes(b"nonsense")
    with pytest.raises(WeightsError, match=r"checkpoint\.pt: cannot be taken up again"):
        Trainer(tmp_path, PLAN, learner())


def test_checkpoints_of_before_there_were_several_optimisers(tmp_path: Path) -> None:
    """A Performance RNN goes on from one; a Piano Transformer's says why it does not."""
    Trainer(tmp_path, PLAN, learner(), clock=clock()).save()
    path = tmp_path / "checkpoint.pt"
    kept = torch.load(path, weights_only=True)
    (kept["optimiser"],) = kept.pop("optimisers")
    kept["progress"]["step"] = 7
    torch.save(kept, path)
    assert Trainer(tmp_path, PLAN, learner(), clock=clock()).progress.step == 7
    kept["optimiser"]["param_groups"][0]["muon"] = True
    torch.save(kept, path)
    with pytest.raises(WeightsError, match="with an optimiser of an earlier version"):
        Trainer(tmp_path, PLAN, learner(), clock=clock())


def test_fine_tuning_refuses_weights_of_another_network(tmp_path: Path) -> None:
    Trainer(tmp_path, PLAN, learner()).save()
    with pytest.raises(WeightsError, match="does not fit"):
        new_network("performance_rnn", tmp_path / FILE_NAME)


def test_batches_follow_each_other_and_are_seeded() -> None:
    def first(count: int, seed: int) -> list[np.ndarray]:
        source = batches([pattern(60), pattern(50)], [1, 2], 3, 16, Augmentation(), seed)
        return [next(source).inputs for _ in range(count)]

    assert all(np.array_equal(a, b) for a, b in zip(first(5, 1), first(5, 1), strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first(5, 1), first(5, 2), strict=True))
    source = batches([pattern(60)], [1], 1, 16, Augmentation(0, 0.0), 1)
    a, b = next(source), next(source)
    assert a.fresh[0]
    assert not b.fresh[0]
    assert a.inputs[0, 0] == START
    assert a.targets[0, -1] == b.inputs[0, 0]
    assert np.array_equal(np.append(a.inputs[0], b.inputs[0]), piece_events(pattern(60))[:32])


def test_pieces_shorter_than_a_batch_are_filled_with_ends() -> None:
    short = Phrase((Note(0.0, 60, 0.5, 64),))
    batch = next(batches([short], [1], 1, 16, Augmentation(0, 0.0), 1))
    assert batch.inputs[0, -1] == END


def test_the_split_never_changes_and_keeps_something_out() -> None:
    names = [f"piece{i}.mid" for i in range(400)]
    assert 5 <= sum(map(is_held_out, names)) <= 40
    training, held_out = split([Performance(n, pattern(60)) for n in ("a.mid", "b.mid", "c.mid")])
    assert (len(training), len(held_out)) == (2, 1)
    alone, same = split([Performance("a.mid", pattern(60))])
    assert alone == same
