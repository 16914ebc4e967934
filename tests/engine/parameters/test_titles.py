"""Titles on one line."""

import pytest

from engine.parameters.titles import one_line


@pytest.mark.parametrize(
    ("written", "read"),
    [(" a\n b\t", "a b"), ("a\x00\x1bb", "ab"), ("\u2028", ""), ("Gymnopédie №1 🌧", "Gymnopédie №1 🌧")],
)
def test_one_line(written: str, read: str) -> None:
    assert one_line(written) == read


def test_what_is_no_text_is_left_alone() -> None:
    assert one_line(3) == 3
