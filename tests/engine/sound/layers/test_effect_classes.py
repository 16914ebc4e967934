"""An effect's class is found by its file's name, and what is missing is named."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from engine.errors import EffectError
from engine.parameters.effects import effects
from engine.sound.layers import effect_classes
from engine.sound.layers.effect import Insert, Return
from engine.sound.layers.effect_classes import effect_class, inserts, returns


def test_every_effect_has_its_class() -> None:
    assert [kind.__name__ for kind in inserts()] == ["Compressor", "Tape", "Chorus"]
    assert {name: kind.__name__ for name, kind in returns().items()} == {"near": "Near", "far": "Far", "echo": "Echo"}
    for name in effects():
        assert effect_class(name).__module__ == f"engine.sound.layers.effects.{name}"


def test_the_parameter_of_every_send_is_one_of_its_effect() -> None:
    for name, kind in returns().items():
        assert kind.SEND in effects()[name].layer
        assert set(kind.ONWARD.values()) <= set(effects()[name].shared)
        assert set(kind.ONWARD) <= set(returns())


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EffectError, match=r"fuzz\.py beside it, with a class Fuzz"):
        effect_class("fuzz")
    module = ModuleType("engine.sound.layers.effects.fuzz")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    with pytest.raises(EffectError, match=r"effects/fuzz\.py has no class Fuzz"):
        effect_class("fuzz")
    module.Fuzz = type("Fuzz", (Insert,), {})  # type: ignore[attr-defined]
    with pytest.raises(EffectError, match="Fuzz must derive from Return"):
        effect_classes._checked("fuzz", Return)
