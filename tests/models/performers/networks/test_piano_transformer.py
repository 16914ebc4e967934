"""The Transformer: cached drawing equals the uncached network, the past is all it sees, and it learns."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.music.notes import Note, Phrase
from models.common.weights import FILE_NAME, Arrays, save_weights
from models.performers.corpus.corpus_streams import Augmentation, piece_events
from models.performers.corpus.held_out import evaluate
from models.performers.drawing import transformer_streams
from models.performers.drawing.kernels.lane_sums import PANEL
from models.performers.drawing.kernels.transformer import step
from models.performers.drawing.performer import Conditioning, Performer
from models.performers.drawing.sampling import Choice
from models.performers.drawing.transformer_streams import PackedTransformer
from models.performers.networks.piano_transformer import Past, PianoTransformer, Window
from models.performers.networks.transformer_sizes import PianoTransformerSizes
from models.performers.networks.window_streams import window
from models.performers.training.kinds import grown
from models.performers.training.piano_transformer import PianoTransformerLearner
from models.performers.training.training import Trainer, TrainingPlan
from models.performers.vocabulary.conditioning import asked
from models.performers.vocabulary.events import END, PEDAL_DOWN, START

SIZES = PianoTransformerSizes(width=48, layers=3, heads=6, head=16, hidden=96, near_events=16, memory_events=40)
"""A memory so short that it slides within a hundred events."""

COUNT = 150
CONDITION = asked(2.0, [1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1])


PACKED = ("state", "queries", "keys", "values", "out", "up", "down", "head")
"""Last parts of the names of matrices that drawing keeps as small integers."""


def untrained(sizes: PianoTransformerSizes = SIZES) -> PianoTransformer:
    """A network with nothing at zero, where it would hide mistakes."""
    network = PianoTransformer(sizes).eval()
    for parameter in network.parameters():
        if not parameter.abs().sum():
            parameter.data.normal_(0.0, 0.1)
    return network


def held_exactly(network: PianoTransformer) -> PianoTransformer:
    """With weights that small integers hold to the last digit, so that the loops that ship must draw what it does."""
    for name, parameter in network.named_parameters():
        if name.rpartition(".")[2] in PACKED:
            largest = parameter.data.abs().max(dim=1, keepdim=True).values
            scale = torch.exp2(torch.ceil(torch.log2(largest / 127)))
            whole = torch.round(parameter.data / scale)
            whole[parameter.data == largest] = 127.0
            whole[parameter.data == -largest] = -127.0
            parameter.data = whole * scale
    return network


@pytest.fixture(scope="module")
def network() -> PianoTransformer:
    torch.set_num_threads(1)  # products this small only wait for each other
    torch.manual_seed(4)
    network = untrained()
    network.pointer.bias.data.fill_(5.0)  # points at something everywhere
    network.pointer.momentum.data.fill_(0.5)  # what is carried on fades within what `networks.pointer` carries
    return held_exactly(network)


def arrays_of(network: PianoTransformer) -> Arrays:
    return {name: tensor.numpy() for name, tensor in network.state_dict().items()}


@pytest.fixture(scope="module")
def arrays(network: PianoTransformer) -> Arrays:
    return arrays_of(network)


@pytest.fixture(scope="module")
def events() -> np.ndarray:
    rng = np.random.default_rng(1)
    return np.append(START, rng.integers(0, PEDAL_DOWN + 1, COUNT)).astype(np.int16)


def uncached(network: PianoTransformer, events: np.ndarray, condition: np.ndarray = CONDITION) -> np.ndarray:
    """Logits [events - 1 x vocabulary] from one pass over everything."""
    conditions = np.tile(condition, (len(events), 1))
    with torch.no_grad():
        return network(Window.of(window(events, conditions, 0, len(events) - 1)))[0].numpy()


def test_cached_drawing_equals_the_uncached_network_beyond_its_memory(
    network: PianoTransformer, arrays: Arrays, events: np.ndarray
) -> None:
    stream = PackedTransformer.of(arrays, "int8", SIZES).stream(CONDITION)
    cached = np.stack([stream.take(int(event)).copy() for event in events[:-1]])
    assert np.abs(cached - uncached(network, events)).max() < 5e-5


def test_room_for_more_events_changes_nothing(arrays: Arrays, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = PackedTransformer.of(arrays, "int8", replace(SIZES, memory_events=300))
    rng = np.random.default_rng(3)
    events = [START, *rng.integers(0, PEDAL_DOWN + 1, 330).tolist()]

    def drawn(slots: int) -> bytes:
        monkeypatch.setattr(transformer_streams, "FIRST_SLOTS", slots)
        stream = packed.stream(CONDITION, 1.5)
        return b"".join(stream.take(event).tobytes() for event in events)

    at_once = drawn(512)
    assert drawn(PANEL) == at_once
    assert drawn(10) == at_once


def test_both_draw_the_same_events_from_the_same_random_numbers(network: PianoTransformer, arrays: Arrays) -> None:
    stream = PackedTransformer.of(arrays, "int8", SIZES).stream(CONDITION)
    drawn = np.array([START], np.int16)
    logits = stream.take(START)
    every, choice = np.ones(logits.size, bool), Choice(0.9, 0.95)
    for uniform in np.random.default_rng(2).random(60):
        event = choice.event(logits, every, float(uniform))
        plain = uncached(network, np.append(drawn, END).astype(np.int16))[-1]
        assert choice.event(plain, every, float(uniform)) == event
        drawn = np.append(drawn, event).astype(np.int16)
        logits = stream.take(event)


def test_a_step_is_compiled_once_for_any_number_of_layers() -> None:
    """The loops of one performer, compiled when all is installed, must serve those of every other."""
    seen = []
    for layers in (6, 1, 4):
        network = untrained(replace(SIZES, layers=layers))
        PackedTransformer.of(arrays_of(network), "int8", network.sizes).stream(CONDITION).take(START)
        seen.append(set(step.signatures))
    assert seen[0] == seen[1] == seen[2]


def test_small_integers_stay_near(events: np.ndarray) -> None:
    torch.manual_seed(4)
    network = untrained()
    stream = PackedTransformer.of(arrays_of(network), "int8", SIZES).stream(CONDITION)
    rounded = np.stack([stream.take(int(event)).copy() for event in events[:-1]])
    expected = uncached(network, events)
    assert 1e-4 < np.abs(rounded - expected).mean() / np.abs(expected).mean() < 0.03


def test_guidance_goes_on_from_without_the_wish_through_with_it(arrays: Arrays, events: np.ndarray) -> None:
    packed = PackedTransformer.of(arrays, "int8", SIZES)

    def logits(condition: np.ndarray, guidance: float = 1.0) -> np.ndarray:
        stream = packed.stream(condition, guidance)
        return np.stack([stream.take(int(event)).copy() for event in events[:60]])

    told, free = logits(CONDITION), logits(np.zeros_like(CONDITION))
    assert np.abs(told - free).max() > 0.1
    assert np.allclose(logits(CONDITION, 2.5), free + 2.5 * (told - free), atol=2e-4)


def test_an_event_is_predicted_from_those_before_it_only(network: PianoTransformer, events: np.ndarray) -> None:
    other = events.copy()
    other[80] = 61 if events[80] != 61 else 62
    before, after = uncached(network, events), uncached(network, other)
    assert np.abs(before[:80] - after[:80]).max() < 1e-5
    assert np.abs(before[80:] - after[80:]).max() > 1e-3


def test_measured_piece_by_piece_it_is_as_in_one_pass(network: PianoTransformer) -> None:
    piece = Phrase(tuple(Note(0.25 * i, 50 + 7 * i % 24, 0.2, 60 + i % 7) for i in range(400)))
    events = piece_events(piece)
    nothing = np.zeros_like(CONDITION)
    expected = torch.nn.functional.cross_entropy(
        torch.from_numpy(uncached(network, events, nothing)), torch.from_numpy(events[1:].astype(np.int64))
    )
    assert len(events) > 1_100  # more than goes through together
    assert abs(evaluate(network, [piece]).nats_per_event - float(expected)) < 1e-4


def test_it_learns_keeps_what_it_learnt_and_can_be_drawn_from(tmp_path: Path) -> None:
    def pattern(pitch: int) -> Phrase:
        return Phrase(tuple(Note(0.25 * i, pitch + 4 * (i % 3), 0.25, 66) for i in range(60)))

    seconds = itertools.count()
    torch.manual_seed(0)
    learner = PianoTransformerLearner(PianoTransformer(SIZES), 1e-2, events=512)
    plan = TrainingPlan(minutes=0.25, learning_rate=1e-2, warmup_steps=3, average_decay=0.8)
    trainer = Trainer(tmp_path, plan, learner, Augmentation(0, 0.0), lambda: float(next(seconds)))
    before = evaluate(trainer.average, [pattern(60)]).nats_per_event
    progress = trainer.train([pattern(60)], [1.0], [pattern(60)], lambda _: None)
    assert progress.held_out_nats < 0.5 * before
    phrase = Performer("test", tmp_path / FILE_NAME).draw(1, Conditioning(phrase_s=4.0, temperature=0.5))
    assert {n.pitch for n in phrase.notes} <= set(range(21, 109))


def test_a_primer_is_continued(arrays: Arrays, tmp_path: Path) -> None:
    save_weights(tmp_path / FILE_NAME, arrays, {"network": "piano_transformer"})
    performer = Performer("test", tmp_path / FILE_NAME)
    primer = Phrase(tuple(Note(0.2 * i, 60 + i, 0.2, 90) for i in range(12)))
    plain, primed = (performer.draw_events(1, Conditioning(primer=p), 40).tolist() for p in (Phrase(()), primer))
    assert plain != primed
    assert plain == performer.draw_events(1, Conditioning(), 40).tolist()


def test_a_network_without_heads_that_recall_predicts_the_same_within_one_that_has_them(events: np.ndarray) -> None:
    torch.manual_seed(5)
    older = held_exactly(untrained(replace(SIZES, heads=4, groups=2)))
    arrays = arrays_of(older)
    arrays["condition"] = arrays["condition"][:, :-4]
    condition = np.concatenate([CONDITION[:-4], np.zeros(4, np.float32)])
    newer = PianoTransformer(SIZES).eval()
    newer.load_state_dict(grown(arrays, newer.state_dict()))
    expected = uncached(older, events, condition)
    assert np.abs(uncached(newer, events, condition) - expected).max() < 1e-5
    drawn = PackedTransformer.of(arrays, "int8", replace(SIZES, heads=4, groups=2)).stream(condition)
    assert np.abs(np.stack([drawn.take(int(e)).copy() for e in events[:-1]]) - expected).max() < 5e-5
    with pytest.raises(ValueError, match="at most"):
        grown({"head": np.zeros((500, 48), np.float32)}, newer.state_dict())


def test_keys_that_recall_are_those_of_the_event_before_across_windows_too() -> None:
    keys = torch.arange(1.0, 7.0).view(1, 6, 1)
    past = Past()
    parts = [past.delayed(keys[:, :2]), past.delayed(keys[:, 2:])]
    assert torch.cat(parts, 1).flatten().tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def test_what_recalls_begins_by_attending_to_what_followed_the_same_playing() -> None:
    """Nothing is learnt yet: where the present was played before, the event after it has the best key."""
    torch.manual_seed(6)
    layer = PianoTransformer(SIZES).layers[0]
    size, share = SIZES.head, SIZES.heads // SIZES.groups
    x = torch.nn.functional.normalize(torch.randn(30, SIZES.width), dim=-1)
    x[20] = x[7]
    keys = torch.nn.functional.normalize(x @ layer.keys[2 * size :].T, dim=-1)
    query = torch.nn.functional.normalize(layer.queries[2 * share * size : 2 * share * size + size] @ x[20], dim=0)
    delayed = Past().delayed(keys[None])[0]
    assert int((delayed[:20] @ query).argmax()) == 8
