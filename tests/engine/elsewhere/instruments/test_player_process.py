"""The real player, the real Pure Data and a real MIDI port: keys are struck in time, and none is left hanging."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pytest

from engine.elsewhere.instruments.guard_link import MODULE
from engine.music.key_events import Action, KeyEvent
from engine.osc.messages import Order, Report
from engine.osc.port import LOOPBACK, OscPort
from engine.parameters.stems import CHANNELS
from engine.reels.format import REEL_FRAMES, TAIL_FRAMES
from engine.reels.reel_keys import ReelKeys
from tests.engine.elsewhere.instruments.click_track import Stage, Track, differences, play, player, warm_up
from tests.jack import Keys, instrument, jack, needs_jack

pytestmark = [pytest.mark.realtime, needs_jack]


class Held(Track):
    """A chord and the pedal go down in the first reel, and the score lets nothing go."""

    def reel(self, number: int) -> tuple[np.ndarray, ReelKeys]:
        stems = np.zeros((REEL_FRAMES + TAIL_FRAMES, CHANNELS), np.float32)
        stems[:, :2] = 0.1 * np.sin(np.arange(len(stems)) / 20 + number)[:, None]
        events = [KeyEvent(2_400, "piano", Action.PEDAL, value=1)]
        events += [KeyEvent(4_800, "piano", Action.ON, pitch, 80) for pitch in (36, 48, 60, 64, 67)]
        return stems, ReelKeys(events if number == 0 else [], {"piano": "Disklavier"})


@dataclass
class Chord:
    """Five keys and the pedal are down on the instrument."""

    stage: Stage
    keys: Keys
    player_pid: int
    room_pid: int

    def guard(self) -> psutil.Process:
        return next(p for p in psutil.process_iter(["cmdline"]) if MODULE in (p.info["cmdline"] or ()))

    def until_at_rest(self, limit_s: float, feeds: bool = True) -> float:
        """Seconds until nothing is down any more."""
        begins_s = time.monotonic()
        while not self.keys.is_at_rest:
            if feeds:
                self.stage.feed()
            time.sleep(0.01)
            assert time.monotonic() - begins_s < limit_s, f"after {limit_s} s: {self.keys.down}"
        return time.monotonic() - begins_s


@pytest.fixture
def chord(tmp_path: Path) -> Iterator[Chord]:
    stage = Stage(tmp_path, Held(np.zeros(0, np.int64), np.zeros(200 * REEL_FRAMES, np.float32)))
    with ExitStack() as stack:
        stack.enter_context(jack())
        keys = stack.enter_context(instrument())
        process = stack.enter_context(player(tmp_path, stage.port))
        room = stack.enter_context(stage.room())
        stage.until("/room/hello")
        warm_up(stage, keys)
        end_s = time.monotonic() + 10.0
        while not (len(keys.down) == 5 and keys.pedals):
            stage.feed()
            time.sleep(0.02)
            assert time.monotonic() < end_s, (tmp_path / "instruments.log").read_text("utf-8")
        time.sleep(0.2)
        yield Chord(stage, keys, process.pid, room.pid)


def test_keys_are_struck_when_their_sound_is_recorded(tmp_path: Path) -> None:
    """400 here; by hand 10,000 (see `click_track`)."""
    apart, keys = play(tmp_path, 400)
    # JACK's dummy driver loses a stroke in a thousand between two programs, here or in the receiver.
    assert len(keys.struck_s()) >= 398
    assert np.isfinite(apart).sum() > 380, "all but what the room's fade-in hides"
    assert np.nanpercentile(np.abs(apart), 95) < 0.003
    assert keys.is_at_rest


def test_the_measure_sees_keys_that_come_late() -> None:
    """Control: of four hundred strokes, forty come 8 ms late, and one never."""
    recorded_s = np.cumsum(np.random.default_rng(1).uniform(0.024, 0.040, 400))
    struck_s = np.delete(recorded_s + 7.0 + 0.008 * (np.arange(400) % 10 == 0), 50)
    apart = np.abs(differences(recorded_s, list(struck_s)))
    assert np.nanpercentile(apart, 95) == pytest.approx(0.008, abs=1e-6)
    assert np.nanpercentile(apart, 85) < 1e-6


ACTS: dict[str, Callable[[Chord], None]] = {
    "the player is killed": lambda chord: os.kill(chord.player_pid, signal.SIGKILL),
    "the player and all it started in its group are killed": lambda chord: os.killpg(chord.player_pid, signal.SIGKILL),
    "the player is asked to stop": lambda chord: os.kill(chord.player_pid, signal.SIGTERM),
    "the player stands still": lambda chord: os.kill(chord.player_pid, signal.SIGSTOP),
    "the room is killed": lambda chord: os.kill(chord.room_pid, signal.SIGKILL),
    "the room stands still": lambda chord: os.kill(chord.room_pid, signal.SIGSTOP),
}


@pytest.mark.parametrize("act", ACTS)
def test_no_key_is_left_hanging_when(act: str, chord: Chord) -> None:
    ACTS[act](chord)
    assert chord.until_at_rest(2.5) < 2.0


def test_no_key_is_left_hanging_when_no_reels_come_any_more(chord: Chord) -> None:
    """The renderer is gone: its last reels are played, then the room holds."""
    assert chord.until_at_rest(8.0, feeds=False) < 5.0


def test_a_guard_that_is_killed_is_replaced_while_the_keys_stay_down(chord: Chord) -> None:
    before = chord.guard()
    before.kill()
    end_s = time.monotonic() + 5.0
    while True:
        chord.stage.feed()
        time.sleep(0.05)
        others = [p for p in psutil.process_iter(["cmdline"]) if MODULE in (p.info["cmdline"] or ())]
        if any(one.pid != before.pid for one in others):
            break
        assert time.monotonic() < end_s
    time.sleep(1.5)  # until it holds the port
    os.kill(chord.player_pid, signal.SIGKILL)
    assert chord.until_at_rest(3.0) < 2.0


def test_the_room_hears_the_same_notes_as_messages(tmp_path: Path) -> None:
    """Without any MIDI: the player speaks to whoever is on the room's port."""
    stage = Stage(tmp_path, Held(np.zeros(0, np.int64), np.zeros(10 * REEL_FRAMES, np.float32)))
    room, hears = OscPort(LOOPBACK, stage.port + 1), []
    with player(tmp_path, stage.port):
        _, keys = stage._track.reel(0)
        path = tmp_path / "a-000.wav"
        keys.write(path, "a", 0)
        end_s = time.monotonic() + 10.0
        while not hears and time.monotonic() < end_s:
            room.send((LOOPBACK, stage.port + 4), Report.REEL_PLAYING, str(path))
            time.sleep(0.4)
            hears += list(room.received())
        room.send((LOOPBACK, stage.port + 4), Report.ROOM_HOLD, 1.0)
        time.sleep(0.3)
        hears += list(room.received())
    said = [(message.path, message.arguments) for message in hears]
    assert said[:2] == [("/note/piano/pedal", (1.0,)), ("/note/piano", (36.0, 80.0))]
    assert ("/note/piano", (36.0, 0.0)) in said
    assert ("/note/piano/pedal", (0.0,)) in said


def test_the_renderer_is_told_what_is_there(tmp_path: Path) -> None:
    stage = Stage(tmp_path, Held(np.zeros(0, np.int64), np.zeros(10 * REEL_FRAMES, np.float32)))
    with jack(), instrument() as keys, player(tmp_path, stage.port):
        warm_up(stage, keys)
        end_s = time.monotonic() + 5.0
        while not any(one.path == Order.INSTRUMENTS and one.arguments == ('["Disklavier"]',) for one in stage.heard):
            stage.feed_nothing()
            assert time.monotonic() < end_s, stage.heard
        assert any(one.path == Report.INSTRUMENTS_PORTS and one.arguments == ("Disklavier",) for one in stage.heard)
