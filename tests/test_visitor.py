"""A visitor plays on a MIDI keyboard, and the room goes on from that: the real installation from key to loudspeaker."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from engine.music.conductor.visitor_reply import ORIGIN
from tests.installation import installation

pytestmark = pytest.mark.realtime

TUNE = ((62, 70), (66, 50), (69, 80), (74, 60))


def test_what_a_visitor_plays_is_continued_within_seconds(tmp_path: Path) -> None:
    with installation(tmp_path, "--no-midi") as running:
        running.until(running.sounds, 40.0)
        for pitch, velocity in TUNE * 3:
            running.say("/midi/note", 1, pitch, velocity)
            time.sleep(0.1)
            running.say("/midi/note", 1, pitch, 0)
            time.sleep(0.05)
        running.until(lambda: running.heard.get("/visitor/now") == ("thinking of an answer",), 5.0)
        running.until(lambda: ORIGIN in str(running.heard.get("/phrase/now")), 25.0)
        running.until(lambda: running.heard.get("/visitor/now") == (ORIGIN,), 2.0)
        assert "/error" not in running.heard
        running.interrupt()
        assert running.summary()["late_reels"] == 0
