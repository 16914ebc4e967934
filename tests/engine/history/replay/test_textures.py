"""Textures of a replay: found where they were moved to, named where they changed, silent where they are gone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.history.replay.textures import TextureShelf
from engine.journal.fingerprints import file_fingerprint
from engine.sound.textures.crossfade import Source
from engine.sound.textures.treatment import Treatment


@pytest.fixture
def texture(tmp_path: Path) -> Path:
    path = tmp_path / "then" / "pads.wav"
    path.parent.mkdir()
    sound = 0.1 * np.random.default_rng(1).standard_normal((96_000, 2))
    soundfile.write(path, sound, 48_000)
    return path


def opened(texture: Path, folder: Path, fingerprint: str | None = None) -> tuple[bool, list[str]]:
    """Whether there is a loop of it, and what was said."""
    said: list[str] = []
    loop = TextureShelf([folder], said.append).open(Source(texture, Treatment(), 0.0), fingerprint)
    return loop is not None, said


def test_as_it_was_it_is_opened_without_a_word(texture: Path, tmp_path: Path) -> None:
    assert opened(texture, tmp_path, file_fingerprint(texture)) == (True, [])


def test_one_that_was_moved_is_found_in_the_folders_of_today(texture: Path, tmp_path: Path) -> None:
    fingerprint = file_fingerprint(texture)
    (tmp_path / "now").mkdir()
    texture.rename(tmp_path / "now" / texture.name)
    assert opened(texture, tmp_path / "now", fingerprint) == (True, [])


def test_one_that_changed_is_heard_as_it_is_now_and_named(texture: Path, tmp_path: Path) -> None:
    there, said = opened(texture, tmp_path, "0" * 16)
    assert there
    assert said == ["texture pads.wav is not what it was; it is heard as it is now"]


@pytest.mark.parametrize("damaged", [False, True])
def test_one_that_is_gone_or_damaged_is_silent_and_named(texture: Path, tmp_path: Path, damaged: bool) -> None:
    if damaged:
        texture.write_bytes(b"RIFF")
    else:
        texture.unlink()
    there, said = opened(texture, tmp_path)
    assert not there
    assert said == ["texture pads.wav is gone or cannot be read; it is silent where it was heard"]
