"""The compiled loop draws what the network would, value by value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.errors import WeightsError
from models.textures.audio.linear_prediction import predicted_levels
from models.textures.audio.mu_law import BLOCK_FRAMES, SILENCE
from models.textures.conditioning.onset_excitation import Strike
from models.textures.conditioning.prediction_guard import Guide
from models.textures.wavenet.drawing import Drawing
from models.textures.wavenet.network import WaveNet
from models.textures.wavenet.packing import Packed, pack
from models.textures.wavenet.sizes import WaveNetSizes
from models.textures.wavenet.torch_drawing import TorchDrawing

torch.set_num_threads(1)  # products this small only wait for a second thread

PLAIN = WaveNetSizes(
    layers=6,
    cycle=3,
    channels=16,
    skip_channels=24,
    head_channels=40,
    conditions=3,
    predictor_order=0,
    styles=("a", "b"),
)
SIZES = replace(PLAIN, predictor_order=24)
BLOCKS = 2
SEED = 9


def network(sizes: WaveNetSizes = SIZES) -> WaveNet:
    """A network off its initial values, with weights that half precision can hold."""
    torch.manual_seed(3)
    made = WaveNet(sizes)
    with torch.no_grad():
        for values in made.parameters():
            values.copy_((values + 0.1 * torch.randn_like(values)).half().float())
    return made


def packed(made: WaveNet) -> Packed:
    arrays = {name: values.numpy() for name, values in made.state_dict().items()}
    return pack(arrays, made.sizes.dilations, made.sizes.predictor_order)


def expected(made: WaveNet, classes: np.ndarray) -> torch.Tensor | None:
    """What linear prediction expects of each of the classes [frames x streams]."""
    order = made.sizes.predictor_order
    if not order:
        return None
    return torch.from_numpy(np.stack([predicted_levels(one, order) for one in classes.T], axis=1).astype(np.int64))


def asked(streams: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    styles = np.eye(2, dtype=np.float32)[np.arange(streams) % 2]
    return styles, rng.random((streams, BLOCKS, SIZES.conditions)).swapaxes(0, 1).astype(np.float32)


def drawn(made: WaveNet, streams: int, seed: int = SEED, temperature: float = 1.0) -> np.ndarray:
    drawing = Drawing(packed(made), *asked(streams), seed, temperature)
    while not drawing.done:
        drawing.advance()
    return drawing.classes


@torch.no_grad()
def plainly(made: WaveNet, classes: np.ndarray, seed: int, temperature: float) -> np.ndarray:
    """What the plain network, run over everything before each value, draws there with the same random numbers."""
    frames, streams = classes.shape
    styles, conditions = asked(streams)
    given = np.concatenate([np.full((1, streams), SILENCE), classes[:-1]]).astype(np.int64)
    conditioning = (torch.from_numpy(styles), torch.from_numpy(conditions))
    scores, _ = made(torch.from_numpy(given), *conditioning, predicted=expected(made, classes))
    weights = torch.exp((scores.double() - scores.double().amax(dim=2, keepdim=True)) / temperature).cumsum(dim=2)
    chances = np.stack([np.random.Generator(np.random.PCG64([seed, n])).random(frames) for n in range(streams)], axis=1)
    return (weights <= torch.from_numpy(chances)[..., None] * weights[..., -1:]).sum(dim=2).numpy()


@pytest.mark.parametrize("sizes", [PLAIN, SIZES], ids=["plain", "foretold"])
@pytest.mark.parametrize(("streams", "temperature"), [(1, 1.0), (3, 0.7), (4, 1.0)])
def test_every_draw_equals_the_plain_network(streams: int, temperature: float, sizes: WaveNetSizes) -> None:
    made = network(sizes)
    classes = drawn(made, streams, temperature=temperature)
    assert np.array_equal(plainly(made, classes, SEED, temperature), classes)
    assert len(np.unique(classes)) > 20


def test_a_stream_does_not_depend_on_its_company() -> None:
    made = network()
    assert np.array_equal(drawn(made, 1)[:, 0], drawn(made, 5)[:, 0])
    assert np.array_equal(drawn(made, 4), drawn(made, 4))
    assert not np.array_equal(drawn(made, 1), drawn(made, 1, seed=SEED + 1))


@pytest.mark.parametrize("sizes", [PLAIN, SIZES], ids=["plain", "foretold"])
def test_the_torch_loop_draws_the_same(sizes: WaveNetSizes) -> None:
    made = network(sizes)
    drawing = TorchDrawing(made, *asked(2), seed=SEED)
    while not drawing.done:
        drawing.advance()
    assert np.array_equal(drawing.classes, drawn(made, 2))


def test_both_loops_begin_the_same_notes_and_stay_as_near_the_forecast() -> None:
    made = network()
    begun = [[Strike(0, 220.0, 0.2), Strike(1, 330.0, 0.1)], []]
    guide = Guide(begun, 0.3, np.full((BLOCKS, 2), 0.05))
    compiled = Drawing(packed(made), *asked(2), SEED, guide=guide)
    plain = TorchDrawing(made, *asked(2), SEED, guide=guide)
    while not compiled.done:
        compiled.advance()
        plain.advance()
    assert np.array_equal(compiled.classes, plain.classes)
    alone = drawn(made, 2)
    assert not np.array_equal(compiled.classes[:, 0], alone[:, 0])


@pytest.mark.parametrize("how", ["compiled", "torch"])
def test_an_interrupted_drawing_goes_on_as_if_nothing_had_been(how: str) -> None:
    made = network()

    def begin(streams: int) -> Drawing | TorchDrawing:
        conditioning = asked(streams)
        return TorchDrawing(made, *conditioning, SEED) if how == "torch" else Drawing(packed(made), *conditioning, SEED)

    first, second = begin(3), begin(3)
    for drawing in (first, second):
        drawing.prime(np.arange(BLOCK_FRAMES, dtype=np.uint8))
    first.advance()
    second.restore(first.state())
    while not first.done:
        first.advance()
        second.advance()
    assert np.array_equal(second.classes, first.classes)
    with pytest.raises(ValueError, match="another"):
        begin(1).restore(first.state())


def test_a_primer_is_heard_as_the_plain_network_would() -> None:
    torch.manual_seed(4)
    sizes = WaveNetSizes(
        layers=10,
        cycle=10,
        channels=8,
        skip_channels=16,
        head_channels=16,
        conditions=1,
        predictor_order=16,
        styles=("a",),
    )
    made = WaveNet(sizes)
    with torch.no_grad():
        for values in made.parameters():
            values.copy_(values.half().float())
    primer = np.random.default_rng(1).integers(0, 256, 3 * BLOCK_FRAMES + 9).astype(np.uint8)
    arrays = {name: values.numpy() for name, values in made.state_dict().items()}
    style, conditions = np.ones((1, 1), np.float32), np.ones((1, 1, 1), np.float32)
    primed = Drawing(pack(arrays, sizes.dilations, sizes.predictor_order), style, conditions, SEED)
    primed.prime(primer)
    primed.advance()
    on_card = TorchDrawing(made, style, conditions, SEED)
    for part in (primer[: 2 * BLOCK_FRAMES], primer[2 * BLOCK_FRAMES :]):
        on_card.prime(part)
    on_card.advance()
    assert np.array_equal(on_card.classes, primed.classes)
    everything = np.concatenate([[SILENCE], primer[: 3 * BLOCK_FRAMES], primed.classes[:, 0]])[:-1].astype(np.int64)
    levels = expected(made, np.append(everything[1:], 0).astype(np.uint8)[:, None])
    with torch.no_grad():
        scores, _ = made(torch.from_numpy(everything)[:, None], torch.ones(1, 1), torch.ones(4, 1, 1), predicted=levels)
    weights = torch.softmax(scores[-BLOCK_FRAMES:, 0].double(), dim=1).cumsum(dim=1).numpy()
    chances = np.random.Generator(np.random.PCG64([SEED, 0])).random(BLOCK_FRAMES)
    assert np.array_equal((weights <= chances[:, None]).sum(axis=1), primed.classes[:, 0])


def test_weights_that_do_not_fit_are_refused() -> None:
    arrays = {name: values.numpy() for name, values in network().state_dict().items()}
    with pytest.raises(WeightsError, match="lack skip"):
        pack({name: values for name, values in arrays.items() if name != "skip"}, SIZES.dilations)
    with pytest.raises(WeightsError, match="not numbers"):
        pack({**arrays, "head": arrays["head"] * np.nan}, SIZES.dilations)
    with pytest.raises(WeightsError, match="dilations"):
        pack(arrays, (1, 2))
    with pytest.raises(WeightsError, match="temperature"):
        Drawing(packed(network()), *asked(1), SEED, temperature=0.0)
