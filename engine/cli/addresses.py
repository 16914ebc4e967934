"""`addresses`: the OSC table, for people and for programs that read Markdown."""

from __future__ import annotations

from engine.parameters.address_table import markdown_table


def addresses() -> None:
    """Print the OSC addresses with types, ranges and defaults, as a Markdown table."""
    print(markdown_table())
