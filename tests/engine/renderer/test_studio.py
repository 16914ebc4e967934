"""The studio as a whole: sound from a real conductor, the same every time, and settings that are heard."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.files.paths import ROOT
from engine.music.conductor.conductor import Conductor
from engine.parameters.moods import load_mood
from engine.parameters.sound import Mood
from engine.parameters.stems import CHANNELS, SAMPLE_RATE_HZ, STEMS, VOICES
from engine.reels.cutter import ReelCutter
from engine.reels.format import REEL_FRAMES, TAIL_FRAMES
from engine.renderer.studio import Studio
from engine.sound.layers.manual_server import STEP_FRAMES
from engine.sound.voices.soundfonts import find_soundfont
from tests.engine.sounds import NoPhrases, rms, small_mood, write_tone

PIANO = 2 * STEMS.index("piano")


def open_studio(mood: Mood, seed: int = 1, **options: object) -> Studio:
    options.setdefault("soundfont", find_soundfont())
    return Studio(Conductor(seed, mood, NoPhrases()), mood, seed=seed, **options)  # type: ignore[arg-type]


@pytest.fixture
def studio() -> Iterator[Studio]:
    made = open_studio(load_mood("gymnopedie"))
    yield made
    made.close()


def steps(studio: Studio, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    made = [studio.render_step() for _ in range(round(seconds * SAMPLE_RATE_HZ / STEP_FRAMES))]
    return np.concatenate([stems for stems, _ in made]), np.concatenate([mix for _, mix in made])


def render_reels(studio: Studio, count: int) -> np.ndarray:
    """The next `count` reels, float32[count, REEL_FRAMES + TAIL_FRAMES, CHANNELS]."""
    cutter, reels = ReelCutter(), []
    while len(reels) < count:
        reel = cutter.add(studio.render_step()[0])
        if reel is not None:
            reels.append(reel.copy())
    return np.stack(reels)


def test_a_mood_sounds_within_a_second_and_is_the_sum_of_its_stems(studio: Studio) -> None:
    stems, mix = steps(studio, 6)
    assert stems.shape[1] == CHANNELS
    assert rms(mix[:SAMPLE_RATE_HZ]) > 1e-3
    assert np.allclose(stems[:, 0::2].sum(axis=1), mix[:, 0], atol=1e-5)
    assert np.abs(mix).max() < 0.7
    assert studio.nonfinite == 0


def test_reels_overlap_by_their_tails(studio: Studio) -> None:
    reels = render_reels(studio, 3)
    assert reels.shape == (3, REEL_FRAMES + TAIL_FRAMES, CHANNELS)
    assert np.array_equal(reels[0, REEL_FRAMES:], reels[1, :TAIL_FRAMES])


DIGEST = """
import hashlib, sys
from tests.engine.renderer.test_studio import load_mood, open_studio, render_reels
for seed in sys.argv[1:]:
    studio = open_studio(load_mood("night"), seed=int(seed))
    print(hashlib.sha256(render_reels(studio, 8).tobytes()).hexdigest())
    studio.close()
