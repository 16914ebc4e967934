"""The renderer process, with real sockets and files and a room that takes a reel whenever it likes."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.files.paths import ROOT
from engine.osc.port import LOOPBACK, Message, OscPort
from engine.parameters.addresses import values_of
from engine.parameters.moods import load_mood
from engine.parameters.stems import STEMS
from engine.reels.format import LEAD_REELS, REEL_FRAMES, TAIL_FRAMES
from engine.renderer.start import read_start


class Installation:
    """Hub and room as plain sockets around a real renderer."""

    def __init__(self, runtime: Path) -> None:
        self.runtime = runtime
        self.hub, self.room = self._ports()
        self.reports: list[Message] = []
        self.queue: list[str] = []
        self.seams: dict[str, object] = {}
        self.process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def _ports() -> tuple[OscPort, OscPort]:
        for base in range(19_200, 19_900, 10):
            try:
                hub = OscPort(LOOPBACK, base)
            except Exception:  # noqa: S112  (taken by someone else)
                continue
            return hub, OscPort(LOOPBACK, base + 1)
        raise RuntimeError("no free ports")

    def start(self, mood: str = "gymnopedie", *options: str) -> None:
        command = [sys.executable, "-m", "engine.renderer", "--runtime", str(self.runtime)]
        command += ["--port", str(self.hub.port), "--seed", "1", "--mood", mood, *options]
        self.process = subprocess.Popen(command, cwd=ROOT)

    def end(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Seconds the renderer took to be gone."""
        assert self.process is not None
        start = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(30)
        return time.monotonic() - start

    def tell(self, path: str, *arguments: object) -> None:
        self.hub.send((LOOPBACK, self.hub.port + 2), path, *arguments)

    def listen(self) -> None:
        self.reports += [message for message in self.hub.received() if isinstance(message, Message)]
        for message in self.room.received():
            if isinstance(message, Message) and message.path == "/reel/ready":
                name = str(message.arguments[0])
                self.seams.setdefault(name, message.arguments[1])
                if name not in self.queue:
                    self.queue.append(name)

    def until(self, condition: Callable[[], bool], patience_s: float = 60.0) -> None:
        end = time.monotonic() + patience_s
        while not condition():
            assert time.monotonic() < end, [(message.path, message.arguments) for message in self.reports][-20:]
            self.listen()
            time.sleep(0.005)

    def play(self, reels: int) -> list[np.ndarray]:
        """Take reels as fast as they come; what each held."""
        played = []
        for _ in range(reels):
            self.until(lambda: bool(self.queue))
            path = self.queue.pop(0)
            played.append(soundfile.read(path, dtype="float32")[0])
            self.tell("/reel/playing", path)
        return played

    def reported(self, path: str) -> list[tuple[object, ...]]:
        return [message.arguments for message in self.reports if message.path == path]

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(30)
        self.hub.close()
        self.room.close()


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    yield made
    made.close()


def test_reels_come_in_order_join_exactly_and_stay_a_few_ahead(installation: Installation) -> None:
    installation.start()
    played = installation.play(12)
    for one, other in itertools.pairwise(played):
        assert one.shape == (REEL_FRAMES + TAIL_FRAMES, 2 * len(STEMS))
        assert np.array_equal(one[REEL_FRAMES:], other[:TAIL_FRAMES])
    assert max(np.abs(reel).max() for reel in played) > 0.01
    assert sorted(installation.seams.values(), key=str) == [0.0] * (len(installation.seams) - 1) + [1.0]
    installation.until(lambda: len(installation.queue) == LEAD_REELS)
    time.sleep(0.3)
    installation.listen()
    assert len(installation.queue) == LEAD_REELS  # and no more, however long the room waits
    for kind in ("*.wav", "*.json"):
        assert len(list((installation.runtime / "reels").glob(kind))) <= LEAD_REELS + 4
    installation.until(lambda: (float(LEAD_REELS),) in installation.reported("/renderer/lead"))
    assert installation.reported("/renderer/hello") == [()]
    assert installation.reported("/phrase/now")
    assert (installation.runtime / "phrases" / "wants.json").exists()
    assert installation.end() < 2.0
    assert installation.process is not None
    assert installation.process.returncode == 0


