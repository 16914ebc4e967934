"""How a texture is drawn, apart from what is drawn; and the usual way of each style."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.errors import WeightsError


@dataclass(frozen=True)
class SamplingPreset:
    """
    temperature: 1 draws a plan as the network learnt, less is calmer.
    guidance: 1 draws it as the network learnt; more follows style and scale more closely (classifier-free guidance, Ho
        and Salimans 2022, https://arxiv.org/abs/2207.12598).
    noise: 1 draws what codes leave open as the codec's way back learnt, less is stiller (as the truncation of Brock et
        al. 2018, https://arxiv.org/abs/1809.11096); nought leaves the likeliest.
    calibration: 1 adds what the plan's last layer has learnt since, so that levels are as often as in real pieces;
        nought leaves it out. Nothing where the network has none of the style.
    movement: how far decoded levels step from moment to moment before phases are found, for some of it is lost then.
    fineness: 0 takes the middle of a drawn class for the value of a wave; 1 the nearest to what linear prediction
        expects that the class holds, so that its width makes no noise. Nothing for networks that keep to no sketch.
    wave_temperature: at which a network of waves draws that keeps to a sketch; 1 as it learnt, less is calmer.
    """

    temperature: float = 0.9
    guidance: float = 2.5
    noise: float = 1.0
    calibration: float = 0.0
    movement: float = 1.0
    fineness: float = 1.0
    wave_temperature: float = 0.8

    def __post_init__(self) -> None:
        """Raises `WeightsError` for values out of range."""
        if not 0.05 <= self.temperature <= 3.0:
            raise WeightsError(f"temperature {self.temperature}: choose 0.05 to 3, 1 draws as the network learnt")
        if not 1.0 <= self.guidance <= 8.0:
            raise WeightsError(f"guidance {self.guidance}: choose 1 to 8, 1 draws as the network learnt")
        if not 0.0 <= self.noise <= 2.0:
            raise WeightsError(f"noise {self.noise}: choose 0 to 2, 1 draws as the network learnt")
        if not 0.0 <= self.calibration <= 2.0:
            raise WeightsError(f"calibration {self.calibration}: choose 0 to 2, 0 leaves it out")
        if not 0.5 <= self.movement <= 2.0:
            raise WeightsError(f"movement {self.movement}: choose 0.5 to 2, 1 leaves levels as they are")
        if not 0.0 <= self.fineness <= 1.0:
            raise WeightsError(f"fineness {self.fineness}: choose 0 to 1, 0 takes the middle of each class")
        if not 0.05 <= self.wave_temperature <= 3.0:
            raise WeightsError(f"wave_temperature {self.wave_temperature}: choose 0.05 to 3, 1 draws as learnt")


USUAL: Final = {
    "pads": SamplingPreset(temperature=1.0, guidance=2.5, calibration=1.0, movement=1.15, wave_temperature=0.5),
    "field": SamplingPreset(temperature=1.05, guidance=2.0, noise=1.3),
    "tape": SamplingPreset(temperature=1.25, guidance=3.0, noise=1.0, wave_temperature=0.5),
    "rhodes": SamplingPreset(temperature=1.0, guidance=1.25, noise=0.0, movement=0.8, wave_temperature=0.5),
}
"""Chosen on draws of other seeds than those that cards measure: calmer, plans have too few notes, and tape is hiss.
Tones of rhodes hold where nothing is drawn beside their codes; field, which stood too still, is given more. Tape is as
loud as real ones along frequency where guidance is strong and temperature makes up for what it takes from chance. Pads
are calibrated, and move as far below 1.7 kHz as is lost when they become sound (chosen on seed 631). Rhodes move less
than what is decoded, which steps too far below 800 Hz, and waves of all but field are calm beneath their tones (901
to 903)."""


def usual_preset(style: str) -> SamplingPreset:
    """How a style is drawn unless somebody wants it otherwise."""
    return USUAL.get(style, SamplingPreset())
