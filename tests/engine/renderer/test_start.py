"""What a renderer begins with, where something of it cannot be used."""

from __future__ import annotations

from pathlib import Path

from engine.renderer.start import note_silent, usable_soundfont
from tests.engine.sound.voices.soundfont_file import SmallPreset, write_soundfont


def test_a_soundfont_whose_notes_were_silent_twice_is_left_alone(tmp_path: Path) -> None:
    mine = write_soundfont(tmp_path / "mine.sf2", [SmallPreset()])
    other = write_soundfont(tmp_path / "other.sf2", [SmallPreset()])
    assert usable_soundfont(mine, tmp_path) == mine
    note_silent(tmp_path, mine)
    assert usable_soundfont(mine, tmp_path) == mine, "once may be the layers' fault"
    note_silent(tmp_path, mine)
    assert usable_soundfont(mine, tmp_path) is None
    assert usable_soundfont(other, tmp_path) == other


def test_a_named_soundfont_that_is_none_is_replaced(tmp_path: Path) -> None:
    broken = tmp_path / "broken.sf2"
    broken.write_bytes(b"no SoundFont")
    assert usable_soundfont(broken, tmp_path) != broken
