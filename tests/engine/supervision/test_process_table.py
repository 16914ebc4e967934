"""Which output the room is given when a card comes late and has too few."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.files.runtime_folder import RuntimeFolder
from engine.hub.state import ControlState
from engine.parameters.moods import load_mood
from engine.room import card_channels
from engine.room.presets import load_room
from engine.room.sound_cards import Card
from engine.supervision import process_table as parts
from engine.supervision.process import start_directly
from engine.supervision.process_table import Output, ProcessTable, RunOptions


def test_a_card_that_comes_late_with_too_few_outputs_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards: list[Card] = []
    monkeypatch.setattr(parts.sys, "platform", "linux")
    monkeypatch.setattr(parts, "playing_cards", lambda: tuple(cards))
    asked: list[str] = []
    monkeypatch.setattr(card_channels, "outputs", lambda device: asked.append(device) or (8 if "USB" in device else 2))
    options = RunOptions(Path("pd"), 47_310, room=load_room("quad"))
    state = ControlState.of_mood("airport", load_mood("airport"), 1)
    found = ProcessTable(options, state, RuntimeFolder(tmp_path), lambda _, *how: start_directly(*how))
    assert found.choose_output() == Output(audio=False, device=None)
    cards.append(Card(0, "PCH", "HDA Intel PCH"))
    assert found.choose_output() == Output(audio=False, device=None)
    assert "'Quad' needs 4 outputs, but default has 2" in found.too_few
    asked.clear()
    assert found.choose_output() == Output(audio=False, device=None)
    assert not asked, "asking opens the card: once is enough"
    cards.clear()
    assert found.choose_output() == Output(audio=False, device=None)
    assert not found.too_few
