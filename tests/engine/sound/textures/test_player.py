"""Decks: what plays, what comes next, broken files and crossfades."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.textures.crossfade import CROSSFADE_S
from engine.sound.textures.library import Recipe, write_texture
from engine.sound.textures.loader import LoopLoader
from engine.sound.textures.player import TextureChoice, TexturePlayer
from engine.sound.textures.treatment import Loop, Treatment
from tests.engine.sounds import PyoReader, loudest_hz, rms, write_tone
from tests.logged import Logged

STEP = 4096


_pyo: PyoReader


@pytest.fixture(autouse=True)
def _reader() -> Iterator[None]:
    global _pyo
    with PyoReader.running() as _pyo:
        yield


@pytest.fixture
def logged() -> Iterator[Logged]:
    handler = Logged("engine.sound.textures.player")
    yield handler
    handler.close()


def steps(player: TexturePlayer, count: int) -> np.ndarray:
    return np.concatenate([_pyo.read(player.read()) for _ in range(count)], axis=1)


class Told:
    def __init__(self, *folders: Path, seed: int = 1, loader: LoopLoader | None = None) -> None:
        self.names: list[str] = []
        loader = loader or LoopLoader(patient=True)
        self.player = TexturePlayer("texture_1", folders, seed, loader, self.names.append)


def test_an_empty_folder_is_silent_and_says_so_once_and_is_looked_at_again(tmp_path: Path) -> None:
    told = Told(tmp_path)
    told.player.choose(TextureChoice("*"))
    assert told.player.read() == ()
    steps(told.player, 30)
    write_tone(tmp_path / "late.wav")
    audio = steps(told.player, 130)
    assert told.names == ["", "late.wav"]
    assert rms(audio[:, -STEP:]) > 0.05


def test_changing_file_direction_and_octave_crossfades_without_a_click(tmp_path: Path) -> None:
    write_tone(tmp_path / "one.wav", 200)
    write_tone(tmp_path / "two.wav", 300)
    told = Told(tmp_path)
    pieces = []
    backwards = TextureChoice("two*", treatment=Treatment(reverse=True))
    for choice in (TextureChoice("one*"), TextureChoice("two*"), backwards, TextureChoice()):
        told.player.choose(choice)
        pieces.append(steps(told.player, round(1.2 * CROSSFADE_S * SAMPLE_RATE_HZ / STEP)))
    audio = np.concatenate(pieces, axis=1)
    assert np.abs(np.diff(audio, 2)).max() < 2e-3
    assert told.names == ["one.wav", "two.wav", ""]
    assert told.player.read() == ()
    assert loudest_hz(pieces[1][0, -4 * STEP :]) == pytest.approx(300, abs=4)


def test_a_long_glide_crossfades_for_as_long_and_a_change_of_mind_does_not_wait_for_it(tmp_path: Path) -> None:
    for number in range(4):
        write_tone(tmp_path / f"t{number}.wav", 200 + 100 * number)
    told = Told(tmp_path)

    def play(number: int, glide_s: float, seconds: float) -> np.ndarray:
        told.player.choose(TextureChoice(f"t{number}*"), glide_s)
        return steps(told.player, round(seconds * SAMPLE_RATE_HZ / STEP))

    play(0, 0.0, 5.0)
    long = play(1, 20.0, 10.0)
    halves = [np.abs(np.fft.rfft(long[0, -5 * STEP :]))[round(hz * 5 * STEP / SAMPLE_RATE_HZ)] for hz in (200, 300)]
    assert halves[0] == pytest.approx(halves[1], rel=0.4), "half-way after half the time"
    for number in (2, 3):
        play(number, 60.0, 1.0)
    assert len(told.player.state) == 3
    play(3, 60.0, 6.0)
    assert told.names[-1] == "t3.wav"


def test_a_broken_file_is_reported_once_and_the_next_is_played(tmp_path: Path, logged: Logged) -> None:
    (tmp_path / "broken.wav").write_bytes(b"nonsense")
    write_tone(tmp_path / "good.wav")
    for seed in range(4):
        told = Told(tmp_path, seed=seed)
        told.player.choose(TextureChoice("*"))
        steps(told.player, 10)
        told.player.choose(TextureChoice("*", treatment=Treatment(octave=1)))
        steps(told.player, 10)
        assert told.names == ["good.wav"]
    [(where, what)] = {*logged.troubles}
    assert where == "/layer/texture_1/file"
    assert "broken.wav" in what
    assert len(logged.troubles) <= 4, "at most once for each player"


def test_fidgeting_with_the_pattern_never_plays_more_than_a_few_files(tmp_path: Path) -> None:
    for number in range(6):
        write_tone(tmp_path / f"t{number}.wav", 200 + 50 * number)
    told = Told(tmp_path)
    for number in range(30):
        told.player.choose(TextureChoice(f"t{number % 6}*"))
        audio = steps(told.player, 1)
        assert len(told.player.state) <= 3
        assert np.abs(np.diff(audio, 2)).max() < 5e-3


def test_what_was_made_for_the_scale_is_chosen_before_all_else(tmp_path: Path) -> None:
    time_s = np.arange(2 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    for name, scale in (("pads-a", "D major"), ("pads-b", "F minor"), ("pads-c", ""), ("pads-d", "D major_pentatonic")):
        write_texture(tmp_path / f"{name}.flac", 0.1 * np.sin(1400 * time_s), SAMPLE_RATE_HZ, Recipe(scale=scale))
    for seed in range(6):
        told = Told(tmp_path, seed=seed)
        told.player.choose(TextureChoice("pads*", scale=(1, 2, 4, 6, 7, 9, 11)))
        steps(told.player, 3)
        told.player.choose(TextureChoice("pads*", scale=(0, 1, 3, 5, 7, 8, 10)))
        steps(told.player, 1)
        assert told.names[0] in ("pads-a.flac", "pads-d.flac")
        assert told.names[1:] == ["pads-b.flac"]
    assert told.player.files == {tmp_path / told.names[0], tmp_path / "pads-b.flac"}


class SlowLoader(LoopLoader):
    """Prepares nothing until it may."""

    def __init__(self) -> None:
        super().__init__(patient=False)
        self.may = threading.Event()
        assert self._thread
        self._thread.submit(self.may.wait)


def test_nothing_waits_for_a_texture_and_nothing_is_silent_meanwhile(tmp_path: Path) -> None:
    write_tone(tmp_path / "one.wav", 200)
    write_tone(tmp_path / "two.wav", 300)
    loader = SlowLoader()
    told = Told(tmp_path, loader=loader)
    told.player.choose(TextureChoice("one*"))
    assert told.player.read() == ()
    loader.may.set()
    _until_ready(told.player)
    steps(told.player, 60)
    loader.may.clear()
    assert loader._thread
    loader._thread.submit(loader.may.wait)
    told.player.choose(TextureChoice("two*"))
    assert rms(steps(told.player, 20)) > 0.05
    assert told.player.files == {tmp_path / "one.wav", tmp_path / "two.wav"}
    told.player.choose(TextureChoice("one*"))  # changed one's mind before it was ready
    loader.may.set()
    _until_ready(told.player)
    steps(told.player, 20)
    assert told.names == ["one.wav"]
    told.player.close()
    loader.close()


def _until_ready(player: TexturePlayer) -> None:
    player.read()
    coming = player._coming
    assert coming
    loop: Loop = coming.result(timeout=10)
    player.read()
    assert loop in [playing.loop for playing in player._crossfade._playing]


def test_a_file_that_vanishes_before_it_is_opened_is_no_fault(tmp_path: Path, logged: Logged) -> None:
    write_tone(tmp_path / "pads-1.wav")
    write_tone(tmp_path / "pads-2.wav")
    loader = SlowLoader()
    told = Told(tmp_path, loader=loader)
    told.player.choose(TextureChoice("pads*"))
    told.player.read()
    gone = told.player._waiting[0]
    gone.unlink()
    loader.may.set()
    while not told.names:
        told.player.read()
    assert (logged.texts, told.names) == ([], [{"pads-1.wav": "pads-2.wav", "pads-2.wav": "pads-1.wav"}[gone.name]])
    loader.close()


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.m4a", "aac"),
        ("a.stem.mp4", "aac"),
        ("a.aac", "aac"),
        ("a.mp4", "libopus"),
        ("a.wma", "wmav2"),
        ("a.mov", "alac"),
    ],
)
def test_foreign_formats_play_from_the_folder_and_leave_nothing_behind(
    name: str, codec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    scratch, folder = tmp_path / "scratch", tmp_path / "folder"
    scratch.mkdir()
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    write_tone(tmp_path / "tone.wav", 330, 4.0)
    other = write_tone(tmp_path / "other.wav", 880, 4.0)
    tracks = ["-i", str(other), "-map", "0:a", "-map", "1:a"] if ".stem." in name else []
    command = ["ffmpeg", "-v", "error", "-i", str(tmp_path / "tone.wav"), *tracks, "-c:a", codec]
    subprocess.run([*command, "-strict", "-2", str(folder / name)], check=True)
    told = Told(folder)
    told.player.choose(TextureChoice("*"))
    audio = steps(told.player, 100)
    assert (told.names, logged.texts) == ([name], [])
    assert loudest_hz(audio[0, -30 * STEP :]) == pytest.approx(330, abs=2)
    assert list(scratch.iterdir()) == []
