"""The hub as a real process: killed, another one goes on with its socket, its values and its listeners."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from engine.files.paths import ROOT
from engine.files.runtime_folder import RuntimeFolder
from engine.hub.state import ControlState
from engine.journal.reader import Losses, Record, read_stream
from engine.osc.messages import Report
from engine.osc.port import LOOPBACK, Message, OscPort, open_socket
from engine.parameters.moods import load_mood
from engine.parameters.stems import LAYERS
from tests.waiting import PATIENCE_S, until

PAN = "/layer/cello/pan"
START_S = 30.0
"""At the longest, on a machine that does much else."""


class Stage:
    """What the supervisor holds: the hub's socket, its own, and the runtime folder; and somebody who listens."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = open_socket(LOOPBACK, 0)
        self.port = int(self.socket.getsockname()[1])
        self.supervisor, self.controller = OscPort(LOOPBACK, 0), OscPort(LOOPBACK, 0)
        ControlState.of_mood("night", load_mood("night"), seed=3).write(folder / "state.json")
        self.hub = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "engine.hub", "--runtime", str(self.folder), "--port", str(self.port)]
        command += ["--socket", str(self.socket.fileno()), "--supervisor-port", str(self.supervisor.port)]
        command += ["--mood", "airport", "--state", str(self.folder / "state")]
        command += ["--journal", str(self.folder / "journal")]
        with (self.folder / "hub.log").open("ab") as log:
            return subprocess.Popen(command, cwd=ROOT, pass_fds=(self.socket.fileno(),), stdout=log, stderr=log)

    def say(self, path: str, *arguments: object) -> None:
        self.controller.send((LOOPBACK, self.port), path, *arguments)

    def heard(self, port: OscPort, path: str, wanted: Callable[[tuple[object, ...]], bool]) -> tuple[object, ...]:
        """The arguments of the first message that is what is wanted."""
        end_s = time.monotonic() + START_S
        while time.monotonic() < end_s:
            for item in port.received():
                if isinstance(item, Message) and item.path == path and wanted(item.arguments):
                    return item.arguments
            assert self.hub.poll() is None, (self.folder / "hub.log").read_text()
            time.sleep(0.01)
        raise AssertionError(f"{path} did not come: {(self.folder / 'hub.log').read_text()}")

    def told(self, values: Mapping[str, float]) -> None:
        """Waits until who listens has been told these, in any order."""
        left, end_s = dict(values), time.monotonic() + START_S
        while left and time.monotonic() < end_s:
            for item in self.controller.received():
                if isinstance(item, Message) and item.arguments == (left.get(item.path),):
                    del left[item.path]
            time.sleep(0.01)
        assert left == {}, (self.folder / "hub.log").read_text()

    def close(self) -> None:
        with suppress(ProcessLookupError):
            self.hub.kill()
        self.hub.wait(PATIENCE_S)
        self.socket.close()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    one = Stage(tmp_path)
    yield one
    one.close()


def test_a_hub_that_is_killed_is_followed_by_one_that_knows_all_and_hears_what_was_said_meanwhile(
    stage: Stage, tmp_path: Path
) -> None:
    def records() -> list[Record]:
        return list(read_stream(tmp_path / "journal", "room", Losses()))

    def begins() -> list[object]:
        return [record.fields["resumed"] for record in records() if record.kind == "begin"]

    alive = stage.heard(stage.supervisor, Report.HUB_ALIVE, lambda _: True)
    assert alive == ("night", 3, 1.0, 0.0), "what the folder says goes before the command line"
    stage.say("/state/dump")
    stage.say(PAN, 0.5)
    stage.say("/session/record", "evening")
    stage.heard(stage.controller, "/session/now", lambda words: "recording" in str(words[0]))
    memory = RuntimeFolder(tmp_path).hub_file
    until(lambda: memory.exists() and str(stage.controller.port) in memory.read_text("utf-8"))
    until(lambda: begins() == [False])  # a thread writes the journal, now and then
    stage.hub.kill()
    stage.hub.wait(PATIENCE_S)
    stage.say("/layer/bells/pan", -0.5)  # nobody is there
    list(stage.controller.received())
    stage.hub = stage.start()
    stage.told({PAN: 0.5, "/layer/bells/pan": -0.5})  # though nobody asked for it again
    stage.say("/session/stop")
    stage.heard(stage.controller, "/session/now", lambda words: words == ("none",))
    recorded = (tmp_path / "state" / "sessions" / "evening.jsonl").read_text("utf-8")
    assert '"/layer/bells/pan": -0.5' in recorded
    stage.hub.terminate()
    assert stage.hub.wait(PATIENCE_S) == 0
    assert (begins(), records()[-1].kind) == ([False, True], "end")


def test_what_it_warns_of_goes_to_the_supervisor_and_what_that_says_to_all(stage: Stage) -> None:
    stage.heard(stage.supervisor, Report.HUB_ALIVE, lambda _: True)
    stage.say("/state/dump")
    stage.heard(stage.controller, PAN, lambda _: True)
    (stage.folder / "state").mkdir(exist_ok=True)
    (stage.folder / "state" / "midi.yaml").write_text("bindings: 3\n")
    where, what = stage.heard(stage.supervisor, Report.ERROR, lambda _: True)
    assert where == "/midi"
    stage.supervisor.send((LOOPBACK, stage.port), Report.TROUBLE, str(where), str(what))
    assert stage.heard(stage.controller, "/error", lambda _: True) == (where, what)


def test_silence_is_wanted_while_an_instrument_alone_plays(stage: Stage) -> None:
    for layer in LAYERS:
        if layer != "piano":
            stage.say(f"/layer/{layer}/level_db", -60.0)
    stage.say("/voice/piano/midi_out", "Disklavier")
    stage.say("/voice/piano/midi_only", 1)
    for ports, wanted in (("none", 1.0), ("Disklavier", 0.0), ("none", 1.0)):
        stage.supervisor.send((LOOPBACK, stage.port), Report.INSTRUMENTS_PORTS, ports)
        stage.heard(stage.supervisor, Report.HUB_ALIVE, lambda words, wanted=wanted: words[2] == wanted)
