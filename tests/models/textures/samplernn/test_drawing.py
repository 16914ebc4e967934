"""The compiled loop draws what the network would, value by value."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.errors import WeightsError
from models.textures.audio.linear_prediction import WINDOW, predict_levels
from models.textures.audio.mu_law import BLOCK_FRAMES, SILENCE, expand
from models.textures.samplernn.drawing import Drawing
from models.textures.samplernn.network import SampleRnn
from models.textures.samplernn.packing import PackedSampleRnn, pack
from models.textures.samplernn.sizes import SampleRnnSizes
from models.textures.samplernn.torch_drawing import TorchDrawing
from tests.models.textures.waveform.fine_values import check_values

torch.set_num_threads(1)  # products this small only wait for a second thread

PLAIN = SampleRnnSizes(
    top_frames=32,
    middle_frames=8,
    heard=3,
    top=24,
    middle=16,
    channels=40,
    embedding=8,
    conditions=3,
    predictor_order=0,
    styles=("a", "b"),
)
SIZES = replace(PLAIN, predictor_order=24)
BLOCKS = 2
SEED = 9


def network(sizes: SampleRnnSizes = SIZES) -> SampleRnn:
    """A network off its initial values, with weights that half precision can hold."""
    torch.manual_seed(3)
    made = SampleRnn(sizes)
    with torch.no_grad():
        for values in made.parameters():
            values.copy_((values + 0.1 * torch.randn_like(values)).half().float())
    return made


def packed(made: SampleRnn) -> PackedSampleRnn:
    return pack({name: values.numpy() for name, values in made.state_dict().items()}, made.sizes)


def taps(sizes: SampleRnnSizes, streams: int) -> np.ndarray | None:
    """Predictors [blocks x streams x order] that hold on to the past a little, other ones for each stream."""
    order = sizes.predictor_order
    if not order:
        return None
    rng = np.random.default_rng(6)
    made = 0.05 * rng.standard_normal((8, BLOCKS, order)).swapaxes(0, 1)[:, :streams]
    made[..., -1] += 0.8
    return made.astype(np.float32)


def sketch(sizes: SampleRnnSizes, streams: int) -> np.ndarray | None:
    """Values [frames x streams] that each stream keeps to, other ones for each; none where nothing is predicted."""
    if not sizes.predictor_order:
        return None
    turns = np.arange(BLOCKS * BLOCK_FRAMES)[:, None] * np.linspace(0.1, 0.5, 8)[:streams]
    return (0.2 * np.sin(turns)).astype(np.float32)


def expected(made: SampleRnn, classes: np.ndarray) -> torch.Tensor | None:
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
            ahead = np.ascontiguousarray(told[at, stream])
            so_far = np.ascontiguousarray(away[:, stream])
            predict_levels(so_far, WINDOW + at.start, own[block, stream], ahead, levels[at, stream])
    return torch.from_numpy(levels)


def asked(streams: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    styles = np.eye(2, dtype=np.float32)[np.arange(streams) % 2]
    return styles, rng.random((streams, BLOCKS, SIZES.conditions)).swapaxes(0, 1).astype(np.float32)


def begun(made: SampleRnn, streams: int, seed: int = SEED, temperature: float = 1.0, fineness: float = 0.0) -> Drawing:
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


def drawn(made: SampleRnn, streams: int, seed: int = SEED, temperature: float = 1.0) -> np.ndarray:
    return done(begun(made, streams, seed, temperature)).classes


@torch.no_grad()
def scored(made: SampleRnn, classes: np.ndarray) -> torch.Tensor:
    """Scores [frames x streams x 256] of the plain network, which hears everything before each value at once."""
    streams = classes.shape[1]
    styles, conditions = (torch.from_numpy(part) for part in asked(streams))
    given = np.concatenate([np.full((1, streams), SILENCE), classes[:-1]]).astype(np.int64)
    scores, _ = made(torch.from_numpy(given), styles, conditions, predicted=expected(made, classes))
    return scores


def chosen(scores: torch.Tensor, seed: int, temperature: float) -> np.ndarray:
    """What falls out with the same random numbers."""
    frames, streams, _ = scores.shape
    weights = torch.exp((scores.double() - scores.double().amax(dim=2, keepdim=True)) / temperature).cumsum(dim=2)
    chances = np.stack([np.random.Generator(np.random.PCG64([seed, n])).random(frames) for n in range(streams)], axis=1)
    return (weights <= torch.from_numpy(chances)[..., None] * weights[..., -1:]).sum(dim=2).numpy()


@pytest.mark.parametrize("sizes", [PLAIN, SIZES], ids=["plain", "foretold"])
@pytest.mark.parametrize(("streams", "temperature"), [(1, 1.0), (3, 0.7), (4, 1.0)])
def test_every_draw_equals_the_plain_network(streams: int, temperature: float, sizes: SampleRnnSizes) -> None:
    made = network(sizes)
    classes = drawn(made, streams, temperature=temperature)
    assert (chosen(scored(made, classes), SEED, temperature) == classes).mean() > 0.999
    assert len(np.unique(classes)) > 20


@pytest.mark.parametrize(
    "tier", ["top_unit.weight_hh_l0", "middle_unit.weight_hh_l0", "top_frame", "middle_frame", "taps", "condition"]
)
def test_every_tier_is_heard(tier: str) -> None:
    """The control of the test above: it fails when one tier forgets, hears nothing or is told nothing."""
    made = network()
    classes = drawn(made, 4)
    with torch.no_grad():
        made.get_parameter(tier).zero_()
    assert (chosen(scored(made, classes), SEED, 1.0) == classes).mean() < 0.995


DRAWN_EVERYWHERE = "61fed6fc8725ab4c"


def test_every_processor_draws_the_same_bytes() -> None:
    """Of weights that no library rounds: one rounding otherwise, and another sound would come from here on."""
    numbers = np.random.default_rng(4)
    weights = {n: numbers.integers(-128, 129, shape) / 512.0 for n, shape in SIZES.parameter_shapes.items()}
    styles, conditions = np.eye(2, dtype=np.float32), np.full((BLOCKS, 2, SIZES.conditions), 0.5, np.float32)
    predictors = np.full((BLOCKS, 2, SIZES.predictor_order), 1.0 / 32.0, np.float32)
    drawing = Drawing(pack(weights, SIZES), styles, conditions, SEED, predictors=predictors)
    while not drawing.done:
        drawing.advance()
    assert len(np.unique(drawing.classes)) > 20
    assert hashlib.sha256(drawing.classes.tobytes()).hexdigest()[:16] == DRAWN_EVERYWHERE


def test_a_stream_does_not_depend_on_its_company() -> None:
    made = network()
    assert np.array_equal(drawn(made, 1)[:, 0], drawn(made, 5)[:, 0])
    assert np.array_equal(drawn(made, 4), drawn(made, 4))
    assert not np.array_equal(drawn(made, 1), drawn(made, 1, seed=SEED + 1))


def test_values_lie_in_their_classes_as_near_to_what_is_expected_as_is_asked() -> None:
    made = network()
    coarse, fine = done(begun(made, 2)), done(begun(made, 2, fineness=1.0))
    check_values(coarse, fine, done(begun(network(PLAIN), 2, fineness=1.0)))


@pytest.mark.parametrize("sizes", [PLAIN, SIZES], ids=["plain", "foretold"])
def test_the_torch_loop_draws_the_same(sizes: SampleRnnSizes) -> None:
    made = network(sizes)
    drawing = TorchDrawing(made, *asked(2), seed=SEED, predictors=taps(sizes, 2), sketch=sketch(sizes, 2))
    while not drawing.done:
        drawing.advance()
    # Of what it drew itself: one product rounded otherwise makes another class, and then all after it.
    assert (chosen(scored(made, drawing.classes), SEED, 1.0) == drawing.classes).mean() > 0.999
    first = slice(0, BLOCK_FRAMES // 4)
    assert np.array_equal(drawing.classes[first], drawn(made, 2)[first])


def test_what_is_heard_in_two_steps_is_heard_as_in_one() -> None:
    """Training carries on where its last step stopped."""
    made = network(PLAIN)
    classes = torch.from_numpy(np.random.default_rng(1).integers(0, 256, (2 * BLOCK_FRAMES, 3)))
    styles, conditions = (torch.from_numpy(part) for part in asked(3))
    with torch.no_grad():
        whole, _ = made(classes, styles, conditions)
        first, past = made(classes[:BLOCK_FRAMES], styles, conditions[:1])
        second, _ = made(classes[BLOCK_FRAMES:], styles, conditions[1:], past)
        forgotten, _ = made(classes[BLOCK_FRAMES:], styles, conditions[1:])
    assert torch.allclose(torch.cat([first, second]), whole, atol=1e-4)
    assert not torch.allclose(forgotten, second, atol=1e-2)


@pytest.mark.parametrize("how", ["compiled", "torch"])
def test_an_interrupted_drawing_goes_on_as_if_nothing_had_been(how: str) -> None:
    made = network()

    def begin(streams: int) -> Drawing | TorchDrawing:
        if how == "torch":
            return TorchDrawing(
                made, *asked(streams), SEED, predictors=taps(SIZES, streams), sketch=sketch(SIZES, streams)
            )
        return Drawing(
            packed(made), *asked(streams), SEED, predictors=taps(SIZES, streams), sketch=sketch(SIZES, streams)
        )

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
    with pytest.raises(WeightsError, match="lack taps"):
        pack({name: values for name, values in arrays.items() if name != "taps"}, SIZES)
    with pytest.raises(WeightsError, match="not numbers"):
        pack({**arrays, "out": arrays["out"] * np.nan}, SIZES)
    with pytest.raises(WeightsError, match="hidden does not have the size"):
        pack({**arrays, "hidden": arrays["hidden"][:8]}, SIZES)
    with pytest.raises(WeightsError, match="multiples"):
        pack(arrays, replace(SIZES, top=20))
    with pytest.raises(WeightsError, match="temperature"):
        Drawing(packed(network()), *asked(1), SEED, temperature=0.0)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"top_frames": 24}, "divide"),
        ({"heard": 9}, "hears no more"),
        ({"top": 0}, "at least 1"),
        ({"size": 1}, "these are not the sizes"),
    ],
)
def test_sizes_that_make_no_network_are_refused(wrong: dict[str, int], said: str) -> None:
    with pytest.raises(WeightsError, match=said):
        SampleRnnSizes.from_dict({**PLAIN.as_dict(), **wrong})
    assert SampleRnnSizes.from_dict(PLAIN.as_dict()) == PLAIN


def test_parameters_have_the_shapes_that_sizes_say() -> None:
    sizes = replace(SIZES, told=5)
    shapes = {name: tuple(values.shape) for name, values in SampleRnn(sizes).named_parameters()}
    assert shapes == sizes.parameter_shapes
