"""Drawing phrases: the compiled loop against the torch network, determinism, and what any drawing must keep to."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.errors import WeightsError
from engine.music.notes import Note, Phrase
from models.common.weights import save_weights
from models.performers.drawing.performer import Conditioning, Performer
from models.performers.networks.performance_rnn import PerformanceRnn, PerformanceRnnSizes
from models.performers.vocabulary.conditioning import CONDITION_SIZE, asked
from models.performers.vocabulary.events import NOTE_OFF, NOTE_ON, START, TIME_SHIFT, VELOCITY

SIZES = PerformanceRnnSizes(hidden=64, layers=3)
EVENTS = [START, VELOCITY + 16, NOTE_ON + 60, TIME_SHIFT + 40, NOTE_ON + 64, NOTE_OFF + 60, TIME_SHIFT + 99]


@pytest.fixture(scope="module")
def network() -> PerformanceRnn:
    torch.manual_seed(3)
    return PerformanceRnn(SIZES).eval()


@pytest.fixture(scope="module")
def weights(network: PerformanceRnn, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "weights.safetensors"
    halves = {name: tensor.half() for name, tensor in network.state_dict().items()}
    network.load_state_dict({name: tensor.float() for name, tensor in halves.items()})  # compare what was kept
    save_weights(path, {name: t.numpy() for name, t in halves.items()}, {"network": "performance_rnn"})
    return path


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 2e-5), ("int16", 5e-4), ("int8", 0.08)])
def test_compiled_loop_equals_torch(network: PerformanceRnn, weights: Path, precision: str, tolerance: float) -> None:
    condition = asked(2.0, [1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1])
    with torch.no_grad():
        expected, _ = network(torch.tensor([EVENTS]), torch.from_numpy(condition).expand(1, len(EVENTS), -1))
    performer = Performer("test", weights, precision)  # type: ignore[arg-type]
    assert np.abs(performer.logits(EVENTS, condition) - expected[0].numpy()).max() < tolerance


def test_what_follows_a_passage_that_returns_is_pointed_at(tmp_path: Path) -> None:
    torch.manual_seed(4)
    network = PerformanceRnn(SIZES).eval()
    passage = [START, *(event for k in range(12) for event in (NOTE_ON + 50 + 3 * k % 29, TIME_SHIFT + 7 * k))]
    events = passage + passage[1:]

    def likelihoods(bias: float) -> tuple[np.ndarray, np.ndarray]:
        """Of the second hearing: the mean by the compiled loop, and how far torch is from it."""
        network.pointer.bias.data.fill_(bias)
        halves = {name: tensor.half().float() for name, tensor in network.state_dict().items()}
        network.load_state_dict(halves)
        path = tmp_path / f"{bias}.safetensors"
        save_weights(path, {name: t.numpy() for name, t in halves.items()}, {"network": "performance_rnn"})
        with torch.no_grad():
            expected = network(torch.tensor([events]), torch.zeros(1, len(events), CONDITION_SIZE))[0][0].numpy()
        found = Performer("test", path, "float32").logits(events)
        probabilities = np.exp(expected - np.log(np.exp(expected).sum(1, keepdims=True)))
        again = range(len(passage) + 4, len(events) - 1)
        return probabilities[again, np.array(events)[[place + 1 for place in again]]].mean(), np.abs(found - expected)

    pointing, away = likelihoods(4.0)
    assert away.mean() < 1e-3
    assert pointing > 0.9
    assert likelihoods(1e3)[0] < 0.1


def test_same_seed_same_phrase_and_another_seed_another(weights: Path) -> None:
    first = Performer("test", weights).draw(5, Conditioning(phrase_s=3.0))
    again = Performer("test", weights).draw(5, Conditioning(phrase_s=3.0))
    other = Performer("test", weights).draw(6, Conditioning(phrase_s=3.0))
    assert first == again
    assert first.notes != other.notes


@pytest.mark.parametrize("seed", range(5))
def test_even_an_untrained_network_only_writes_what_a_keyboard_allows(weights: Path, seed: int) -> None:
    phrase = Performer("test", weights).draw(seed, Conditioning(phrase_s=5.0, temperature=1.4, top_p=1.0))
    assert phrase.notes[0].onset_s == 0.0
    assert phrase.length_s <= 5.0 * 1.3 + 4.0
    for pitch in {n.pitch for n in phrase.notes}:
        assert 21 <= pitch <= 108
        ends = [n for n in phrase.notes if n.pitch == pitch]
        assert all(a.end_s <= b.onset_s + 1e-6 for a, b in pairwise(ends))


def test_a_primer_changes_what_follows(weights: Path) -> None:
    performer = Performer("test", weights, "float32")
    primer = Phrase(tuple(Note(0.2 * i, 60 + i, 0.2, 90) for i in range(12)))
    assert performer.draw(1, Conditioning(phrase_s=3.0)) != performer.draw(1, Conditioning(phrase_s=3.0, primer=primer))


def test_weights_that_cannot_be_used_are_named(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no such weights"):
        Performer("mine", tmp_path / "weights.safetensors")
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(WeightsError, match=r"cut\.safetensors: damaged"):
        Performer("mine", cut)
    other = tmp_path / "other.safetensors"
    save_weights(other, {"x": np.zeros(3)}, {"network": "wavenet"})
    with pytest.raises(WeightsError, match="weights for 'wavenet'"):
        Performer("mine", other)
    strange = tmp_path / "strange.safetensors"
    save_weights(strange, {"x": np.zeros(3)}, {"network": "performance_rnn"})
    with pytest.raises(WeightsError, match="does not fit"):
        Performer("mine", strange)
    broken = tmp_path / "broken.safetensors"
    save_weights(broken, {"x": np.full(3, np.nan)}, {"network": "performance_rnn"})
    with pytest.raises(WeightsError, match="not finite"):
        Performer("mine", broken)


def test_guidance_goes_further_towards_what_is_asked(weights: Path) -> None:
    performer = Performer("test", weights, "float32")
    only_c = tuple(1.0 if pitch_class == 0 else 0.0 for pitch_class in range(12))

    def drawn(guidance: float) -> list[int]:
        return performer.draw_events(1, Conditioning(pitch_class_weights=only_c, guidance=guidance), 60).tolist()

    assert drawn(1.0) != drawn(3.0)
    assert (
        performer.draw_events(1, Conditioning(guidance=1.0), 60).tolist()
        == performer.draw_events(1, Conditioning(), 60).tolist()
    )


def test_every_draw_comes_to_an_end_even_when_no_key_is_let_go(network: PerformanceRnn, tmp_path: Path) -> None:
    stubborn = {name: tensor.numpy().copy() for name, tensor in network.state_dict().items()}
    stubborn["head.bias"][NOTE_OFF : NOTE_OFF + 128] = -40.0  # never lets go of a key by itself
    path = tmp_path / "weights.safetensors"
    save_weights(path, stubborn, {"network": "performance_rnn"})
    events = Performer("stubborn", path).draw_events(1, Conditioning(), 1500)
    assert np.isin(events, np.arange(NOTE_OFF, NOTE_OFF + 128)).sum() > 50
    assert not (
        (events[1:] >= VELOCITY)
        & (events[1:] < VELOCITY + 32)
        & (events[:-1] >= VELOCITY)
        & (events[:-1] < VELOCITY + 32)
    ).any()
