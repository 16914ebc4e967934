"""How textures are drawn: every style has a way, and values out of range are refused by name."""

import pytest

from engine.errors import WeightsError
from models.textures.sampling_preset import USUAL, SamplingPreset, usual_preset


def test_every_style_has_a_usual_way() -> None:
    assert usual_preset("polka") == SamplingPreset()
    for style, preset in USUAL.items():
        assert usual_preset(style) == preset


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"temperature": 0.0}, "0.05 to 3"),
        ({"guidance": 0.5}, "1 to 8"),
        ({"noise": -0.1}, "0 to 2"),
        ({"calibration": 3.0}, "0 to 2"),
        ({"movement": 0.0}, "0.5 to 2"),
        ({"fineness": 1.5}, "0 to 1"),
        ({"wave_temperature": 0.0}, "0.05 to 3"),
    ],
)
def test_values_out_of_range_are_named(values: dict[str, float], says: str) -> None:
    with pytest.raises(WeightsError, match=f"{next(iter(values))} .*{says}"):
        SamplingPreset(**values)
