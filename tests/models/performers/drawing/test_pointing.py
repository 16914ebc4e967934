"""How readily a performer points back: what is read beside its weights, and what that does to a drawing."""

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.errors import WeightsError
from models.common.weights import save_weights
from models.performers.drawing.performer import Conditioning, Performer
from models.performers.drawing.pointing import FILE_NAME, TO_RETURN, readier_beside, readier_to_point
from models.performers.networks.performance_rnn import PerformanceRnn, PerformanceRnnSizes
from models.performers.vocabulary.events import NOTE_ON, START, TIME_SHIFT
from tests.engine.phrases import wandering


def test_nothing_beside_the_weights_means_as_learnt(tmp_path: Path) -> None:
    assert readier_beside(tmp_path / "weights.safetensors") == 0.0


def test_what_stands_beside_the_weights_is_read(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("readier: 1.5\n", "utf-8")
    assert readier_beside(tmp_path / "weights.safetensors") == 1.5


@pytest.mark.parametrize("text", ["readier: soon\n", "1.0\n", "other: 1\n", "readier: [\n"])
def test_a_damaged_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text, "utf-8")
    with pytest.raises(WeightsError, match=r"pointing\.yaml: expected a number `readier`"):
        readier_beside(tmp_path / "weights.safetensors")


def test_only_the_sentinel_is_lowered_and_only_where_there_is_one() -> None:
    arrays = {"pointer.bias": np.array([20.0], np.float32), "head.bias": np.ones(3, np.float32)}
    lowered = readier_to_point(arrays, 1.5)
    assert lowered["pointer.bias"] == 18.5
    assert lowered["head.bias"] is arrays["head.bias"]
    assert arrays["pointer.bias"] == 20.0
    assert list(readier_to_point({"head.bias": arrays["head.bias"]}, 1.5)) == ["head.bias"]


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Of a network that has learnt nothing, with a sentinel that its pointer hardly beats."""
    torch.manual_seed(4)
    network = PerformanceRnn(PerformanceRnnSizes(hidden=64, layers=3)).eval()
    network.pointer.bias.data.fill_(20.0)
    path = tmp_path / "weights.safetensors"
    save_weights(path, {n: t.numpy() for n, t in network.state_dict().items()}, {"network": "performance_rnn"})
    return path


def test_who_is_asked_for_a_return_points_back_more_readily(weights: Path, tmp_path: Path) -> None:
    def begun(readier: float, returns: float | None) -> list[float]:
        (tmp_path / FILE_NAME).write_text(f"readier: {readier}\n", "utf-8")
        asked = Conditioning(primer=wandering(1, 2.0, 12.0), returns=returns)
        return Performer("test", weights, "float32").begin(asked)[1].tolist()

    assert begun(9.0, 0.5) == pytest.approx(begun(9.0 + 0.5 * TO_RETURN, None), abs=1e-4)
    assert begun(9.0, 0.5) != pytest.approx(begun(9.0, None), abs=1e-2)


def test_a_readier_performer_thinks_a_return_likelier(weights: Path, tmp_path: Path) -> None:
    passage = [START, *(event for k in range(6) for event in (NOTE_ON + 50 + 3 * k % 29, TIME_SHIFT + 7 * k))]
    following = []
    for readier in (0.0, 12.0):
        (tmp_path / FILE_NAME).write_text(f"readier: {readier}\n", "utf-8")
        logits = Performer("test", weights, "float32").logits(passage + passage[1:5])[-1]
        following.append(logits[passage[5]] - np.logaddexp.reduce(logits))
    assert following[1] > following[0] + 1.0