def test_nothing_that_arrives_can_stop_it_and_what_is_wrong_is_said(installation: Installation) -> None:
    installation.start()
    installation.until(lambda: bool(installation.reported("/renderer/hello")))
    installation.hub.socket.sendto(b"\xff\x00rubbish", (LOOPBACK, installation.hub.port + 2))
    for path, *arguments in (
        ("/layer/cello/level_db", -500.0),
        ("/layer/cello/lewel_db", -5.0),
        ("/layer/cello/pan", "left"),
        ("/scale/mode", "quite unknown"),
        ("/renderer/glide_s", "x"),
        ("/seed", "x"),
        ("/reel/playing",),
        ("/reel/playing", "../../elsewhere.wav"),
        ("/voice/bells/instrument", "kazoo"),
        ("/mood/morph_s", 5.0),
        ("/room/hold", 1.0),
    ):
        installation.tell(path, *arguments)
    installation.tell("/layer/texture_1/file", "nothing like it*")
    installation.until(lambda: len(installation.reported("/error")) >= 7)
    wrong = [str(arguments[0]) for arguments in installation.reported("/error")]
    assert "/layer/cello/lewel_db" in wrong
    assert "/scale/mode" in wrong
    assert "/mood/morph_s" not in wrong
    assert "/room/hold" not in wrong
    installation.play(8)


def test_a_mood_change_and_transport_are_heard_soon(installation: Installation) -> None:
    installation.start("vexations")
    installation.play(6)
    chosen = {**values_of(load_mood("airport")), "/voice/chords/density": 1.0, "/layer/chords/level_db": -12.0}
    values = [(path, (value,)) for path, value in chosen.items()]
    messages = [("/renderer/glide_s", (0.0,)), *values, ("/mood", ("airport",))]
    installation.hub.send_bundle((LOOPBACK, installation.hub.port + 2), messages)
    piano, chords = 2 * STEMS.index("piano"), 2 * STEMS.index("chords")
    installation.play(LEAD_REELS + 1)
    after = np.concatenate([reel[:REEL_FRAMES] for reel in installation.play(14)])
    assert np.abs(after[:, chords]).max() > 0.01
    installation.tell("/layer/chords/level_db", -60.0)
    installation.tell("/effects/reverb_s", 0.5)  # or its seconds would still ring
    installation.tell("/phrase/next")
    installation.tell("/seed", 7)
    installation.play(LEAD_REELS + 2)
    last = installation.play(1)[0]
    assert np.abs(last[:, chords]).max() < 0.1 * np.abs(after[:, chords]).max()
    assert np.isfinite(last[:, piano]).all()


def test_a_room_that_starts_again_is_told_of_every_unplayed_reel(installation: Installation) -> None:
    installation.start()
    installation.play(3)
    installation.until(lambda: len(installation.queue) == LEAD_REELS)
    expected, installation.queue = list(installation.queue), []
    installation.seams.clear()
    installation.tell("/room/hello", 48000.0)
    installation.until(lambda: installation.queue == expected)
    assert installation.seams[expected[0]] == 1.0
    installation.play(6)


def test_after_a_kill_another_goes_on_in_the_mood_and_settings_left_behind(installation: Installation) -> None:
    mood = load_mood("airport")
    mood.layer.chords.level_db = -60.0
    mood.layer.chords.reverb = 0.0
    state = {"mood": "airport", "seed": 3, "values": values_of(mood)}
    (installation.runtime / "state.json").write_text(json.dumps(state))
    installation.start("gymnopedie")
    installation.play(3)
    installation.until(lambda: len(installation.queue) == LEAD_REELS)
    assert installation.end(signal.SIGKILL) < 1.0
    left = list(installation.queue)
    installation.start("gymnopedie")
    installation.until(lambda: len(installation.queue) > len(left))
    assert all(Path(name).exists() for name in left)
    assert {Path(name).name[0] for name in left} == {"a"}
    new = installation.queue[len(left)]
    assert (Path(new).name, installation.seams[new]) == ("b-000.wav", 1.0)
    chords = 2 * STEMS.index("chords")
    played = installation.play(len(left) + 5)
    assert np.abs(played[-1][:, chords]).max() < 1e-4
    assert np.abs(played[-1]).max() > 1e-3
    assert not any(Path(name).exists() for name in left)


def test_a_bad_state_or_mood_is_complained_about_and_something_plays(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    for content in ("", "{", "[]", '{"mood": 3, "seed": "x", "values": 5}', '{"values": {"/layer/cello/pan": 99}}'):
        path.write_text(content)
        start = read_start(path, "night", 5)
        assert start.seed == 5
        assert start.settings.layer.piano.level_db <= 6
    path.unlink()
    assert read_start(path, "night", 5).complaint == ""
    assert "no mood is called" in read_start(path, "nigth", 5).complaint
