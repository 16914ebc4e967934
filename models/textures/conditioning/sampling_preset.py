"""The manner in which a texture is drawn, apart from what is drawn; and the usual one of each style."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.errors import WeightsError

ANYTHING: Final = 10.0


@dataclass(frozen=True)
class SamplingPreset:
    """
    temperature: 1 draws as the network learnt, less is calmer.
    strike: begin notes where the plan has them (`conditioning.onset_excitation`); without, all is carved out of noise.
    surprise: how far a value may stray from its forecast, as a share of the loudness; 10 lets everything pass.
    colour: how far what it drew is brought to the levels in four bands that it was told, and to the spectrum of its
        style (`models.textures.conditioning.spectral_correction`), 0 to 1.
    attune: how far the pitches that it was told ring in what it drew (as above), 0 to 1.
    """

    temperature: float = 0.9
    strike: bool = True
    surprise: float = 0.5
    colour: float = 1.0
    attune: float = 0.85

    def __post_init__(self) -> None:
        """Raises `WeightsError` for values out of range."""
        if not 0.05 <= self.temperature <= 3.0:
            raise WeightsError(f"temperature {self.temperature}: choose 0.05 to 3, 1 draws as the network learnt")
        if not 0.05 <= self.surprise <= ANYTHING:
            raise WeightsError(f"surprise {self.surprise}: choose 0.05 to {ANYTHING:g}, which lets everything pass")
        for name in ("colour", "attune"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise WeightsError(f"{name} {getattr(self, name)}: choose 0 to 1")


BARE: Final = SamplingPreset(temperature=1.0, strike=False, surprise=ANYTHING, colour=0.0, attune=0.0)
"""The network alone, out of white noise."""

PLANNED: Final = SamplingPreset(temperature=0.9, strike=False, surprise=ANYTHING, colour=0.0, attune=0.0)
"""For networks that follow a plan of their own: nothing is done to what they draw."""

USUAL: Final = {
    "pads": SamplingPreset(temperature=0.9, surprise=1.0, attune=0.95),
    "field": SamplingPreset(temperature=0.9, surprise=1.0, attune=0.95),
    "tape": SamplingPreset(temperature=0.8, surprise=1.0, attune=0.95),
    "rhodes": SamplingPreset(temperature=0.8, surprise=0.5),
}


def usual_preset(style: str) -> SamplingPreset:
    """How a style is drawn unless somebody wants it otherwise."""
    return USUAL.get(style, SamplingPreset())
