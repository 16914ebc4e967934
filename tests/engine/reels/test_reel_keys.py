"""What the voices play lies beside each reel, and goes with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import ReelError
from engine.music.key_events import Action, KeyEvent
from engine.parameters.stems import CHANNELS
from engine.reels.cutter import KEPT_AFTER_PLAYING, ReelFolder
from engine.reels.format import REEL_FRAMES, TAIL_FRAMES
from engine.reels.reel_keys import KeyCollector, ReelKeys, keys_path

EVENTS = [KeyEvent(64, "piano", Action.ON, 60, 80), KeyEvent(128, "piano", Action.PEDAL, 0, 1)]


def test_what_is_written_beside_a_reel_is_read_again(tmp_path: Path) -> None:
    ReelKeys(EVENTS, {"piano": "Disklavier, 1"}).write(tmp_path / "c-017.wav", "c", 273)
    assert ReelKeys.read(tmp_path / "c-017.wav") == ReelKeys(EVENTS, {"piano": "Disklavier, 1"}, "c", 273)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"keys": [[0, "piano", "bang", 1, 1]]}', '{"keys": 3}'])
def test_what_is_no_such_thing_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a-000.json").write_text(text, "utf-8")
    with pytest.raises(ReelError, match=r"a-000\.json"):
        ReelKeys.read(tmp_path / "a-000.wav")


def test_events_are_handed_out_reel_by_reel() -> None:
    collector = KeyCollector(REEL_FRAMES)
    for frame in (0, REEL_FRAMES - 1, REEL_FRAMES, 3 * REEL_FRAMES):
        collector.add(KeyEvent(frame, "piano", Action.ON, 60, 80))
    assert [event.frame for event in collector.take(0)] == [0, REEL_FRAMES - 1]
    assert [event.frame for event in collector.take(1)] == [0]
    assert collector.take(2) == []
    assert [event.frame for event in collector.take(3)] == [0]
    assert collector.take(3) == []


def test_keys_are_removed_with_their_reel(tmp_path: Path) -> None:
    folder = ReelFolder(tmp_path)
    silence = np.zeros((REEL_FRAMES + TAIL_FRAMES, CHANNELS), np.float32)
    reels = [folder.write(silence, ReelKeys([], {})) for _ in range(KEPT_AFTER_PLAYING + 2)]
    assert all(keys_path(reel.path).exists() for reel in reels)
    folder.played(reels[-1].path)
    assert not keys_path(reels[0].path).exists()
    assert keys_path(reels[-1].path).exists()
