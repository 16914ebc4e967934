"""Titles and names as people give them: any letters and marks, on one line."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any

from pydantic import BeforeValidator


def one_line(text: Any) -> Any:
    """A text with line breaks, tabs and rows of spaces as single spaces, and without control characters.

    What is no text is returned as it is.
    """
    if not isinstance(text, str):
        return text
    words = " ".join(text.split())
    return "".join(letter for letter in words if unicodedata.category(letter) != "Cc")


OneLine = Annotated[str, BeforeValidator(one_line)]
