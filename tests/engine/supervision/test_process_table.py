"""Which output the room is given when a card comes late and has too few."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.files.runtime_folder import RuntimeFolder
from engine.room import card_channels
from engine.room.presets import load_room
from engine.room.sound_cards import Card
from engine.supervision import process_table
from engine.supervision.process_table import Output, ProcessTable, RunOptions, Sockets


def test_a_card_that_comes_late_with_too_few_outputs_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards: list[Card] = []
    monkeypatch.setattr(process_table.sys, "platform", "linux")
    monkeypatch.setattr(process_table, "playing_cards", lambda: tuple(cards))
    asked: list[str] = []
    monkeypatch.setattr(card_channels, "outputs", lambda device: asked.append(device) or (8 if "USB" in device else 2))
    options = RunOptions(Path("pd"), 47_310, room=load_room("quad"))
    found = ProcessTable(options, RuntimeFolder(tmp_path), Sockets(0, 1))
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


def test_every_process_is_told_where_to_report_and_the_hub_is_handed_its_socket(tmp_path: Path) -> None:
    options = RunOptions(
        Path("pd"), 47_310, "night", 7, listen=True, allowed=("10.0.0.0/8",), state=tmp_path, midi=True
    )
    processes = ProcessTable(options, RuntimeFolder(tmp_path), Sockets(hub=5, supervisor_port=40_123)).processes()
    hub = list(processes["hub"].command())
    assert processes["hub"].inherits == (5,)
    assert hub[hub.index("--socket") + 1] == "5"
    assert hub[hub.index("--allow") + 1] == "10.0.0.0/8"
    web = list(processes["web"].command())
    assert web[web.index("--allow") + 1] == "10.0.0.0/8"
    assert {"--listen", "--announce", "--state"} <= set(web)
    for name in ("hub", "renderer", "sampler", "midi", "web"):
        words = list(processes[name].command())
        assert words[words.index("--supervisor-port") + 1] == "40123", name


def test_instruments_are_played_where_that_was_asked_for_with_what_the_room_says(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("title: Mine\ninstruments: {Disklavier: {latency_ms: 40}}\n", "utf-8")
    options = RunOptions(Path("pd"), 47_310, room=load_room(str(path)), plays_instruments=True)
    processes = ProcessTable(options, RuntimeFolder(tmp_path), Sockets(0, 1)).processes()
    words = list(processes["instruments"].command())
    assert json.loads(words[words.index("--instruments") + 1])["Disklavier"]["latency_ms"] == 40.0
    assert (
        "instruments"
        not in ProcessTable(RunOptions(Path("pd"), 47_310), RuntimeFolder(tmp_path), Sockets(0, 1)).processes()
    )


def test_a_page_for_the_house_opens_the_page_and_nothing_else(tmp_path: Path) -> None:
    for page in (True, False):
        options = RunOptions(Path("pd"), 47_310, page=page)
        processes = ProcessTable(options, RuntimeFolder(tmp_path), Sockets(hub=5, supervisor_port=40_123)).processes()
        assert ("--listen" in processes["web"].command()) == page
        assert "--announce" not in processes["web"].command(), "OSC is for this machine alone"
