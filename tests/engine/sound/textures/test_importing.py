"""Sound brought into the texture folder: nothing is lost on the way, and nothing writes over another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from engine.cli.networks.textures import textures
from engine.errors import TextureError
from engine.sound.textures.files import TextureLoop
from engine.sound.textures.importing import import_texture
from engine.sound.textures.library import Recipe, describe
from models.textures.corpus.corpus import audio_files, read_list, read_source, source_name, write_corpus
from tests.logged import Logged

RATE_HZ = 16_000


def tone(hz: float, seconds: float = 3.0) -> np.ndarray:
    return np.asarray(0.3 * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ), np.float32)


def write(path: Path, sound: np.ndarray, kind: str | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound, RATE_HZ, format=kind)
    return path


def centre_alone(channels: int = 6) -> np.ndarray:
    sound = np.zeros((3 * RATE_HZ, channels), np.float32)
    sound[:, 2] = tone(440)
    return sound


def test_files_of_one_name_from_different_folders_do_not_collide(tmp_path: Path) -> None:
    one, other = write(tmp_path / "a" / "drone.wav", tone(220)), write(tmp_path / "b" / "drone.wav", tone(330))
    third = write(tmp_path / "c" / "drone.aiff", tone(550))
    out = tmp_path / "out"
    made = [import_texture(file, out, Recipe("field")).name for file in (one, other, third, one, other)]
    assert made == ["field-drone.flac", "field-drone-2.flac", "field-drone-3.flac", *made[:2]]
    assert sorted(path.name for path in out.glob("*.flac")) == sorted(made[:3])
    heard = [np.argmax(np.abs(np.fft.rfft(soundfile.read(out / name)[0]))) / 3 for name in made[:3]]
    assert heard == pytest.approx([220, 330, 550], abs=1)


def test_the_command_names_each_and_goes_on_after_one_that_is_refused(tmp_path: Path) -> None:
    files = [write(tmp_path / folder / "drone.wav", tone(220 + 110 * n)) for n, folder in enumerate("ab")]
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"no sound")
    arguments = ["import", str(files[0]), str(bad), str(files[1]), "--style", "field", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(textures, arguments)
    assert isinstance(result.exception, TextureError)
    assert "bad.wav: cannot be read as audio" in str(result.exception)
    assert {path.name for path in (tmp_path / "out").glob("*.flac")} == {"field-drone.flac", "field-drone-2.flac"}
    assert result.output.count(" is ") == 2


@pytest.mark.parametrize("name", ["x.wav", "x.flac", "x.aifc", "x.caf", "x.w64"])
def test_sound_in_the_centre_alone_is_not_silence(name: str, tmp_path: Path) -> None:
    kind = {"x.aifc": "AIFF"}.get(name)
    file = write(tmp_path / name, centre_alone(), kind)
    sound, _ = soundfile.read(import_texture(file, tmp_path / "out", Recipe("field")))
    assert sound.shape == (3 * RATE_HZ, 2)
    rms = np.sqrt(np.mean(sound**2, axis=0))
    assert rms == pytest.approx([0.3 * 0.5, 0.3 * 0.5], rel=0.01)  # a sine's rms is 0.707 of its peak, and -3 dB
    assert np.sqrt(np.mean(TextureLoop(file).looped(48_000, 48_000) ** 2)) == pytest.approx(0.1, rel=0.05)
    assert describe(file).length_s == 3.0


def test_sides_that_cancel_stay_in_a_corpus_and_in_a_list(tmp_path: Path) -> None:
    file = write(tmp_path / "in" / "wide.wav", np.stack([tone(440), -tone(440)], axis=1))
    pieces = write_corpus(tmp_path / "corpus", [("pads", "wide", lambda: read_source(file))])
    assert [piece.length_s for piece in pieces] == [3.0]
    assert describe(file).centroid_hz == pytest.approx(440, rel=0.05)


def test_a_corpus_takes_files_of_one_name_from_two_folders(tmp_path: Path) -> None:
    for number, folder in enumerate(("x/samples", "y/samples")):
        write(tmp_path / folder / "drone.wav", np.random.default_rng(number).normal(0, 0.1, 3 * RATE_HZ) * tone(2))
    for folder in ("x/samples", "y/samples", "x/samples"):
        files = audio_files(tmp_path / folder)
        sources = [("pads", source_name(f, tmp_path / folder), lambda f=f: read_source(f)) for f in files]
        write_corpus(tmp_path / "corpus", sources)
    sources = [piece.source for piece in read_list(tmp_path / "corpus")]
    assert len(sources) == len(set(sources)) == 2
    assert all(source.startswith("samples/drone.wav (") for source in sources)


def test_a_corpus_names_every_file_that_it_does_not_take(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.wav", tone(440))
    (tmp_path / "in" / "b.sf2").write_bytes(b"x")
    (tmp_path / "in" / "gone").symlink_to(tmp_path / "nowhere")
    (tmp_path / "in" / "linked").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    write(tmp_path / "elsewhere" / "c.caf", tone(550))
    logged = Logged("models.textures.corpus")
    assert [path.name for path in audio_files(tmp_path / "in")] == ["a.wav", "c.caf"]
    assert [line.split(": ")[1].rsplit("/", 1)[1] for line in logged.texts] == ["b.sf2", "gone"]
    logged.close()


def test_the_list_names_what_is_not_played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    write(tmp_path / "a.caf", tone(440))
    (tmp_path / "[b] take.m4a").write_bytes(b"x")
    result = CliRunner().invoke(textures, ["list", "--folder", str(tmp_path)], terminal_width=200)
    assert result.exit_code == 0
    assert "[b] take.m4a: is played where ffmpeg is; install the program ffmpeg" in result.output
    assert "a.caf" in result.output


@pytest.mark.parametrize("value", [0.0, 0.5, -1.0])
def test_what_never_moves_is_silent_and_refused(value: float, tmp_path: Path) -> None:
    still = write(tmp_path / "still.wav", np.full((3 * RATE_HZ, 2), value, np.float32))
    with pytest.raises(TextureError, match=r"still\.wav: is silent; give a file with sound"):
        import_texture(still, tmp_path / "out", Recipe("field"))
    soft = write(tmp_path / "soft.wav", value + 0.01 * tone(220) * (1 if value <= 0 else -1))
    assert import_texture(soft, tmp_path / "out", Recipe("field")).is_file()
