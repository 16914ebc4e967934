"""A control surface on a screen without a screen: a real Pd under Xvfb, a real hub, a mouse and a keyboard."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.files.paths import MOODS_FOLDER
from engine.hub.hub import Hub
from engine.hub.state import ControlState
from engine.osc.port import LOOPBACK, Message, OscPort
from engine.parameters.addresses import find
from engine.parameters.mood_store import MoodStore
from engine.room.pd_process import find_pd, surface_command
from tests.ports import free_port

MENU_HEIGHT = 32
"""Of Pd's window; the canvas is below it."""
ASKING = ("/alive", "/state/dump", "/page")
"""What a surface says by itself."""
NEEDED = ("Xvfb", "xdotool", "import")


class ListeningHub(Hub):
    """A hub that remembers what it was told, and runs in a thread of its own."""

    heard: list[tuple[object, ...]]

    def _take(self, message: Message) -> None:
        self.heard.append((message.path, *message.arguments))
        super()._take(message)


class Screen:
    """A running surface with its hub; the room and the renderer are sockets. `folder` holds the moods."""

    def __init__(self, folder: Path, display: str) -> None:
        self.folder = folder
        for path in MOODS_FOLDER.glob("*.yaml"):
            shutil.copy(path, folder)
        store = MoodStore(folder)
        port = free_port()
        self.room, self.renderer = OscPort(LOOPBACK, port + 1), OscPort(LOOPBACK, port + 2)
        self.state = ControlState.of_mood("gymnopedie", store.load("gymnopedie"), seed=1)
        self.hub = ListeningHub(self.state, OscPort(LOOPBACK, port), store=store, kept=folder / "kept")
        self.hub.heard = []
        self.lock = threading.Lock()
        self.window = "surface.pd"
        """The one that hands are at."""
        self.environment = {**os.environ, "DISPLAY": display}
        self._port = port
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._step, daemon=True)
        self._thread.start()

    def _step(self) -> None:
        while not self._over.is_set():
            with self.lock:
                self.hub.step()
            time.sleep(0.005)

    def open(self, log: Path) -> subprocess.Popen[bytes]:
        """Another Pd with the surface."""
        command = surface_command(find_pd(), LOOPBACK, self._port)
        command.insert(1, "-stderr")
        with log.open("wb") as sink:
            return subprocess.Popen(command, stdout=sink, stderr=sink, env=self.environment)

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        for port in (self.room, self.renderer):
            port.close()
        self.hub.close()

    # ------------------------------------------------------------- engine

    def engine(self, path: str, *arguments: object) -> None:
        """Somebody else than the surface changes something."""
        with self.lock:
            row = find(path)
            self.hub._act(row, row.parse(arguments), (LOOPBACK, 9))
        time.sleep(0.05)

    def say(self, path: str, *arguments: object) -> None:
        """As another machine would."""
        self.room.send((LOOPBACK, self._port), path, *arguments)
        time.sleep(0.03)

    def show(self, path: str, *arguments: object) -> None:
        with self.lock:
            self.hub.show(path, *arguments)

    @property
    def touched(self) -> list[tuple[object, ...]]:
        """What was said to the hub besides what a surface says by itself."""
        return [said for said in list(self.hub.heard) if said[0] not in ASKING]

    def until(self, condition: Callable[[], object], patience_s: float = 30.0) -> None:
        end_s = time.monotonic() + patience_s
        while not condition():
            if time.monotonic() > end_s:
                raise TimeoutError(f"not in {patience_s} s; heard {self.touched[-10:]}")
            time.sleep(0.02)

    @staticmethod
    def got(port: OscPort) -> dict[str, tuple[object, ...]]:
        return {item.path: item.arguments for item in port.received(1000) if isinstance(item, Message)}

    # -------------------------------------------------------------- hands

    @contextmanager
    def at(self, window: str) -> Iterator[None]:
        """Hands are at another window for a while."""
        self.window, before = window, self.window
        yield
        self.window = before

    def xdotool(self, *words: object) -> str:
        command = ["xdotool", *map(str, words)]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=10, check=True)
        return done.stdout

    def until_open(self, window: str) -> None:
        """A window that was asked for is there, and drawn."""
        self.until(lambda: self._windows(window), 20.0)
        time.sleep(1.0)

    def _windows(self, name: str) -> list[str]:
        command = ["xdotool", "search", "--name", f"^{re.escape(name)}"]
        found = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=10, check=False)
        return found.stdout.split()

    def corner(self) -> tuple[int, int]:
        """Where the canvas of the window that is used begins on the screen, which is brought to the front."""
        window = self._windows(self.window)[0]
        self.xdotool("windowraise", window)
        place = dict(line.split("=") for line in self.xdotool("getwindowgeometry", "--shell", window).split())
        return int(place["X"]), int(place["Y"]) + MENU_HEIGHT

    def press(self, at: tuple[int, int]) -> None:
        x, y = self.corner()
        self.xdotool("mousemove", x + at[0], y + at[1])
        time.sleep(0.05)
        self.xdotool("mousedown", 1)
        time.sleep(0.05)

    def drag(self, at: tuple[int, int], dx: int = 0, dy: int = 0) -> None:
        self.press(at)
        if dx or dy:
            self.xdotool("mousemove_relative", "--", dx, dy)
            time.sleep(0.1)
        self.xdotool("mouseup", 1)

    def type(self, at: tuple[int, int], text: str) -> None:
        self.drag(at)
        time.sleep(0.2)
        self.xdotool("type", "--delay", 15, text)
        self.xdotool("key", "Return")
        time.sleep(0.1)

    def picture(self, path: Path, size: str = "1242x698") -> Path:
        """The canvas as a PNG."""
        x, y = self.corner()
        time.sleep(0.2)
        crop = f"{size}+{x}+{y}"  # without the scrollbars that Pd shows where no window manager is
        command = ["import", "-window", "root", "-crop", crop, "+repage", f"png24:{path}"]
        subprocess.run(command, env=self.environment, timeout=20, check=True, capture_output=True)
        return path


@contextmanager
def a_display() -> Iterator[str]:
    """A screen that nobody sees, by its name."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24"]
    with subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL) as x_server:
        os.close(write)
        try:
            with os.fdopen(read) as said:
                yield f":{said.readline().strip()}"
        finally:
            x_server.terminate()


@contextmanager
def surface_screen(folder: Path, log: Path) -> Iterator[Screen]:
    """Xvfb, hub and surface, and nothing left of them afterwards."""
    with a_display() as display:
        screen = Screen(folder, display)
        pd = screen.open(log)
        try:
            screen.until(lambda: ("/page", "performer") in screen.hub.heard, 20.0)
            time.sleep(1.0)
            yield screen
        finally:
            pd.terminate()
            pd.wait(10)
            screen.close()
