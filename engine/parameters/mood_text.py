"""A mood as the YAML text that a person would have written: a group to a paragraph, a layer to a line."""

from __future__ import annotations

from typing import Any, Final

import yaml

from engine.parameters.sound import Mood

MOST_KEYS_ON_A_LINE: Final = 4
WIDTH: Final = 118


def mood_text(mood: Mood) -> str:
    """All of a mood's values, defaults too, so that it sounds the same when defaults change."""
    contents = mood.model_dump()
    about = {key: contents.pop(key) for key in ("title", "about", "colour")}
    head = "".join(f"{key}: {_flow(value)}\n" for key, value in about.items() if value)
    return "\n".join([head, *(_paragraph(name, group) for name, group in contents.items())])


def _paragraph(name: str, group: dict[str, Any]) -> str:
    nested = any(isinstance(value, dict) for value in group.values())
    if not nested and len(group) <= MOST_KEYS_ON_A_LINE:
        return f"{name}: {_flow(group)}\n"
    return f"{name}:\n" + "".join(f"  {key}: {_flow(value, indent=4)}\n" for key, value in group.items())


def _flow(value: Any, indent: int = 2) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=WIDTH, allow_unicode=True)
    lines = text.removesuffix("...\n").strip().splitlines()
    return ("\n" + " " * indent).join(line.strip() for line in lines)
