"""Options of a command in dataclasses by topic: each field is an option, as if the command named it itself."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields
from typing import Any, get_type_hints


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """`command` takes dataclasses; what is returned takes all their fields, in that order, for typer to look at."""
    kinds: dict[str, Any] = {name: kind for name, kind in get_type_hints(command).items() if name != "return"}
    hints = {
        field: hint for kind in kinds.values() for field, hint in get_type_hints(kind, include_extras=True).items()
    }

    def flat(**given: Any) -> None:
        command(**{name: kind(**{one.name: given[one.name] for one in fields(kind)}) for name, kind in kinds.items()})

    flat.__name__, flat.__doc__, flat.__module__ = command.__name__, command.__doc__, command.__module__
    flat.__annotations__ = hints
    parameters = [
        inspect.Parameter(one.name, inspect.Parameter.KEYWORD_ONLY, default=one.default, annotation=hints[one.name])
        for kind in kinds.values()
        for one in fields(kind)
    ]
    flat.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return flat
