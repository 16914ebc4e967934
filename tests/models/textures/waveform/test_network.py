"""What networks of waves share: the loss is that of the scores, and what is told is heard."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from models.textures.audio.linear_prediction import LEVELS
from models.textures.audio.mu_law import BLOCK_FRAMES, CLASSES
from models.textures.samplernn.network import SampleRnn
from models.textures.samplernn.sizes import SampleRnnSizes
from models.textures.waveform.network import WaveNetwork
from models.textures.wavenet.network import WaveNet
from models.textures.wavenet.sizes import WaveNetSizes

STREAMS, TOLD = 2, 5


@pytest.fixture(params=["wavenet", "samplernn"])
def network(request: pytest.FixtureRequest) -> WaveNetwork:
    torch.manual_seed(1)
    if request.param == "wavenet":
        return WaveNet(WaveNetSizes(layers=2, cycle=2, channels=16, predictor_order=8, told=TOLD))
    return SampleRnn(SampleRnnSizes(top=16, middle=16, channels=16, predictor_order=8, told=TOLD))


def test_the_loss_is_that_of_the_scores_and_all_that_is_shared_learns(network: WaveNetwork) -> None:
    classes, wanted = torch.randint(CLASSES, (2, BLOCK_FRAMES, STREAMS))
    levels = torch.randint(LEVELS, (BLOCK_FRAMES, STREAMS))
    given = (classes, torch.full((STREAMS, 4), 0.25), torch.randn(1, STREAMS, TOLD), None, levels)
    scores, after = network(*given)
    loss, after_loss = network(*given, wanted)
    assert scores.shape == (BLOCK_FRAMES, STREAMS, CLASSES)
    assert float(loss.detach()) == pytest.approx(
        float(functional.cross_entropy(scores.detach().flatten(0, 1), wanted.flatten())), rel=1e-5
    )
    assert [part.shape for part in after] == [part.shape for part in after_loss]
    assert [part.shape for part in after] == [part.shape for part in network.silent_past(STREAMS)]
    loss.backward()
    for name in ("out", "out_bias", "told", "told_bias", "foretold", "spread", "spread_bias"):
        gradient = network.get_parameter(name).grad
        assert gradient is not None, name
    assert network.whole_head.spread is network.spread
