"""Finding a SoundFont: the user's own wins, a bad one is refused by name, broken system files are passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import SoundFontError
from engine.sound.voices.soundfonts import find_soundfont

GOOD = b"RIFF\x10\x00\x00\x00sfbkLIST"


def test_named_file_wins_over_what_the_system_has(tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine.sf2", tmp_path / "theirs.sf2"
    mine.write_bytes(GOOD)
    theirs.write_bytes(GOOD)
    assert find_soundfont(mine, [theirs]) == mine
    assert find_soundfont(None, [theirs]) == theirs


@pytest.mark.parametrize("content", [b"", b"RIFF", b"RIFF\x10\x00\x00\x00WAVEfmt ", b"not a soundfont at all"])
def test_a_named_file_that_is_no_soundfont_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.sf2"
    path.write_bytes(content)
    with pytest.raises(SoundFontError, match=r"odd\.sf2.*\.sf3"):
        find_soundfont(path)


def test_missing_or_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.sf2", tmp_path):
        with pytest.raises(SoundFontError, match="cannot be read"):
            find_soundfont(path)


def test_broken_and_missing_system_files_are_passed_over(tmp_path: Path) -> None:
    broken, good = tmp_path / "broken.sf2", tmp_path / "good.sf3"
    broken.write_bytes(b"half a fi")
    good.write_bytes(GOOD)
    assert find_soundfont(None, [tmp_path / "gone.sf2", broken, good]) == good
    assert find_soundfont(None, [broken]) is None
