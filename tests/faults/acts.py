"""What is done to an installation that plays: to its processes, its files, and over its network."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

import numpy as np
import psutil
import soundfile
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from engine.journal.reader import Losses, read_stream
from engine.osc.port import LOOPBACK, encode
from engine.parameters.stems import CHANNELS, SAMPLE_RATE_HZ
from engine.reels.format import REEL_FRAMES, TAIL_FRAMES
from tests.faults.stage import LONGEST_WAIT_S, Stage

WAITING_REELS: Final = 3
"""So many of the newest reels are certainly not open yet."""


def kill(*roles: str) -> Callable[[Stage], None]:
    return lambda stage: [stage.send(role, signal.SIGKILL) for role in roles] and None


def stop(role: str) -> Callable[[Stage], None]:
    return lambda stage: stage.send(role, signal.SIGSTOP)


def all_of(*acts: Callable[[Stage], None]) -> Callable[[Stage], None]:
    return lambda stage: [act(stage) for act in acts] and None


def suspend(length_s: float) -> Callable[[Stage], None]:
    """All of it stands still, as when the machine sleeps."""

    def act(stage: Stage) -> None:
        supervisor = psutil.Process(stage.run.process.pid)
        everybody = [supervisor, *supervisor.children(recursive=True)]
        for number in (signal.SIGSTOP, signal.SIGCONT):
            for one in everybody:
                with suppress(psutil.NoSuchProcess):
                    one.send_signal(number)
            if number == signal.SIGSTOP:
                time.sleep(length_s)

    return act


_HOLD: Final = """
import ctypes, os, sys
pid, PTRACE_ATTACH, WALL = int(sys.argv[1]), 16, 0x40000000
libc = ctypes.CDLL(None, use_errno=True)
if libc.ptrace(PTRACE_ATTACH, pid, None, None):
    sys.exit(os.strerror(ctypes.get_errno()))
os.waitpid(pid, WALL)
print("held", flush=True)
os.waitpid(pid, WALL)
"""


def hold(role: str) -> Callable[[Stage], None]:
    """It stands still as under a debugger (ptrace(2)) until it is ended: not stopped by a signal, as anyone can see,
    but silent. This takes the right to trace it."""

    def act(stage: Stage) -> None:
        command = [sys.executable, "-c", _HOLD, str(stage.pid(role))]
        holder = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        stage.notes["holder"] = holder  # which ends with what it holds
        if not (holder.stdout and holder.stdout.readline()):
            raise RuntimeError(f"cannot hold the {role}: {holder.stderr.read() if holder.stderr else ''}")

    return act


def let_go(stage: Stage) -> None:
    """What was held goes on."""
    holder = stage.notes.pop("holder")
    assert isinstance(holder, subprocess.Popen)
    holder.kill()
    holder.wait()


def mute_room(stage: Stage) -> None:
    """Straight to Pd's port: the hub believes the fader where it was."""
    stage.run.controller.send((LOOPBACK, stage.run.port + 1), "/room/level_db", -60.0)


# ------------------------------------------------------------------- files


def waiting_reels(stage: Stage) -> list[Path]:
    reels = sorted((stage.runtime / "reels").glob("*.wav"), key=lambda path: path.stat().st_mtime)
    return reels[-WAITING_REELS:]


def damage_reels(how: Callable[[Path], None]) -> Callable[[Stage], None]:
    def act(stage: Stage) -> None:
        for path in waiting_reels(stage):
            how(path)

    return act


def cut_in_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def fill_with_garbage(path: Path) -> None:
    size = path.stat().st_size
    path.write_bytes(np.random.default_rng(5).bytes(size))


def garbage_after_header(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:200] + np.random.default_rng(5).bytes(len(whole) - 200))


def fill_with(value: float) -> Callable[[Path], None]:
    reel = np.full((REEL_FRAMES + TAIL_FRAMES, CHANNELS), value, dtype=np.float32)
    return lambda path: soundfile.write(path, reel, SAMPLE_RATE_HZ, format="WAV", subtype="FLOAT")


def noise(path: Path) -> None:
    reel = np.random.default_rng(5).uniform(-1, 1, (REEL_FRAMES + TAIL_FRAMES, CHANNELS)).astype(np.float32)
    soundfile.write(path, reel, SAMPLE_RATE_HZ, format="WAV", subtype="FLOAT")


def every_reel(how: Callable[[Path], None]) -> tuple[Callable[[Stage], None], Callable[[Stage], None]]:
    """Spoils reels while they are written, before the room hears of them: a renderer whose music went wrong. One whose
    writing is over is left as it is, for the room may have looked at it already."""

    def act(stage: Stage) -> None:
        over = stage.notes["over"] = threading.Event()
        reels = stage.runtime / "reels"
        spoilt, another = reels / "spoilt", reels / "another"
        how(spoilt)

        def work() -> None:
            done: dict[str, float] = {}
            while not over.is_set():
                for path in reels.glob("?-???.part"):
                    if time.monotonic() - done.get(path.name, 0.0) > 1.0:
                        done[path.name] = time.monotonic()
                        with suppress(OSError):
                            shutil.copyfile(spoilt, another)
                            os.replace(another, path)
                time.sleep(0.0005)

        threading.Thread(target=work, daemon=True).start()

    def undo(stage: Stage) -> None:
        stage.notes["over"].set()  # type: ignore[attr-defined]

    return act, undo


