"""Finds the classes of effects by the names of their files."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TypeVar

from engine.errors import EffectError
from engine.parameters.effects import Kind, effects
from engine.sound.layers.effect import Insert, Return

Base = TypeVar("Base")


def effect_class(name: str) -> type:
    """The class of `effects/NAME.py`: `Far` of far, `OldTape` of old_tape. Raises EffectError."""
    wanted = "".join(word.capitalize() for word in name.split("_"))
    try:
        module = import_module(f"engine.sound.layers.effects.{name}")
    except ModuleNotFoundError as problem:
        raise EffectError(f"effects/{name}.yaml: {problem}; write {name}.py beside it, with a class {wanted}") from None
    found = getattr(module, wanted, None)
    if not isinstance(found, type):
        raise EffectError(f"effects/{name}.py has no class {wanted}; write it, derived from Insert or Return")
    return found


@cache
def inserts() -> tuple[type[Insert], ...]:
    """Classes of inserts, in the order in which a strip passes them."""
    return tuple(_checked(name, Insert) for name in _names("insert"))


@cache
def returns() -> dict[str, type[Return]]:
    """Classes of returns by name, in the order of their stems."""
    return {name: _checked(name, Return) for name in _names("return")}


def _names(kind: Kind) -> list[str]:
    return [name for name, effect in effects().items() if effect.kind == kind]


def _checked(name: str, base: type[Base]) -> type[Base]:
    found = effect_class(name)
    if not issubclass(found, base):
        raise EffectError(f"effects/{name}.py: {found.__name__} must derive from {base.__name__}, as {name}.yaml says")
    return found
