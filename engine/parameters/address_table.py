"""The OSC table as Markdown, for the documentation: rows that differ only in a name share a line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from engine.parameters.address import Address
from engine.parameters.addresses import LAMPS, MOOD_SLOTS, PAD, REPORTS, ROOM, SOUND, TRANSPORT
from engine.parameters.stems import STEMS, VOICES

HEADINGS: Final = ("address", "type", "range", "unit", "default", "what it does")


def markdown_table() -> str:
    """The whole table, headings included, without a newline at its end."""
    return "\n".join(
        (
            *_section("To the installation, and echoed by it", (*TRANSPORT, *PAD, *SOUND, *ROOM)),
            "",
            *_section("From the installation only", REPORTS),
            "",
            _legend(),
            "Log marks a range whose faders and glides are logarithmic.",
        )
    )


def _legend() -> str:
    return (
        f"STEM is one of {_names(STEMS)}; VOICE one of {_names(VOICES)}; NAME one of {_names(LAMPS)}; "
        f"N is 1 to {MOOD_SLOTS}."
    )


def _section(title: str, rows: Iterable[Address]) -> list[str]:
    families: dict[str, list[Address]] = {}
    for row in rows:
        families.setdefault(row.family or row.path, []).append(row)
    lines = [f"## {title}", "", f"| {' | '.join(HEADINGS)} |", f"|{'---|' * len(HEADINGS)}"]
    return lines + [_line(name, members) for name, members in families.items()]


def _line(name: str, members: Sequence[Address]) -> str:
    row = members[0]
    cells = (f"`{name}`", " ".join(row.types) or "none", _range(row), row.unit, _default(members), _about(members))
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _about(members: Sequence[Address]) -> str:
    about = members[0].about
    textures_only = "/STEM/" in members[0].family and len(members) < len(STEMS)
    return f"{about} (textures only)" if textures_only else about


def _range(row: Address) -> str:
    if row.choices:
        return ", ".join(row.choices)
    if row.kind == "report" or row.low is None or row.high is None:
        return ""
    return f"{_plain(row.low)} … {_plain(row.high)}" + (", log" if row.curve == "log" else "")


def _default(members: Sequence[Address]) -> str:
    """One value where all agree, else each with the names it belongs to."""
    values = [(row.default, "/".join(row.path.split("/")[2:3])) for row in members if row.default is not None]
    if len({value for value, _ in values}) <= 1:
        return _plain(values[0][0]) if values else ""
    parts = [(value, [name for _, name in group]) for value, group in groupby(values, key=lambda pair: pair[0])]
    return ", ".join(f"{_plain(value)} ({' '.join(names)})" for value, names in parts)


def _plain(value: float | int | str | None) -> str:
    return f"{value:.10g}" if isinstance(value, int | float) else f"{value}"


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