def wreck_phrases(stage: Stage) -> None:
    for path in (stage.runtime / "phrases").glob("*.json"):
        fill_with_garbage(path)


def wreck_journal(stage: Stage) -> None:
    """The next renderer looks there for phrases to remember."""
    for path in (stage.folder / "state" / "journal").rglob("*"):
        if path.is_file():
            fill_with_garbage(path)
    kill("renderer")(stage)


def kill_while_shaped(role: str, stream: str) -> Callable[[Stage], None]:
    """Moves a control all the while, kills who writes that stream of the journal at a moment drawn by chance, and reads
    what the stream has."""

    def act(stage: Stage) -> None:
        path, told = "/layer/cello/pan", {}
        for count in range(stage.random.randint(10, 20)):
            value = round(-0.4 + 0.01 * count, 2)
            stage.run.say(path, value)
            told[value] = time.monotonic()
            time.sleep(stage.random.uniform(0.1, 0.2))
            stage.run.listen()
        kill(role)(stage)
        killed_s = time.monotonic()
        time.sleep(0.2)
        records = read_stream(stage.folder / "state" / "journal", stream, Losses())
        values = [record.fields["values"].get(path, 9.0) for record in records if record.kind == "set"]
        kept_s = max((told.get(round(value, 2), 0.0) for value in values), default=0.0)
        stage.said += f"\nits journal lacks the last {killed_s - kept_s:.2f} s"

    return act


def kill_hub(stage: Stage) -> None:
    """And time how long nobody answers: the next hub tells who listened to this one all values, unasked."""
    path, value = "/layer/cello/pan", 0.33
    stage.run.say(path, value)
    stage.run.until(lambda: round(float(str(stage.run.heard.get(path, (0.0,))[0])), 2) == value, LONGEST_WAIT_S)
    time.sleep(1.0)
    kill("hub")(stage)
    killed_s = time.monotonic()
    stage.run.until(lambda: stage.run.heard_s[path] > killed_s, LONGEST_WAIT_S)
    found = round(float(str(stage.run.heard[path][0])), 2)
    stage.said += f"\na hub was back after {time.monotonic() - killed_s:.1f} s, the pan of the cello at {found}"


def wreck_hold(stage: Stage) -> None:
    for path in (stage.runtime / "hold").glob("*.wav"):
        fill_with_garbage(path)
    kill("renderer")(stage)


def remove_runtime(stage: Stage) -> None:
    gone = stage.runtime.with_name("gone")
    stage.runtime.rename(gone)  # at once: the renderer would fill it while it is emptied
    shutil.rmtree(gone)


# ----------------------------------------------------------------- network


def flood(stage: Stage) -> None:
    """Ten thousand messages a second for a minute, good and bad, from one sender."""
    packets = [
        *(encode("/layer/cello/pan", [value / 100.0]) for value in range(-40, -20)),
        encode("/no/such/address", [1.0]),
        b"/x",
        np.random.default_rng(1).bytes(60),
    ]
    begin_s, sent = time.monotonic(), 0
    while sent < 600_000:
        for _ in range(100):
            stage.run.controller.socket.sendto(packets[sent % len(packets)], (LOOPBACK, stage.run.port))
            sent += 1
        stage.run.listen()
        time.sleep(max(0.0, begin_s + sent / 10_000 - time.monotonic()))


def flood_web(stage: Stage) -> None:
    """For ten seconds: idle connections, requests as fast as they are answered, frames good and bad."""
    address, end_s = (LOOPBACK, stage.run.port), time.monotonic() + 10.0
    idle = [socket.create_connection(address) for _ in range(50)]
    frames = [encode("/layer/cello/pan", [-0.3]), encode("/no/such/address", [1.0]), b"/x", "[" * 500, "{}"]
    while time.monotonic() < end_s:
        with suppress(OSError, WebSocketException), connect(f"ws://{LOOPBACK}:{stage.run.port}/", proxy=None) as page:
            for number in range(400):
                page.send(frames[number % len(frames)])
        with suppress(OSError, HTTPException):
            asking = HTTPConnection(*address, timeout=2.0)
            for _ in range(20):
                asking.request("GET", "/")
                asking.getresponse().read()
            asking.close()
        stage.run.listen()
    for one in idle:
        one.close()


def second_installation(*options: Callable[[Stage], tuple[str, str]]) -> Callable[[Stage], None]:
    def act(stage: Stage) -> None:
        words = [word for option in options for word in option(stage)]
        command = [sys.executable, str(stage.project / "run_installation.py"), "run", "--no-window", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        stage.said += f"\nstatus {done.returncode}, {done.stderr}"

    return act


def same_port(stage: Stage) -> tuple[str, str]:
    return "--port", str(stage.run.port)


def other_port(_: Stage) -> tuple[str, str]:
    return "--port", "19100"


def same_runtime(stage: Stage) -> tuple[str, str]:
    return "--runtime", str(stage.runtime)


def other_runtime(stage: Stage) -> tuple[str, str]:
    return "--runtime", str(stage.folder / "other")
