"""The control surface in a real Pd window: shows what the hub says, says what is touched, and never answers back."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.reel_format import STEMS
from engine.room import find_pd, surface_command
from tests.pd.osc_peer import LOOPBACK, OscPeer, free_base_port

MENU_HEIGHT = 32
"""Of Pd's window; the canvas is below it."""

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("Xvfb", "xdotool"))), reason="needs Xvfb and xdotool for a screen without a screen"
)


class Surface:
    """A running surface, its hub, and a mouse."""

    def __init__(self, hub: OscPeer, display: str, log: Path) -> None:
        self.hub, self.log = hub, log
        self._environment = {**os.environ, "DISPLAY": display}

    def mouse(self, *words: object) -> str:
        command = ["xdotool", *map(str, words)]
        return subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=10, check=True
        ).stdout

    def corner(self) -> tuple[int, int]:
        """Where the canvas begins on the screen."""
        window = self.mouse("search", "--name", "surface.pd").split()[0]
        place = dict(line.split("=") for line in self.mouse("getwindowgeometry", "--shell", window).split())
        return int(place["X"]), int(place["Y"]) + MENU_HEIGHT

    def drag(self, start: tuple[int, int], dx: int = 0, dy: int = 0) -> None:
        x, y = self.corner()
        self.mouse("mousemove", x + start[0], y + start[1])
        time.sleep(0.1)
        self.mouse("mousedown", 1)
        time.sleep(0.1)
        if dx or dy:
            self.mouse("mousemove_relative", "--", dx, dy)
            time.sleep(0.1)
        self.mouse("mouseup", 1)


@pytest.fixture(scope="module")
def surface(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surface]:
    read, write = os.pipe()
    screen = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24"]
    log = tmp_path_factory.mktemp("surface") / "pd.log"
    port = free_base_port()
    with subprocess.Popen(screen, pass_fds=[write], stderr=subprocess.DEVNULL) as x_server:
        os.close(write)
        with os.fdopen(read) as said:
            display = f":{said.readline().strip()}"
        command = surface_command(find_pd(), LOOPBACK, port)
        command.insert(1, "-stderr")
        environment = {**os.environ, "DISPLAY": display}
        with OscPeer(port) as hub, log.open("wb") as sink:
            pd = subprocess.Popen(command, stdout=sink, stderr=sink, env=environment)
            try:
                hub.wait_for(lambda: hub.of("/state/dump"), 20.0)
                yield Surface(hub, display, log)
            finally:
                pd.terminate()
                pd.wait(10)
                x_server.terminate()


def dump(hub: OscPeer) -> None:
    """As much of a hub's answer as these tests need."""
    hub.answer("/mood/list", "airport", "gymnopedie", "night")
    hub.answer("/mood", "gymnopedie")
    for stem in STEMS:
        hub.answer(f"/stem/{stem}/level_db", -6.0)
        hub.answer(f"/stem/{stem}/mute", 0)
        hub.answer(f"/meter/{stem}", -30.0, -40.0)
    hub.answer("/performer/temperature", 1.0)
    hub.answer("/room/level_db", 0.0)
    hub.answer("/phrase/now", "satie #12 {odd; text} $1")
    hub.answer("/reel/late", 0)
    hub.answer("/error", "/mood", "no such mood")
    time.sleep(0.6)


CELLO_FADER_X = 30 + 2 * 108 + 12 + 13
FADER_TOP, FADER_HEIGHT = 423 + 30, 160


def knob(level_db: float) -> tuple[int, int]:
    return CELLO_FADER_X, round(FADER_TOP + (12.0 - level_db) / 72.0 * (FADER_HEIGHT - 1))


def test_told_values_are_shown_and_never_sent_back(surface: Surface) -> None:
    dump(surface.hub)
    surface.hub.heard.clear()
    for level_db in (-20.0, -10.0, -6.0):
        surface.hub.answer("/stem/cello/level_db", level_db)
        surface.hub.answer("/performer/temperature", 0.9)
        surface.hub.answer("/stem/cello/mute", 1)
        surface.hub.answer("/mood", "night")
        time.sleep(0.2)
    assert {said[0] for said in surface.hub.heard} <= {"/alive", "/state/dump"}


def test_a_fader_starts_from_where_the_hub_put_it(surface: Surface) -> None:
    """The knob follows the hub: dragged from there, it changes by as much as the mouse moves."""
    dump(surface.hub)
    surface.hub.answer("/stem/cello/level_db", -20.0)
    time.sleep(0.6)
    surface.hub.heard.clear()
    surface.drag(knob(-20.0), dy=-40)
    surface.hub.wait_for(lambda: surface.hub.of("/stem/cello/level_db"))
    time.sleep(0.2)
    last = surface.hub.of("/stem/cello/level_db")[-1][1]
    assert last == pytest.approx(-20.0 + 40 * 72 / (FADER_HEIGHT - 1), abs=1.5)
    assert {said[0] for said in surface.hub.heard} <= {"/stem/cello/level_db", "/alive", "/state/dump"}


def test_mute_mood_and_next_phrase_are_said_once(surface: Surface) -> None:
    dump(surface.hub)
    surface.hub.heard.clear()
    surface.drag((30 + 2 * 108 + 24, 423 + 232))
    surface.drag((33 + 60, 108 + 15))
    surface.drag((33 + 60, 318 + 15))
    surface.hub.wait_for(lambda: len([said for said in surface.hub.heard if said[0] != "/alive"]) >= 3)
    time.sleep(0.3)
    touched = [said for said in surface.hub.heard if said[0] not in ("/alive", "/state/dump")]
    assert touched == [("/stem/cello/mute", 1.0), ("/mood", "airport"), ("/phrase/next",)]


def test_it_keeps_its_subscription(surface: Surface) -> None:
    surface.hub.heard.clear()
    surface.hub.wait_for(lambda: surface.hub.of("/alive"), 6.0)


def test_pd_had_nothing_to_complain_about(surface: Surface) -> None:
    assert "error" not in surface.log.read_text().lower()
