"""The compiled head has the loss and the gradients of the same head in torch."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from models.textures.audio.linear_prediction import LEVELS
from models.textures.audio.mu_law import CLASSES
from models.textures.waveform import head as module
from models.textures.waveform.bf16_products import has_pair_sums
from models.textures.waveform.head import Head, loss_of, scores_of

ROWS, WIDTH, HIDDEN = 136, 48, 64
"""Of rows, a tile and a part of another."""


def given(spread_to: float) -> tuple[Tensor, Head, Tensor, Tensor]:
    """With sharpness and weight about `spread_to`, as logarithms."""
    torch.manual_seed(5)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape).mul(shape[0] ** -0.5).bfloat16().float().requires_grad_()

    spread_bias = torch.full((2,), spread_to).requires_grad_()
    head = Head(
        normal(WIDTH, HIDDEN), normal(HIDDEN), normal(HIDDEN, CLASSES), normal(CLASSES), normal(HIDDEN, 2), spread_bias
    )
    entering = torch.rand(ROWS, WIDTH).bfloat16().float().requires_grad_()
    return entering, head, torch.randint(LEVELS, (ROWS,)), torch.randint(CLASSES, (ROWS,))


@pytest.mark.skipif(not has_pair_sums(), reason="no products of bfloat16 pairs on this processor")
@pytest.mark.parametrize("spread_to", [1.0, 10.0], ids=["within its bounds", "partly beyond"])
def test_it_is_that_of_torch(spread_to: float) -> None:
    entering, head, predicted, wanted = given(spread_to)
    inputs = (entering, *head)
    expected = loss_of(entering, head, predicted, wanted)
    with torch.autocast("cpu", torch.bfloat16):
        assert module._fits(entering, head)
        found = loss_of(entering, head, predicted, wanted)
        with torch.no_grad():
            assert loss_of(entering, head, predicted, wanted) == found
    assert found.item() == pytest.approx(expected.item(), rel=1e-3)
    assert expected.item() > 1.0
    pairs = zip(torch.autograd.grad(3 * found, inputs), torch.autograd.grad(3 * expected, inputs), strict=True)
    for name, (own, other) in zip(("entering", *Head._fields), pairs, strict=True):
        assert own.shape == other.shape
        assert other.abs().max() > 0
        assert (own - other).abs().max() < 0.02 * other.abs().max(), name


def test_without_a_predictor_it_is_cross_entropy() -> None:
    entering, head, _, wanted = given(1.0)
    plain = Head(*head[:4])
    scores = scores_of(entering, plain, None)
    expected = torch.logsumexp(scores, 1) - scores[torch.arange(ROWS), wanted]
    assert float(loss_of(entering, plain, None, wanted).detach()) == pytest.approx(
        float(expected.mean().detach()), rel=1e-5
    )
