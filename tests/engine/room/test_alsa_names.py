"""Names of ALSA: those that its configuration defines, and those that open."""

from __future__ import annotations

import pytest

from engine.room import alsa_names
from engine.room.alsa_names import is_defined, library, opens

needs_alsa = pytest.mark.skipif(library() is None, reason="needs ALSA's library")


@needs_alsa
def test_names_are_known_with_arguments_and_strangers_are_not() -> None:
    """`null` and `plug` are in ALSA's own configuration."""
    assert is_defined("null")
    assert is_defined("plug:null")
    assert not is_defined("no_such_device")


@needs_alsa
def test_what_is_defined_may_open_or_not() -> None:
    assert opens("null")
    assert not opens("no_such_device")


def test_where_there_is_no_alsa_nothing_is_defined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alsa_names, "library", lambda: None)
    assert not is_defined("null")
    assert not opens("null")
