"""What a studio once made is made again from its journal: the same from its beginning, as good as that from later."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from engine.errors import JournalError
from engine.history.replay import replay
from engine.history.replay.replay import Complaints, RunReplay
from engine.journal.place import JournalPlace
from engine.journal.reader import Losses, Record, read_stream
from engine.music.conductor.conductor import Conductor
from engine.parameters.addresses import set_value
from engine.parameters.moods import load_mood
from engine.parameters.sound import Mood
from engine.parameters.stems import SAMPLE_RATE_HZ, STEMS
from engine.renderer import engine_journal
from engine.renderer.engine_journal import EngineJournal, Run
from engine.renderer.studio import HAND_GLIDE_S, Studio
from engine.sound.layers.manual_server import STEP_FRAMES
from engine.sound.voices.soundfonts import find_soundfont
from tests.engine.phrases import Wanderer
from tests.engine.sounds import write_tone

LENGTH_S = 26.0
STATE_S = 4.0


@dataclass
class Played:
    """Half a minute of a studio with its journal; textures, a mood change, a fader and a next phrase on the way."""

    sound: np.ndarray
    records: list[Record]
    textures: Path

    def again(self, first_frame: int, textures: Path | None = None, **options: bool) -> tuple[np.ndarray, Complaints]:
        complaints = Complaints()
        again = RunReplay(
            self.records,
            first_frame,
            seed=5,
            soundfont=find_soundfont(),
            textures=[textures or self.textures],
            complaints=complaints,
            **options,
        )
        steps = [again.step() for _ in range((len(self.sound) - again.first_frame) // STEP_FRAMES)]
        assert again.in_step
        again.close()
        return np.concatenate(steps)[first_frame - again.first_frame :], complaints


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("played")
    textures = folder / "textures"
    textures.mkdir()
    write_tone(textures / "pads-a.wav", 220.0, 5.0)
    write_tone(textures / "pads-b.wav", 331.0, 7.0, 44_100)
    patch = pytest.MonkeyPatch()
    patch.setattr(engine_journal, "STATE_EVERY_S", STATE_S)
    mood, other = _short_tails("gymnopedie"), _short_tails("vexations")
    mood.layer.texture_1.file, mood.layer.texture_2.file = "pads*", "pads*"
    mood.layer.texture_2.pair = True  # fitted, not streamed
    journal = EngineJournal(JournalPlace(folder / "journal", 10**7), _run())
    conductor = Conductor(5, mood, Wanderer(), journal.phrase)
    studio = Studio(
        conductor,
        mood,
        seed=5,
        soundfont=find_soundfont(),
        textures=[textures],
        on_score=journal.score,
        on_texture=journal.texture,
    )
    sound = []
    for step in range(round(LENGTH_S * SAMPLE_RATE_HZ / STEP_FRAMES)):
        journal.before_step(studio)
        if step == 90:
            changed = studio.settings.model_copy(deep=True)
            values = {"/layer/cello/level_db": -12.0, "/layer/texture_1/file": "pads-b*"}
            for path, value in values.items():
                set_value(changed, path, value)
            studio.change_settings(changed)
            journal.set(studio.frame, values, HAND_GLIDE_S)
        elif step == 120:
            studio.change_mood(other, 3.0)
            journal.mood(studio.frame, other, 3.0)
        elif step == 150:
            studio.next_phrase()
            journal.next_phrase(studio.frame)
        sound.append(studio.render_step()[0])
    studio.close()
    journal.close()
    patch.undo()
    return Played(np.concatenate(sound), list(read_stream(folder / "journal", "engine", Losses())), textures)


def _short_tails(name: str) -> Mood:
    """No bells either: a low one rings for half a minute, longer than the run-up of a test (but not of a replay)."""
    mood = load_mood(name).model_copy(deep=True)
    mood.effects.reverb_s = 0.6
    for _, layer in mood.layer:
        layer.delay = 0.0
    mood.voice.bells.density = 0.0
    return mood


def _run() -> Run:
    return Run("a", 5, "gymnopedie", find_soundfont())


def peak_db(sound: np.ndarray) -> float:
    return float(20 * np.log10(np.abs(sound).max() + 1e-30))


def test_from_the_beginning_it_is_the_same_bit_for_bit(played: Played) -> None:
    first = 30 * STEP_FRAMES
    again, complaints = played.again(first, from_beginning=True)
    assert np.array_equal(again, played.sound[first:])
    assert peak_db(again) > -20
    assert complaints.lines == []
    texture = 2 * STEMS.index("texture_1")
    assert np.abs(again[:, texture]).max() > 0.001


def test_from_a_later_state_the_difference_cannot_be_heard(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "SHORTEST_RUN_UP_S", 15.0)
    first = round(24 * SAMPLE_RATE_HZ / STEP_FRAMES) * STEP_FRAMES  # a piano note of the first seconds rings until 22 s
    again, complaints = played.again(first)
    assert complaints.lines == []
    expected = played.sound[first:]
    assert not np.array_equal(again, expected)
    assert peak_db(again - expected) < -110
    rms = 10 * np.log10(np.mean((again - expected) ** 2) / np.mean(expected**2))
    assert rms < -110


def test_textures_that_changed_or_are_gone_are_named(played: Played, tmp_path: Path) -> None:
    shutil.move(played.textures, tmp_path / "moved")
    shutil.copy(tmp_path / "moved" / "pads-a.wav", tmp_path / "pads-b.wav")
    first = 30 * STEP_FRAMES
    again, complaints = played.again(first, textures=tmp_path, from_beginning=True)
    shutil.move(tmp_path / "moved", played.textures)
    said = " ".join(complaints.lines)
    assert "pads-b.wav is not what it was" in said
    assert "pads-a.wav is gone" in said
    piano = slice(2 * STEMS.index("piano"), 2 * STEMS.index("piano") + 2)
    assert peak_db(again[:, piano]) > -30


def test_a_journal_that_begins_too_late_says_so(played: Played) -> None:
    with pytest.raises(JournalError, match="no state from before"):
        RunReplay(
            [record for record in played.records if record.kind != "state"],
            0,
            seed=5,
            soundfont=None,
            textures=[],
            complaints=Complaints(),
        )
