"""Textures made while nothing else is to do."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from engine.parameters.sound import SoundSettings
from engine.sampler import texture_generation as texture_maker
from engine.sampler.texture_generation import FIRST_AFTER_S, PAUSE_S, TextureGenerator, TextureRequest, requests_of
from engine.sound.textures.files import textures_in
from engine.sound.textures.library import Recipe, read_recipe, write_texture
from tests.models.textures.small_networks import write_small_networks


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def wait_for_thread(maker: TextureGenerator) -> None:
    """Until what the maker left to its thread is done."""
    for future in (maker._loading, maker._finishing):
        if future:
            future.exception(timeout=60)


def test_requests_of_moods_are_styles_in_scales() -> None:
    day, night = SoundSettings(), SoundSettings()
    day.layer.texture_1.file, day.layer.texture_2.file, day.layer.texture_3.file = "pads*", "tape-late*", "pads-?"
    night.layer.texture_1.file, night.scale.root, night.scale.mode = "field*", "A", "aeolian"
    assert requests_of([day, night]) == [
        TextureRequest("pads", "D major"),
        TextureRequest("tape", "D major"),
        TextureRequest("field", "A aeolian"),
    ]


def test_a_texture_is_made_step_by_step_in_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texture_maker, "LENGTH_S", 1.0)
    net, _ = write_small_networks(tmp_path / "net")
    clock, folder = Clock(), tmp_path / "textures"
    maker = TextureGenerator(
        [TextureRequest("pads", "D major"), TextureRequest("tape", "A minor")],
        5,
        folder,
        str(net),
        clock=clock,
    )
    assert not maker.step()
    clock.now_s = FIRST_AFTER_S
    steps = 0
    while not maker.made:
        steps += maker.step()
        wait_for_thread(maker)
    assert steps > 50
    assert not maker.step()
    (path,) = textures_in([folder])
    recipe = read_recipe(path)
    assert recipe
    assert (recipe.style, recipe.scale, recipe.seed, recipe.steps) == ("pads", "D major", 5, ())
    clock.now_s += PAUSE_S
    assert maker.step()


def test_without_a_network_it_waits(tmp_path: Path) -> None:
    clock = Clock()
    maker = TextureGenerator([TextureRequest("polka", "D major")], 5, tmp_path, clock=clock)
    clock.now_s = FIRST_AFTER_S
    for _ in range(2):
        assert maker.step()
        wait_for_thread(maker)
        assert maker.step()
        assert not maker.step()
        clock.now_s += PAUSE_S
    assert list(tmp_path.iterdir()) == []


def test_what_plays_is_not_removed_for_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texture_maker, "LENGTH_S", 1.0)
    net, _ = write_small_networks(tmp_path / "net")
    folder, clock = tmp_path / "textures", Clock()
    for number in range(3):
        old = folder / f"pads-{number}.flac"
        write_texture(old, 0.1 * np.random.default_rng(number).standard_normal(16_000), 16_000, Recipe("pads", "net"))
        os.utime(old, (number, number))
    maker = TextureGenerator(
        [TextureRequest("pads", "D major")],
        5,
        folder,
        str(net),
        0.0,
        clock,
        lambda: [folder / "pads-0.flac"],
    )
    clock.now_s = FIRST_AFTER_S
    while not maker.made:
        maker.step()
        wait_for_thread(maker)
    assert [path.name for path in textures_in([folder])] == ["pads-0.flac", "pads-D_major-late-5-0.flac"]
