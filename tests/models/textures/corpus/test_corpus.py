"""Corpora: any audio to levelled, deduplicated, split pieces; rendered ones reproducible."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile

from engine.errors import SoundFontError, TextureError
from models.textures.corpus.corpus import (
    audio_files,
    cut_pieces,
    read_list,
    read_source,
    split_of,
    trimmed,
    write_corpus,
)
from models.textures.corpus.instruments import Material, find_soundfont, recorded_pitch
from models.textures.corpus.reverberation import RATE_HZ
from models.textures.corpus.scenes import render_scene
from tests.logged import Logged


def noise(seconds: float, seed: int = 1) -> np.ndarray:
    shape = np.sin(2 * np.pi * (200 + 137 * seed) * np.arange(int(seconds * RATE_HZ)) / RATE_HZ)
    sound = 0.1 * np.random.default_rng(seed).standard_normal(len(shape)) * shape
    return np.stack([sound, 0.5 * sound], axis=1).astype(np.float32)


def test_silence_is_trimmed_and_gaps_shortened() -> None:
    silence = np.zeros((3 * RATE_HZ, 2), np.float32)
    left = trimmed(np.concatenate([silence, noise(2), silence, noise(2), silence]))
    assert len(left) / RATE_HZ == pytest.approx(5.0, abs=0.2)
    assert len(trimmed(silence)) == 0


def test_pieces_have_one_loudness() -> None:
    pieces = list(cut_pieces(np.concatenate([noise(40), 0.1 * noise(40, 2)])))
    assert [round(len(piece) / RATE_HZ) for piece in pieces] == [32, 32, 16]
    for piece in (pieces[0], pieces[2]):
        assert pyloudnorm.Meter(RATE_HZ).integrated_loudness(piece.astype(float)) == pytest.approx(-20.0, abs=0.5)


def test_a_folder_is_imported_once_whatever_its_rates(tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    soundfile.write(source / "a.wav", noise(5), RATE_HZ)
    soundfile.write(source / "again.flac", noise(5), RATE_HZ)
    soundfile.write(source / "b.flac", noise(5, 2)[::3, 0], RATE_HZ // 3)
    (source / "broken.wav").write_bytes(b"RIFF but not much more")
    logged = Logged("models.textures.corpus")

    def sources() -> list:
        return [("noise", f.name, lambda f=f: read_source(f)) for f in audio_files(source)]

    pieces = write_corpus(out, sources(), passes_over=True)
    assert {piece.source for piece in pieces} == {"a.wav", "b.flac"}
    [said] = logged.texts
    assert said.startswith("skipped: ")
    assert "broken.wav" in said
    with pytest.raises(TextureError, match=r"broken\.wav"):
        write_corpus(tmp_path / "strict", sources())
    assert write_corpus(out, sources(), passes_over=True) == pieces == read_list(out)
    for piece in pieces:
        info = soundfile.info(out / piece.file)
        assert (info.samplerate, info.channels) == (RATE_HZ, 2)
    logged.close()


def test_every_style_of_three_sources_has_something_held_out() -> None:
    assert [split_of(number) for number in range(4)] == ["train", "train", "held_out", "train"]
    assert [split_of(number) for number in range(80)].count("held_out") == 10


def test_bad_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(TextureError, match="no audio files"):
        audio_files(tmp_path)
    with pytest.raises(TextureError, match="not a corpus"):
        read_list(tmp_path)
    (tmp_path / "corpus.json").write_text("{")
    with pytest.raises(TextureError, match="damaged"):
        read_list(tmp_path)
    with pytest.raises(SoundFontError, match=r"none\.sf2"):
        find_soundfont(tmp_path / "none.sf2")


@pytest.mark.parametrize(
    ("name", "pitch"), [("060-C4-FF", 60), ("29_F1_P", 29), ("eb3mp", 51), ("a1f", 33), ("x", None)]
)
def test_names_of_recorded_notes(name: str, pitch: int | None) -> None:
    assert recorded_pitch(name) == pitch


def test_a_rendered_scene_follows_from_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.textures.corpus.scenes.SCENE_S", 3.0)
    try:
        material = Material(find_soundfont())
    except SoundFontError:
        pytest.skip("no SoundFont on this machine")
    scene = render_scene("rhodes", 1, 5, material)
    assert np.array_equal(scene, render_scene("rhodes", 1, 5, material))
    assert not np.array_equal(scene, render_scene("rhodes", 2, 5, material))
    assert np.abs(scene).max() == pytest.approx(0.7, abs=1e-3)
    with pytest.raises(TextureError, match="no rendered style"):
        render_scene("polka", 1, 5, material)


@pytest.mark.parametrize("style", ["voices", "drums"])
def test_scenes_of_one_s_own_making_need_no_soundfont(monkeypatch: pytest.MonkeyPatch, style: str) -> None:
    monkeypatch.setattr("models.textures.corpus.scenes.SCENE_S", 3.0)
    nothing = Material(Path("none.sf2"))
    scene = render_scene(style, 1, 5, nothing)
    assert np.array_equal(scene, render_scene(style, 1, 5, nothing))
    assert not np.array_equal(scene, render_scene(style, 2, 5, nothing))
    assert np.abs(scene).max() == pytest.approx(0.7, abs=1e-3)
