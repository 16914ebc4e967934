"""The pictures of the surface in the documentation: `python -m tests.pd.pictures`, and then look at them.

A real surface shows what a hub says in an evening that is made up: nothing is drawn by hand.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

from engine.hub.oscquery.page_code import code_of
from engine.hub.pages import PAGES
from engine.parameters.address import Value
from engine.parameters.addresses import values_of
from engine.parameters.stems import STEMS
from engine.room.presets import load_room
from tests.installation import ROOT
from tests.pd.surface_screen import Screen, surface_screen
from tests.pd.test_surface import CORNERS, HANDS, tab

SHOWN = (
    ("/phrase/now", "satie_transformer #12, continuing a visitor's phrase"),
    ("/phrase/upcoming", "recall of #7, up a third"),
    ("/day/next", "18:13 gnossienne"),
    ("/presence", "people 60 %, door 0 %"),
    ("/reel/lead", 5.0),
    ("/reel/late", 0.0),
    ("/room/meter", -19.0, -19.5),
    *((f"/lamp/{part}", on) for part, on in (("sampler", 1.0), ("renderer", 1.0), ("room", 1.0), ("hold", 0.0))),
)
LEVELS_DB = dict(zip(STEMS, cycle((0.0, -3.0, -1.5, -6.0, -4.5, -12.0, -9.0, -3.0, -6.0, -10.0)), strict=False))
BROKEN = {"reverb_s: 8,": "reverb_s: 80,"}
KNOBS = {
    "/effects/reverb_s": 71,
    "/layer/cello/level_db": 74,
    "/layer/texture_1/highpass_hz": 16,
    "/phrase/next": 50,
    "/stem/piano/level_db": 1,
    "/voice/bells/density": 10,
}
"""Controllers by what they are to move."""
SESSIONS = ("evening", "opening_night", "matinee")
"""The last of them is still being recorded."""
HANDS_SIZE = "1008x595"
PAGE = "http://192.168.1.20:9100/web/"


def set_the_scene(screen: Screen) -> None:
    for number, mood in enumerate(("airport", "night", "rhodes", "vexations"), start=1):
        screen.engine(f"/pad/corner_{number}", mood)
    screen.engine("/mood", "airport")
    screen.engine("/pad/x", 0.28)
    screen.engine("/pad/y", 0.3)
    for stem, level_db in LEVELS_DB.items():
        screen.engine(f"/stem/{stem}/level_db", level_db)
        screen.show(f"/meter/{stem}", -20.0 + level_db, -22.0 + level_db)
    screen.engine("/stem/drums/mute", 1)
    for path, *arguments in SHOWN:
        screen.show(str(path), *arguments)


def look_at(screen: Screen, page: str) -> None:
    screen.drag(tab(page))
    screen.until(lambda: ("/page", page) in screen.hub.heard)
    time.sleep(1.0)


def places(screen: Screen) -> None:
    """As the octophonic ring has them."""
    values: dict[str, Value] = values_of(load_room("octophonic_ring"))
    for path, value in values.items():
        if path.startswith("/stem/") and "_deg" in path:
            screen.engine(path, value)


def break_a_mood(screen: Screen) -> None:
    path = screen.folder / "night.yaml"
    text = path.read_text("utf-8")
    for good, bad in BROKEN.items():
        text = text.replace(good, bad)
    path.write_text(text, "utf-8")
    screen.until(lambda: "night.yaml" in str(screen.hub.subscribers.shown.get("/mood/trouble")))
    time.sleep(0.5)


def bound(screen: Screen) -> list[object]:
    """Addresses that a knob moves."""
    return [words[0] for path, words in list(screen.hub.subscribers.shown.items()) if path.startswith("/midi/row_")]


def knobs(screen: Screen) -> None:
    for path, controller in KNOBS.items():
        screen.say("/midi/learn", path)
        for value in (30, 31, 33):
            screen.say("/midi/control", 1, controller, value)
        screen.until(lambda path=path: path in bound(screen))
        screen.say("/midi/control", 1, controller, 34)
    for name in SESSIONS:
        screen.say("/session/stop")
        screen.say("/session/record", name)
        screen.say("/layer/cello/pan", 0.1 * len(name))
        time.sleep(1.2)
    screen.say("/midi/learn")
    screen.show("/midi/devices", "nanoKONTROL2, Keystation 49")
    screen.show("/web/page", PAGE)
    screen.show("/web/code", *code_of(PAGE))
    screen.drag(HANDS)
    screen.until_open("ui-hands.pd")
    time.sleep(2.0)


def main(pages: Sequence[str]) -> None:
    """Without arguments the four of the documentation; else those pages, into the working directory."""
    with tempfile.TemporaryDirectory() as folder:
        moods = Path(folder) / "moods"
        moods.mkdir()
        with surface_screen(moods, Path(folder) / "pd.log") as screen:
            set_the_scene(screen)
            for page in pages:
                look_at(screen, page)
                print(screen.picture(Path(f"{page}.png")))
            if not pages:
                _documentation(screen, next(ROOT.glob("docs/**/surface.png")).parent)


def _documentation(screen: Screen, docs: Path) -> None:
    look_at(screen, "levels")
    print(screen.picture(docs / "surface.png"))
    places(screen)
    look_at(screen, "places")
    print(screen.picture(docs / "surface-places.png"))
    look_at(screen, "textures")
    break_a_mood(screen)
    screen.drag(CORNERS[0])
    print(screen.picture(docs / "surface-page.png"))
    knobs(screen)
    with screen.at("ui-hands.pd"):
        print(screen.picture(docs / "surface-knobs.png", HANDS_SIZE))


if __name__ == "__main__":
    if unknown := set(sys.argv[1:]) - set(PAGES):
        sys.exit(f"no page is called {', '.join(unknown)}; there are {', '.join(PAGES)}")
    main(sys.argv[1:])
