"""The compiled loop draws what the network would, value by value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.errors import WeightsError
from models.textures.audio.linear_prediction import LEVELS, WINDOW, predict_levels
from models.textures.audio.mu_law import BLOCK_FRAMES, SILENCE, expand
from models.textures.wavenet.drawing import Drawing
from models.textures.wavenet.network import WaveNet
from models.textures.wavenet.packing import Packed, pack
from models.textures.wavenet.sizes import WaveNetSizes
from models.textures.wavenet.torch_drawing import TorchDrawing
from tests.models.textures.waveform.fine_values import check_values

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


def taps(sizes: WaveNetSizes, streams: int) -> np.ndarray | None:
    """Predictors [blocks x streams x order] that hold on to the past a little, other ones for each stream."""
    order = sizes.predictor_order
    if not order:
        return None
    rng = np.random.default_rng(6)
    made = 0.05 * rng.standard_normal((8, BLOCKS, order)).swapaxes(0, 1)[:, :streams]
    made[..., -1] += 0.8
    return made.astype(np.float32)


def sketch(sizes: WaveNetSizes, streams: int) -> np.ndarray | None:
    """Values [frames x streams] that each stream keeps to, other ones for each; none where nothing is predicted."""
    if not sizes.predictor_order:
        return None
    turns = np.arange(BLOCKS * BLOCK_FRAMES)[:, None] * np.linspace(0.1, 0.5, 8)[:streams]
    return (0.2 * np.sin(turns)).astype(np.float32)


def expected(made: WaveNet, classes: np.ndarray) -> torch.Tensor | None:
    """What linear prediction expects of each of the classes [frames x streams]."""
    own = taps(made.sizes, classes.shape[1])
    if own is None:
        return None
    levels = np.zeros(classes.shape, np.int64)
    told = sketch(made.sizes, classes.shape[1])
    assert told is not None
    away = np.concatenate([np.zeros((WINDOW, classes.shape[1]), np.float32), expand(classes) - told])
    for stream in range(classes.shape[1]):
        for block in range(BLOCKS):
            at = slice(block * BLOCK_FRAMES, (block + 1) * BLOCK_FRAMES)
            found = np.zeros(BLOCK_FRAMES, np.int64)
            ahead = np.ascontiguousarray(told[at, stream])
            so_far = np.ascontiguousarray(away[:, stream])
            predict_levels(so_far, WINDOW + at.start, own[block, stream], ahead, found)
            levels[at, stream] = found
    assert levels.max() < LEVELS
    return torch.from_numpy(levels)


def asked(streams: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    styles = np.eye(2, dtype=np.float32)[np.arange(streams) % 2]
    return styles, rng.random((streams, BLOCKS, SIZES.conditions)).swapaxes(0, 1).astype(np.float32)


def begun(made: WaveNet, streams: int, seed: int = SEED, temperature: float = 1.0, fineness: float = 0.0) -> Drawing:
    return Drawing(
        packed(made),
        *asked(streams),
        seed,
        temperature,
        predictors=taps(made.sizes, streams),
        sketch=sketch(made.sizes, streams),
        fineness=fineness,
    )


def done(drawing: Drawing | TorchDrawing) -> Drawing | TorchDrawing:
    while not drawing.done:
        drawing.advance()
    return drawing


def drawn(made: WaveNet, streams: int, seed: int = SEED, temperature: float = 1.0) -> np.ndarray:
    return done(begun(made, streams, seed, temperature)).classes


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
    assert (plainly(made, classes, SEED, temperature) == classes).mean() > 0.999
    assert len(np.unique(classes)) > 20


def test_a_stream_does_not_depend_on_its_company() -> None:
    made = network()
    assert np.array_equal(drawn(made, 1)[:, 0], drawn(made, 5)[:, 0])
    assert np.array_equal(drawn(made, 4), drawn(made, 4))
    assert not np.array_equal(drawn(made, 1), drawn(made, 1, seed=SEED + 1))


def test_values_lie_in_their_classes_as_near_to_what_is_expected_as_is_asked() -> None:
    made = network()
    coarse, fine = done(begun(made, 2)), done(begun(made, 2, fineness=1.0))
    check_values(coarse, fine, done(begun(network(PLAIN), 2, fineness=1.0)))


@pytest.mark.parametrize(("sizes", "fineness"), [(PLAIN, 0.0), (SIZES, 0.0), (SIZES, 1.0)])
def test_the_torch_loop_draws_the_same(sizes: WaveNetSizes, fineness: float) -> None:
    made = network(sizes)
    given = {"seed": SEED, "predictors": taps(sizes, 2), "sketch": sketch(sizes, 2), "fineness": fineness}
    drawing, compiled = done(TorchDrawing(made, *asked(2), **given)), done(begun(made, 2, fineness=fineness))
    assert np.array_equal(drawing.classes, compiled.classes)
    assert drawing.values == pytest.approx(compiled.values, abs=1e-6)


@pytest.mark.parametrize("how", ["compiled", "torch"])
def test_an_interrupted_drawing_goes_on_as_if_nothing_had_been(how: str) -> None:
    made = network()

    def begin(streams: int) -> Drawing | TorchDrawing:
        conditioning, own = asked(streams), taps(SIZES, streams)
        if how == "torch":
            return TorchDrawing(made, *conditioning, SEED, predictors=own)
        return Drawing(packed(made), *conditioning, SEED, predictors=own)

    first, second = begin(3), begin(3)
    first.advance()
    second.restore(first.state())
    while not first.done:
        first.advance()
        second.advance()
    assert np.array_equal(second.classes, first.classes)
    assert np.array_equal(second.values, first.values)
    with pytest.raises(ValueError, match="another"):
        begin(1).restore(first.state())


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
    with pytest.raises(WeightsError, match="as many taps"):
        Drawing(packed(network()), *asked(1), SEED)
