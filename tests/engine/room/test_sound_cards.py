"""Cards that come late, go, and return under another number."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.files.paths import ROOT
from engine.room.sound_cards import Card, alsa_device, playing_cards

PCH = Card(0, "PCH", "HDA-Intel - HDA Intel PCH")
USB = Card(1, "Scarlett", "USB-Audio - Scarlett 2i2 USB")


def asound(folder: Path) -> Path:
    (folder / "cards").write_text(
        " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n                      HDA Intel PCH at 0xf7 irq 30\n"
        " 1 [Scarlett       ]: USB-Audio - Scarlett 2i2 USB\n                      Focusrite at usb-1\n"
        " 2 [Microphone     ]: USB-Audio - Desk Microphone\n                      at usb-2\n"
    )
    (folder / "pcm").write_text(
        "00-00: ALC : ALC : playback 1 : capture 1\n01-00: USB : USB : playback 1 : capture 1\n"
        "02-00: M : M : capture 1\n"
    )
    return folder


def test_the_cards_with_an_output_are_listed(tmp_path: Path) -> None:
    assert playing_cards(asound(tmp_path)) == (PCH, USB)
    assert playing_cards(tmp_path / "none") == ()


@pytest.mark.parametrize(
    ("wanted", "cards", "device"),
    [
        (None, (PCH, USB), "default"),
        (None, (), None),
        ("Scarlett", (PCH, USB), "plughw:CARD=Scarlett"),
        ("scarlett 2i2", (PCH, USB), "plughw:CARD=Scarlett"),
        ("Scarlett", (PCH,), None),
        ("hw:1", (PCH, USB), "hw:1"),
        ("hw:1", (PCH,), None),
        ("plughw:CARD=Scarlett,DEV=0", (Card(5, "Scarlett", ""),), "plughw:CARD=Scarlett,DEV=0"),
        ("plughw:CARD=Scarlett,DEV=0", (PCH,), None),
        ("null", (PCH,), "null"),
        ("null", (), "null"),
        ("no_such_device", (PCH,), None),
    ],
)
def test_a_card_is_found_wherever_it_is_now(wanted: str | None, cards: tuple[Card, ...], device: str | None) -> None:
    assert alsa_device(wanted, cards) == device


def test_another_number_changes_nothing_for_a_card_that_is_named() -> None:
    moved = Card(3, USB.short_name, USB.long_name)
    assert alsa_device("Scarlett", (PCH, USB)) == alsa_device("Scarlett", (moved, PCH))


ASOUNDRC = """
pcm.elsewhere { type null }
pcm.!default { type null }
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ALSA is Linux's")
def test_a_device_of_an_asoundrc_needs_no_card(tmp_path: Path) -> None:
    """PipeWire, a network device, WSL: a name and no card. In a process of its own, for ALSA reads once."""
    (tmp_path / ".asoundrc").write_text(ASOUNDRC)
    code = (
        "from engine.room.sound_cards import alsa_device, has_sound_card, why_into_nothing as why\n"
        "print([alsa_device(name, ()) for name in ('elsewhere', None, 'nowhere')], has_sound_card())\n"
        "print([why(name) for name in ('elsewhere', None)], why('nowhere'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "HOME": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    devices, sentences = done.stdout.splitlines()
    assert devices == "['elsewhere', 'default', None] True"
    assert sentences.startswith("['', ''] --device nowhere: no card and no ALSA device is called so")
    assert not done.stderr
