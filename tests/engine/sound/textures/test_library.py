"""The texture folder and the commands that fill it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from typer.testing import CliRunner

from engine.cli.networks.textures import textures
from engine.errors import MoodError, TextureError
from engine.sound.textures import library
from engine.sound.textures.files import textures_in
from engine.sound.textures.library import (
    IN_USE,
    Recipe,
    by_scale,
    entries,
    file_name,
    make_room,
    parse_scale,
    read_in_use,
    read_recipe,
    write_in_use,
    write_texture,
)
from tests.models.textures.small_networks import write_small_networks

RATE_HZ = 16_000
D_MAJOR = (1, 2, 4, 6, 7, 9, 11)


def chord(pitches: list[int], seconds: float = 2.0) -> np.ndarray:
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    return (0.1 * sum(np.sin(2 * np.pi * 440 * 2 ** ((p - 69) / 12) * t) for p in pitches)).astype(np.float32)


@pytest.fixture
def network(tmp_path: Path) -> Path:
    return write_small_networks(tmp_path)[0]


def run(*arguments: str, exit_code: int = 0) -> str:
    result = CliRunner().invoke(textures, list(arguments), env={"COLUMNS": "300"})
    assert result.exit_code == exit_code, result.output + repr(result.exception)
    return result.output


def test_scales_are_read_as_people_write_them() -> None:
    assert parse_scale("D major") == D_MAJOR == parse_scale("d")
    assert parse_scale("Db major_pentatonic") == (1, 3, 5, 8, 10)
    assert parse_scale("A 0-3-7") == (0, 4, 9)
    assert parse_scale("") is None
    with pytest.raises(TextureError, match="expected a root"):
        parse_scale("H major")
    with pytest.raises(MoodError):
        parse_scale("D majro")


def test_generate_makes_the_same_files_twice(network: Path, tmp_path: Path) -> None:
    common = ("generate", "--style", "pads", "--count", "2", "--seconds", "1", "--seed", "7", "--scale", "D major")
    for out in ("one", "two"):
        run(*common, "--network", str(network), "--out", str(tmp_path / out), "--threads", "1" if out == "one" else "2")
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == [f"pads-D_major-late-7-{n}.{kind}" for n in (0, 1) for kind in ("flac", "json")]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    recipe = read_recipe(tmp_path / "one" / names[0])
    assert recipe
    assert (recipe.style, recipe.era, recipe.seed, recipe.scale) == ("pads", "late", 7, "D major")
    other = read_recipe(tmp_path / "one" / names[2])
    assert other
    assert len({recipe.drawn, other.drawn, ""}) == 3
    sound, rate_hz = soundfile.read(tmp_path / "one" / names[0])
    assert (len(sound), rate_hz) == (32_000, 32_000)
    assert np.isfinite(sound).all()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a card")
def test_a_card_that_is_not_there_is_named(network: Path, tmp_path: Path) -> None:
    arguments = ["generate", "--style", "pads", "--network", str(network), "--out", str(tmp_path / "out"), "--device"]
    for device, says in (("cuda", "no CUDA card"), ("toaster", "choose auto")):
        result = CliRunner().invoke(textures, [*arguments, device])
        assert isinstance(result.exception, TextureError)
        assert says in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_a_plan_alone_draws_48_khz_in_stereo(network: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    common = ("generate", "--style", "field", "--seconds", "1", "--network", str(network.parent / "spectra"))
    run(*common, "--out", str(out))
    run(*common, "--guidance", "4", "--temperature", "0.5", "--noise", "0.2", "--seed", "2", "--out", str(out))
    first, second = (read_recipe(path) for path in textures_in([out]))
    assert first
    assert second
    assert (second.guidance, second.temperature, second.noise) == (4.0, 0.5, 0.2)
    assert first.drawn != second.drawn
    sound, rate_hz = soundfile.read(textures_in([out])[0])
    assert (sound.shape, rate_hz) == ((48_000, 2), 48_000)


def test_a_recipe_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pads-1.flac"
    write_texture(path, chord([60]), RATE_HZ, Recipe("pads", "air", "late", seed=3))
    values = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps({**values, "strike": True, "surprise": 1.0, "attune": 0.9}))
    assert read_recipe(path) == Recipe("pads", "air", "late", seed=3)
    path.with_suffix(".json").write_text(json.dumps({**values, "nonsense": True}))
    assert read_recipe(path) is None


def test_list_shows_and_skips(network: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("generate", "--style", "tape", "--seconds", "1", "--network", str(network), "--out", str(out), "--raw")
    write_texture(out / "mine.wav", chord([57, 60, 64]), RATE_HZ, Recipe("mine", source="tape.wav"))
    (out / "broken.flac").write_bytes(b"fLaC")
    shown = run("list", "--folder", str(out), "--sheet", str(tmp_path / "sheet.png"))
    assert "A minor" in shown
    assert "from tape.wav" in shown
    assert shown.count("broken.flac: cannot be read") == 1
    assert (tmp_path / "sheet.png").stat().st_size > 5000
    assert "no textures yet" in run("list", "--folder", str(tmp_path / "empty"))


def test_import_brings_in_and_refuses(tmp_path: Path) -> None:
    out = tmp_path / "out"
    soundfile.write(tmp_path / "long tone.wav", np.stack([chord([62])] * 2, axis=1), RATE_HZ)
    run("import", str(tmp_path / "long tone.wav"), "--style", "field", "--scale", "D major", "--out", str(out))
    (path,) = textures_in([out], "field*")
    assert path.name == "field-long tone.flac"
    assert soundfile.info(path).channels == 2
    for name, content in (("nan.wav", np.full(2 * RATE_HZ, np.nan)), ("short.wav", np.zeros(100))):
        soundfile.write(tmp_path / name, content, RATE_HZ, subtype="FLOAT")
        result = CliRunner().invoke(textures, ["import", str(tmp_path / name), "--style", "field", "--out", str(out)])
        assert isinstance(result.exception, TextureError)
        assert name in str(result.exception)
    assert sorted(p.name for p in out.iterdir()) == ["field-long tone.flac", "field-long tone.json"]


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    with pytest.raises(TextureError, match="write textures as"):
        write_texture(tmp_path / "a.mp7", chord([60]), RATE_HZ, Recipe())
    with pytest.raises(TextureError, match="cannot be written"):
        write_texture(tmp_path / "a.flac", np.zeros((10, 99), np.float32), RATE_HZ, Recipe())
    assert list(tmp_path.iterdir()) == []


def test_opus_keeps_what_lies_between_tones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: at a quarter of the size, what Opus adds is nine times as strong."""
    times_s = np.arange(4 * 48_000)[:, None] / 48_000
    tones = sum(np.sin(2 * np.pi * 220 * k * times_s + k) / k for k in (1, 1.5, 2, 3, 4, 6))
    sound = (0.1 * tones + 0.0005 * np.random.default_rng(1).standard_normal((len(times_s), 2))).astype(np.float32)

    def kept_db() -> float:
        write_texture(tmp_path / "tones.opus", sound, 48_000, Recipe(style="pads"))
        added = soundfile.read(tmp_path / "tones.opus", dtype="float32")[0] - sound
        return float(10 * np.log10((sound**2).sum() / (added**2).sum()))

    assert kept_db() > 25.0
    monkeypatch.setattr(library, "OPUS_COMPRESSION", 0.96)
    assert kept_db() < 22.0


