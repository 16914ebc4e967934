"""Finding a SoundFont: the user's own wins, a bad one is refused by name, broken system files are passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import SoundFontError
from engine.sound.voices.band import open_module
from engine.sound.voices.fallback_voice import FallbackModule
from engine.sound.voices.soundfonts import find_soundfont
from tests.engine.sound.voices.soundfont_file import SmallPreset, write_soundfont

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


def test_a_file_of_silent_samples_is_refused_and_passed_over(tmp_path: Path) -> None:
    silent = write_soundfont(tmp_path / "silent.sf2", [SmallPreset()], peak=0.0)
    soft = write_soundfont(tmp_path / "soft.sf2", [SmallPreset()], peak=0.001)
    with pytest.raises(SoundFontError, match=r"silent\.sf2: all of its samples are silent; fetch it again"):
        find_soundfont(silent)
    assert find_soundfont(soft) == soft
    assert find_soundfont(None, [silent, soft]) == soft
    module, said = open_module(silent)
    assert isinstance(module, FallbackModule)
    assert said.endswith("voices are synthesised")


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
