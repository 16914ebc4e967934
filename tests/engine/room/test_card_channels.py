"""How many outputs a card has, asked of ALSA's own library with devices that need no card."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import RoomError
from engine.files.paths import ROOT
from engine.room import card_channels
from engine.room.card_channels import check_card
from engine.room.presets import load_room
from engine.room.sound_cards import Card

CARDS = (Card(0, "PCH", "HDA Intel PCH"), Card(1, "USB", "Ten outputs"))
DEVICES = """
pcm.sink { type null }
pcm.two { type multi
  slaves.a { pcm "sink" channels 2 }
  bindings.0 { slave a channel 0 }
  bindings.1 { slave a channel 1 } }
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ALSA is Linux's")
def test_alsa_is_asked_itself(tmp_path: Path) -> None:
    """In a process of its own, for ALSA reads its configuration once."""
    (tmp_path / "asound.conf").write_text(DEVICES)
    code = "from engine.room.card_channels import outputs; print(outputs('two'), outputs('sink'), outputs('plughw:9'))"
    said = subprocess.run(
        [sys.executable, "-c", code],
        env={"ALSA_CONFIG_PATH": str(tmp_path / "asound.conf"), "PATH": ""},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert said.stdout.split() == ["2", "None", "None"]
    assert not said.stderr


@pytest.fixture
def two_cards(monkeypatch: pytest.MonkeyPatch) -> dict[str, int | None]:
    has: dict[str, int | None] = {"default": 2, "plughw:CARD=USB": 10, "hw:CARD=PCH": 2, "hw:CARD=USB": 10}
    monkeypatch.setattr(card_channels, "playing_cards", lambda: CARDS)
    monkeypatch.setattr(card_channels, "outputs", lambda device: has[device])
    monkeypatch.setattr(card_channels.sys, "platform", "linux")
    return has


def test_too_few_outputs_are_refused_with_what_there_is(two_cards: dict[str, int | None]) -> None:
    with pytest.raises(RoomError) as error:
        check_card(load_room("quad"), None)
    said = str(error.value)
    assert "'Quad' needs 4 outputs, but default has 2" in said
    assert "back_left (channel 3), back_right (channel 4)" in said
    assert "PCH (HDA Intel PCH): 2 outputs; USB (Ten outputs): 10 outputs" in said
    assert "--device" in said


def test_enough_outputs_no_loudspeakers_or_nothing_known_are_no_trouble(two_cards: dict[str, int | None]) -> None:
    check_card(load_room("octophonic_ring"), "USB")
    check_card(load_room("gallery"), None)
    check_card(None, None)
    two_cards["default"] = None
    check_card(load_room("quad"), None)