def test_moods_are_offered_what_fits_their_scale_first(tmp_path: Path) -> None:
    for name, scale in (("a", "C major"), ("b", ""), ("c", "D major_pentatonic"), ("d", "Eb major")):
        write_texture(tmp_path / f"{name}.flac", chord([62]), RATE_HZ, Recipe("pads", "air", scale=scale))
    recipe = tmp_path / "d.json"
    recipe.write_text(json.dumps({"scale": "nonsense"}))
    ordered = by_scale(textures_in([tmp_path]), D_MAJOR)
    assert [path.stem for path in ordered] == ["c", "b", "d", "a"]


def test_the_folder_is_bounded_and_ones_own_files_are_safe(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, 100_000)
    for number in range(5):
        path = tmp_path / f"pads-{number}.flac"
        write_texture(path, noise, RATE_HZ, Recipe("pads", "air" if number else ""))
        os.utime(path, (number, number))
    (tmp_path / "run").mkdir()
    each_mb = path.stat().st_size / 1e6
    removed = make_room(tmp_path, most_mb=3.5 * each_mb, coming_mb=each_mb)
    assert [path.name for path in removed] == ["pads-1.flac", "pads-2.flac"]
    assert len(list(tmp_path.iterdir())) == 7
    write_in_use(tmp_path / "run", [tmp_path / "pads-3.flac"])
    removed = make_room(tmp_path, most_mb=0.0, in_use=read_in_use(tmp_path / "run"))
    assert [path.name for path in removed] == ["pads-4.flac"]
    (tmp_path / "run" / IN_USE).write_text("[3]")
    assert read_in_use(tmp_path / "run") == read_in_use(tmp_path / "none") == set()


def test_names_begin_with_the_style() -> None:
    assert file_name(Recipe("pads", "air", "late", seed=7, stream=2, scale="D major")) == "pads-D_major-late-7-2.flac"
    assert file_name(Recipe("field", "air", "early", seed=1)) == "field-early-1-0.flac"


def test_entries_of_nothing(tmp_path: Path) -> None:
    assert list(entries(textures_in([tmp_path / "none"]))) == []


def test_recipes_of_before_draw_as_they_did() -> None:
    old = Recipe()
    assert (old.calibration, old.movement, old.fineness, old.wave_temperature) == (0.0, 1.0, 0.0, 0.8)