"""


def test_two_processes_with_the_same_seed_render_the_same_bits_and_another_seed_others() -> None:
    def digests(*seeds: int) -> list[str]:
        command = [sys.executable, "-c", DIGEST, *map(str, seeds)]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
        return result.stdout.split()[-len(seeds) :]  # libraries may have said something before

    [first] = digests(1)
    assert len(first) == hashlib.sha256().digest_size * 2
    again, other = digests(1, 2)
    assert again == first
    assert other != first


def test_a_second_studio_in_one_process_renders_the_same_bits() -> None:
    heard = []
    for _ in range(2):
        studio = open_studio(load_mood("gnossienne"), soundfont=None)
        heard.append(render_reels(studio, 4))
        studio.close()
    assert np.array_equal(*heard)


@pytest.mark.parametrize("morph_s", [0.0, 6.0])
def test_another_mood_begins_with_a_phrase_of_its_own_within_the_glide(studio: Studio, morph_s: float) -> None:
    steps(studio, 5)
    before = studio.frame
    studio.change_mood(load_mood("airport"), morph_s)
    later = [start for start, _ in studio.started if start >= before]
    assert before <= later[0] <= before + morph_s * SAMPLE_RATE_HZ
    _stems, mix = steps(studio, 8)
    assert np.abs(np.diff(mix, 2, axis=0)).max() < 0.2
    assert rms(mix) > 1e-3
    assert studio.settings.layer.piano.level_db == load_mood("airport").layer.piano.level_db


def test_a_mood_change_under_way_is_redirected_without_a_step(studio: Studio) -> None:
    steps(studio, 5)
    pieces = []
    for name in ("airport", "night", "rhodes", "airport"):
        studio.change_mood(load_mood(name), 5.0)
        pieces.append(steps(studio, 1.2)[1])
    pieces.append(steps(studio, 8)[1])
    mix = np.concatenate(pieces)
    assert np.abs(np.diff(mix, 2, axis=0)).max() < 0.2
    frames = len(mix) // 19_200 * 19_200
    levels = 20 * np.log10(np.sqrt((mix[:frames].reshape(-1, 19_200 * 2) ** 2).mean(axis=1)) + 1e-9)
    assert levels.min() > -50, "no hole while minds change"
    assert studio.settings == load_mood("airport").sound()


def test_a_level_changed_by_hand_is_heard_in_the_next_step() -> None:
    studio = open_studio(small_mood(piano={"reverb": 0.0, "level_db": 0.0}), soundfont=None)
    steps(studio, 3)
    settings = studio.settings.model_copy(deep=True)
    settings.layer.piano.level_db = -60.0
    studio.change_settings(settings)
    steps(studio, 0.18)
    stems, _ = steps(studio, 1)
    assert np.abs(stems[:, PIANO : PIANO + 2]).max() < 1e-5
    studio.close()


def test_notes_count_as_begun_on_open_layers_only() -> None:
    mood = load_mood("gymnopedie")
    for name in VOICES:
        getattr(mood.layer, name).level_db = -60.0
    studio = open_studio(mood)
    try:
        steps(studio, 8.0)
        assert studio.notes_begun == 0
        mood.layer.piano.level_db = -12.0
        studio.change_settings(mood)
        steps(studio, 8.0)
        assert studio.notes_begun > 3
    finally:
        studio.close()


def test_next_phrase_drops_what_was_to_come(studio: Studio) -> None:
    steps(studio, 2)
    planned = studio.upcoming
    studio.next_phrase()
    assert studio.started[-1][0] >= studio.frame
    assert planned
    assert len([start for start, _ in studio.started if start > studio.frame]) <= 1
    steps(studio, 1)


def test_textures_are_heard_in_their_stems_and_an_empty_folder_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, str, str]] = []
    mood = small_mood()
    mood.layer.texture_2.file = "tone*"
    mood.layer.texture_2.level_db = -12.0
    mood.layer.texture_3.file = "nothing*"
    write_tone(tmp_path / "tone.wav")
    studio = open_studio(mood, textures=[tmp_path], report=lambda *what: told.append(what), soundfont=None)
    stems, _ = steps(studio, 6)
    row = 2 * STEMS.index("texture_2")
    assert rms(stems[-SAMPLE_RATE_HZ:, row : row + 2]) > 0.01
    studio.close()
    assert ("texture", "texture_2", "tone.wav") in told
    assert ("texture", "texture_3", "") in told
    assert any(kind == "error" and "SoundFont" in what for kind, _, what in told)


def test_the_reversed_piano_follows_its_level() -> None:
    row = 2 * STEMS.index("reverse")
    for level_db, heard in ((-60.0, False), (-6.0, True)):
        studio = open_studio(small_mood(reverse={"level_db": level_db}), soundfont=None)
        stems, _ = steps(studio, 4)
        assert (rms(stems[:, row : row + 2]) > 1e-4) == heard
        studio.close()
