"""The compiled loops draw what the networks say: codes as the transformer's scores have them, levels as the decoder."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.errors import WeightsError
from models.textures.products.panels import in_panels
from models.textures.spectral.codec import Codec, CodecSizes
from models.textures.spectral.decoding import Decoder, convolve, convolve_many
from models.textures.spectral.plan import Plan
from models.textures.spectral.plan_drawing import PlanDrawing, conditions_for, plan_weights
from models.textures.spectral.plan_sizes import PlanSizes

SIZES = PlanSizes(width=32, layers=2, heads=2, reach=12, row_width=16, row_layers=2, row_heads=2)


@pytest.fixture(scope="module")
def plan() -> Plan:
    torch.manual_seed(1)
    network = Plan(SIZES)
    for parameter in network.parameters():
        if not parameter.detach().abs().max():
            parameter.data.normal_(std=0.3)
    return network


def arrays(network: torch.nn.Module) -> dict[str, np.ndarray]:
    return {name: value.detach().numpy() for name, value in network.named_parameters()}


def test_codes_follow_the_scores_of_the_network(plan: Plan) -> None:
    conditions = conditions_for(SIZES, 1, (0, 4, 7))
    drawing = PlanDrawing(plan_weights(arrays(plan), SIZES), SIZES, conditions, SIZES.reach, seed=5, stream=2)
    drawing.advance(100)
    with torch.no_grad():
        scores = plan(torch.from_numpy(drawing.codes)[None], torch.from_numpy(conditions)[None]).double()
    shares = torch.softmax(scores, dim=-1).cumsum(dim=-1).numpy()
    chosen = (shares <= drawing.chances[..., None]).sum(axis=-1)
    assert (chosen == drawing.codes).mean() > 0.999
    assert len(np.unique(drawing.codes)) > 100


def test_guidance_moves_scores_from_those_without_conditions(plan: Plan) -> None:
    conditions, none = conditions_for(SIZES, 1, (0, 4, 7)), np.zeros(SIZES.conditions, np.float32)
    drawing = PlanDrawing(plan_weights(arrays(plan), SIZES), SIZES, conditions, SIZES.reach, 5, 2, guidance=2.0)
    drawing.advance(100)
    with torch.no_grad():
        codes = torch.from_numpy(drawing.codes)[None]
        with_them, without = (plan(codes, torch.from_numpy(told)[None]).double() for told in (conditions, none))
    shares = torch.softmax(2.0 * with_them - without, dim=-1).cumsum(dim=-1).numpy()
    assert ((shares <= drawing.chances[..., None]).sum(axis=-1) == drawing.codes).mean() > 0.999


def test_a_plan_is_the_same_in_one_go_and_in_many(plan: Plan) -> None:
    weights, told = plan_weights(arrays(plan), SIZES), conditions_for(SIZES, 0, None)

    def begin() -> PlanDrawing:
        return PlanDrawing(weights, SIZES, told, 30, seed=5, stream=0)

    whole, first, second = begin(), begin(), begin()
    whole.advance(30)
    first.advance(17)
    second.restore(first.state())
    second.advance(30)
    assert second.done
    assert np.array_equal(whole.codes, second.codes)
    with pytest.raises(ValueError, match="another drawing"):
        PlanDrawing(weights, SIZES, told, 5, 5, 0).restore(first.state())


def test_conditions_and_temperature_are_heard(plan: Plan) -> None:
    weights = plan_weights(arrays(plan), SIZES)

    def codes(style: int, scale: tuple[int, ...] | None, temperature: float = 1.0) -> np.ndarray:
        drawing = PlanDrawing(weights, SIZES, conditions_for(SIZES, style, scale), 10, 5, 0, temperature)
        drawing.advance(10)
        return drawing.codes

    plain = codes(0, None)
    for other in (codes(1, None), codes(0, (0, 4)), codes(0, None, 0.3)):
        assert not np.array_equal(plain, other)
    with pytest.raises(WeightsError, match="temperature"):
        codes(0, None, 9.0)
    with pytest.raises(WeightsError, match="lack"):
        plan_weights({}, SIZES)


def test_levels_are_the_decoders_wherever_it_is_cut() -> None:
    torch.manual_seed(2)
    sizes = CodecSizes(fine=8, middle=8, coarse=16)
    codec = Codec(sizes)
    rng = np.random.default_rng(3)
    codes = rng.integers(0, sizes.codes, (40, sizes.tokens))
    decoder = Decoder(arrays(codec.decoder), sizes.levels, sizes.groups)
    noise = decoder.noise(40, rng)
    with torch.no_grad():
        latents = codec.latents(torch.from_numpy(codes).view(1, 40, sizes.rows, sizes.groups))
        wanted = codec.decoder(latents, *(torch.from_numpy(part)[None] for part in noise))[0].numpy()
    whole = decoder.part(codes, noise, 0, 40)
    cut = np.concatenate([decoder.part(codes, noise, first, first + 8) for first in range(0, 40, 8)], axis=1)
    assert np.abs(whole - wanted).max() < 1e-3
    assert np.abs(cut - whole).max() < 1e-4
    with pytest.raises(WeightsError, match="lack"):
        Decoder({}, sizes.levels, sizes.groups)


def test_both_ways_to_convolve_add_up_in_the_same_order() -> None:
    rng = np.random.default_rng(5)
    x, weight, bias = (rng.standard_normal(shape).astype(np.float32) for shape in ((4, 8, 18), (24, 4, 3, 3), (24,)))
    rows, blocks = np.empty((2, 24, 6, 16), np.float32)
    convolve(x, weight, bias, rows)
    convolve_many(x, in_panels(np.ascontiguousarray(weight.reshape(24, -1).T)), 3, bias, blocks)
    assert rows.tobytes() == blocks.tobytes()


def test_codes_and_latents_are_two_forms_of_one_thing() -> None:
    codec = Codec(CodecSizes(fine=8, middle=8, coarse=16))
    quantised = codec.quantised(torch.randn(1, 8, 12, 16) * 2)
    codes = codec.codes(quantised)
    assert codes.min() >= 0
    assert codes.max() < codec.sizes.codes
    assert torch.allclose(codec.latents(codes), quantised, atol=1e-6)
