"""Asked for nothing: as all play, or as a file beside the weights says."""

from pathlib import Path

import pytest

from engine.errors import WeightsError
from models.common.weights import weights_path
from models.performers.drawing.unasked import FILE_NAME, UNASKED, unasked_beside


def test_nothing_is_asked_for_and_a_performer_may_have_a_temperature_of_its_own(tmp_path: Path) -> None:
    weights = tmp_path / "weights.safetensors"
    assert unasked_beside(weights) == UNASKED
    (tmp_path / FILE_NAME).write_text("temperature: 0.8\ntop_p: 0.9\n", "utf-8")
    found = unasked_beside(weights)
    assert (found.temperature, found.top_p) == (0.8, 0.9)
    assert (found.density_notes_per_s, found.pitch_class_weights, found.beat) == (None, None, None)
    assert unasked_beside(weights_path("satie")).temperature < UNASKED.temperature


@pytest.mark.parametrize("text", ["temperature: hot\ntop_p: 1\n", "top_p: 0.9\n", "nothing", ": :"])
def test_a_damaged_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text, "utf-8")
    with pytest.raises(WeightsError, match=FILE_NAME):
        unasked_beside(tmp_path / "weights.safetensors")
