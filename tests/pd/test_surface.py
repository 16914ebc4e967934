"""The control surface in a real Pd window: shows what the hub says, does what hands do, and never answers back."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
import zxingcpp
from PIL import Image

from engine.hub.oscquery.page_code import code_of
from engine.hub.pages import PAGES, place_on_pages
from engine.parameters.addresses import values_of
from engine.parameters.moods import load_mood
from engine.parameters.stems import STEMS
from engine.room.pd_process import SURFACE, find_pd
from tests.pd.surface_screen import NEEDED, Screen, a_display, surface_screen

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.skipif(not all(map(shutil.which, NEEDED)), reason=f"needs {', '.join(NEEDED)}"),
]

FADER_TOP, FADER_HEIGHT = 433 + 28, 154
STRIP_WIDTH = min(110, 1100 // len(STEMS))
CORNERS = ((69, 242), (163, 242), (69, 386), (163, 386))
STORE, OVERWRITE, REVERT = (374, 331), (264, 359), (368, 359)
HANDS, LEARN = (1152, 31), (76, 107)
NAME, UNDO, COMPARE, SILENCE = (250, 331), (264, 271), (227, 301), (227, 397)
BANNER, BANNER_COLOUR, HEADER_COLOUR = (600, 50), "#b5532f", "#2b2a28"
PAD_LEFT, PAD_TOP, PAD_WIDTH, PAD_HEIGHT = 28, 258, 176, 112


def mood_button(number: int) -> tuple[int, int]:
    return 26 + 98 * ((number - 1) % 4) + 50, 98 + 31 * ((number - 1) // 4) + 13


def tab(page: str) -> tuple[int, int]:
    return 442 + 57 * PAGES.index(page) + 27, 90


def row(path: str) -> tuple[int, int]:
    """The left end of the slider of a row, whose page must be looked at."""
    number = place_on_pages()[path][1] - 1
    return 442 + 400 * (number % 2) + 126, 104 + 25 * (number // 2) + 12


def fader(stem: str, level_db: float) -> tuple[int, int]:
    x = 26 + STRIP_WIDTH * STEMS.index(stem) + 12 + 13
    return x, round(FADER_TOP + (12.0 - level_db) / 72.0 * (FADER_HEIGHT - 1))


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    moods, log = tmp_path_factory.mktemp("moods"), tmp_path_factory.mktemp("log") / "pd.log"
    with surface_screen(moods, log) as screen:
        screen.log = log  # type: ignore[attr-defined]
        yield screen


@pytest.fixture(autouse=True)
def fresh(screen: Screen) -> None:
    time.sleep(0.5)  # a widget that was touched listens to the hub again
    screen.got(screen.room), screen.got(screen.renderer)
    screen.hub.heard.clear()


def colours(picture: Path, places: Sequence[tuple[int, int]]) -> list[str]:
    pixels = matplotlib.image.imread(picture)
    return ["#" + "".join(f"{round(255 * float(part)):02x}" for part in pixels[y, x, :3]) for x, y in places]


def strips(screen: Screen, path: Path) -> list[str]:
    """Colours at the left ends of the first seven mood buttons, and within the seventh."""
    places = [(x - 45, y) for x, y in map(mood_button, range(1, 8))]
    return colours(screen.picture(path), [*places, mood_button(7)])


def test_the_bank_has_the_moods_of_the_engine_in_their_colours(screen: Screen, tmp_path: Path) -> None:
    screen.show("/phrase/now", "satie #12 {odd; text} $1")
    colours = [load_mood(name).colour for name in screen.hub.actions.store.names()]
    screen.until(lambda: strips(screen, tmp_path / "screen.png")[:6] == colours, 15.0)
    seventh, within = strips(screen, tmp_path / "screen.png")[6:]
    assert seventh == within, "no seventh mood, no button"


def test_told_values_are_shown_and_never_sent_back(screen: Screen, tmp_path: Path) -> None:
    for step in range(3):
        screen.engine("/stem/cello/level_db", -20.0 + 5 * step)
        screen.engine("/stem/cello/mute", 1)
        screen.engine("/stem/cello/solo", 1)
        screen.engine("/performer/temperature", 0.9 + 0.01 * step)
        screen.engine("/mood/morph_s", 3.0 + step)
        screen.engine("/mood", ("night", "rhodes", "gymnopedie")[step])
        screen.engine("/pad/corner_1", "night")
        screen.engine("/pad/x", 0.25 * step)
        screen.engine("/mood/compare", 1)
        screen.engine("/room/silent", 1)
    for path in ("/stem/cello/mute", "/stem/cello/solo", "/room/silent"):
        screen.engine(path, 0)
    time.sleep(0.8)
    assert screen.touched == []


def test_a_fader_moved_in_pd_changes_the_engine_from_where_the_engine_put_it(screen: Screen) -> None:
    screen.engine("/stem/cello/level_db", -20.0)
    time.sleep(0.5)
    screen.drag(fader("cello", -20.0), dy=-40)
    wanted = -20.0 + 40 * 72 / (FADER_HEIGHT - 1)
    screen.until(lambda: abs(float(screen.state.room["/stem/cello/level_db"]) - wanted) < 1.5)
    time.sleep(0.2)
    assert screen.got(screen.room)["/stem/cello/level_db"][0] == pytest.approx(wanted, abs=1.5)
    assert {said[0] for said in screen.touched} == {"/stem/cello/level_db"}
    said = len(screen.touched)
    time.sleep(0.6)
    assert len(screen.touched) == said, "the echo is not answered"


def test_a_row_of_a_page_can_be_moved_and_typed_into(screen: Screen) -> None:
    screen.drag(tab("space"))
    screen.until(lambda: ("/page", "space") in screen.hub.heard)
    screen.engine("/layer/bells/reverb", 0.5)
    time.sleep(0.3)
    x, y = row("/layer/bells/reverb")
    screen.drag((x + 52, y), dx=26)
    screen.until(lambda: screen.state.sound["/layer/bells/reverb"] == pytest.approx(0.75, abs=0.03))
    time.sleep(0.1)
    assert screen.got(screen.renderer)["/layer/bells/reverb"][0] == pytest.approx(0.75, abs=0.03)
    screen.type((x + 160, y), "0.25")
    screen.until(lambda: screen.state.sound["/layer/bells/reverb"] == 0.25)
    screen.drag(tab("performer"))
    screen.until(lambda: ("/page", "performer") in screen.hub.heard)
    time.sleep(0.3)
    x, y = row("/scale/mode")
    screen.type((x + 160, y), "dorian")
    screen.until(lambda: screen.state.sound["/scale/mode"] == "dorian")


def test_moods_are_chosen_and_given_to_corners_and_the_point_blends_them(screen: Screen) -> None:
    screen.drag(mood_button(4))
    screen.until(lambda: screen.state.mood == "night")
    for number, button in ((1, 1), (2, 5)):
        screen.drag(CORNERS[number - 1])
        time.sleep(0.1)
        screen.drag(mood_button(button))
        time.sleep(0.6)
    assert (screen.state.pad["/pad/corner_1"], screen.state.pad["/pad/corner_2"]) == ("airport", "rhodes")
    assert screen.state.mood == "night"
    screen.engine("/pad/x", 0.5)
    screen.engine("/pad/y", 0.5)
    time.sleep(0.5)
    middle = (PAD_LEFT + PAD_WIDTH // 2, PAD_TOP + PAD_HEIGHT // 2)
    screen.drag(middle, dx=-round(0.25 * PAD_WIDTH))
    screen.until(lambda: screen.state.pad["/pad/x"] == pytest.approx(0.25, abs=0.03))
    assert screen.state.mood == "airport"
    airport, rhodes = (load_mood(name).effects.reverb_s for name in ("airport", "rhodes"))
    assert screen.state.sound["/effects/reverb_s"] == pytest.approx(airport**0.75 * rhodes**0.25, rel=0.05)
    assert {str(said[0]).split("/")[1] for said in screen.touched} == {"pad", "mood"}


def test_a_corner_clicked_twice_is_empty_again(screen: Screen) -> None:
    screen.engine("/pad/corner_3", "vexations")
    time.sleep(0.3)
    screen.drag(CORNERS[2])
    time.sleep(0.7)
    assert screen.state.pad["/pad/corner_3"] == "vexations"
    screen.drag(CORNERS[2])
    screen.until(lambda: screen.state.pad["/pad/corner_3"] == "none")
    time.sleep(0.6)
    screen.drag(mood_button(4))
    screen.until(lambda: screen.state.mood == "night")
    assert screen.state.pad["/pad/corner_3"] == "none", "it waits no longer"


def test_a_knob_is_learnt_in_its_window_and_its_fader_follows_it_there_and_back(screen: Screen) -> None:
    screen.drag(HANDS)
    screen.until_open("ui-hands.pd")
    with screen.at("ui-hands.pd"):
        screen.drag(LEARN)
        screen.until(lambda: screen.hub.subscribers.shown["/midi/learning"] == ("touch a control",))
    screen.engine("/stem/bells/level_db", -20.0)
    time.sleep(0.5)
    screen.drag(fader("bells", -20.0), dy=-20)
    screen.until(lambda: "/stem/bells/level_db" in str(screen.hub.subscribers.shown["/midi/learning"]))
    for value in (30, 31):
        screen.say("/midi/control", 3, 20, value)
    screen.until(lambda: screen.hub.subscribers.shown["/midi/row_1"][0] == "/stem/bells/level_db")
    time.sleep(0.6)
    before, said = screen.state.room["/stem/bells/level_db"], len(screen.touched)
    screen.say("/midi/control", 3, 20, 40)
    screen.until(lambda: screen.hub.subscribers.shown["/midi/row_1"][2] == "↑ up")
    assert screen.state.room["/stem/bells/level_db"] == before
    for value in range(60, 121, 5):
        screen.say("/midi/control", 3, 20, value)
    screen.until(lambda: screen.state.room["/stem/bells/level_db"] == pytest.approx(120 / 127 * 72 - 60, abs=0.1))
    time.sleep(0.6)
    assert {one[0] for one in screen.touched[said:]} == {"/midi/control"}, "no echo is answered"
    with screen.at("ui-hands.pd"):
        screen.drag((26 + 459 + 40, 166 + 12))
        screen.until(lambda: screen.hub.subscribers.shown["/midi/row_1"][0] == "none")
    assert (screen.folder / "kept" / "midi.yaml").read_text() == "bindings: {}\n"


def test_a_session_is_recorded_played_and_put_aside_in_the_window(screen: Screen) -> None:
    screen.drag(HANDS)
    screen.until_open("ui-hands.pd")
    with screen.at("ui-hands.pd"):
        screen.type((640, 107), "evening")
        screen.drag((602 + 150, 107))
        screen.until(lambda: str(screen.hub.subscribers.shown["/session/now"][0]).startswith("recording evening"))
        screen.say("/layer/cello/pan", 0.5)
        time.sleep(0.3)
        screen.drag((822 + 50, 107))
        screen.until(lambda: screen.hub.subscribers.shown["/session/slot_1"][0] == "evening")
        screen.engine("/layer/cello/pan", -0.5)
        time.sleep(0.6)
        screen.drag((602 + 273 + 25, 166 + 12))
        screen.until(lambda: screen.state.sound["/layer/cello/pan"] == 0.5)
        screen.drag((602 + 332 + 25, 166 + 12))
        screen.until(lambda: screen.hub.subscribers.shown["/session/slot_1"][0] == "none")


def test_storing_overwriting_and_bringing_back(screen: Screen) -> None:
    screen.drag(mood_button(4))
    screen.until(lambda: screen.state.mood == "night")
    screen.engine("/layer/cello/pan", 0.5)
    screen.type(NAME, "late_night")
    screen.drag(STORE)
    screen.until((screen.folder / "late_night.yaml").exists)
    screen.until(lambda: screen.state.mood == "late_night")
    time.sleep(0.6)
    screen.engine("/layer/cello/pan", -0.5)
    screen.drag(OVERWRITE)
    time.sleep(0.8)
    assert load_mood("late_night", screen.folder).layer.cello.pan == 0.5, "asked first"
    screen.drag(OVERWRITE)
    screen.until(lambda: load_mood("late_night", screen.folder).layer.cello.pan == -0.5)
    screen.drag(REVERT)
    time.sleep(0.8)
    screen.drag(REVERT)
    screen.until(lambda: load_mood("late_night", screen.folder).layer.cello.pan == 0.5)


def test_compare_undo_and_silence(screen: Screen) -> None:
    screen.engine("/mood", "night")
    screen.engine("/layer/bells/pan", -0.25)
    time.sleep(0.6)
    screen.drag(COMPARE)
    screen.until(lambda: screen.state.sound == values_of(load_mood("night")))
    time.sleep(0.6)
    screen.drag(COMPARE)
    screen.until(lambda: screen.state.sound["/layer/bells/pan"] == -0.25)
    screen.drag(UNDO)
    screen.until(lambda: screen.state.compare is False and ("/undo",) in screen.touched)
    screen.drag(SILENCE)
    screen.until(lambda: screen.state.room["/room/silent"] == 1)
    time.sleep(0.2)
    assert screen.got(screen.room)["/room/silent"] == (1,)
    time.sleep(0.5)
    screen.drag(SILENCE)
    screen.until(lambda: screen.state.room["/room/silent"] == 0)


def test_another_opened_late_and_killed_in_mid_drag_changes_nothing(screen: Screen, tmp_path: Path) -> None:
    before = screen.state.values
    second = screen.open(tmp_path / "second.log")
    screen.until(lambda: ("/state/dump",) in screen.hub.heard, 15.0)
    time.sleep(1.5)
    assert screen.touched == []
    assert screen.state.values == before
    second.kill()
    second.wait(5)
    assert "error" not in (tmp_path / "second.log").read_text().lower()
    time.sleep(0.3)
    assert screen.touched == []
    assert screen.state.values == before


def test_it_says_within_two_seconds_that_the_engine_has_stopped_and_is_whole_when_it_is_back(
    screen: Screen, tmp_path: Path
) -> None:
    meter = (26 + STRIP_WIDTH * STEMS.index("cello") + 62, FADER_TOP + 100)
    lamp = (684, 12)

    def seen() -> list[str]:
        return colours(screen.picture(tmp_path / "screen.png"), [BANNER, meter, lamp])

    screen.show("/meter/cello", -6.0, -6.0)
    screen.show("/lamp/sampler", 1.0)
    screen.until(lambda: seen()[1:] == ["#5b9a8b", "#6fb38f"])
    lively = seen()
    assert lively[0] == HEADER_COLOUR
    with screen.lock:
        time.sleep(2.0)
        banner, dead_meter, dead_lamp = seen()
    assert banner == BANNER_COLOUR
    assert dead_meter != lively[1]
    assert dead_lamp != lively[2]
    screen.until(lambda: seen() == lively, 6.0)


def test_opened_by_hand_without_an_engine_it_says_so(tmp_path: Path) -> None:
    with a_display() as display:
        environment = {**os.environ, "DISPLAY": display}
        command = [str(find_pd()), "-noprefs", "-nosound", "-nrt", "-stderr", str(SURFACE)]
        with (
            (tmp_path / "pd.log").open("wb") as log,
            subprocess.Popen(command, stdout=log, stderr=log, env=environment) as pd,
        ):
            try:
                time.sleep(5.0)
                picture = tmp_path / "screen.png"
                subprocess.run(
                    ["import", "-window", "root", f"png24:{picture}"], env=environment, timeout=20, check=True
                )
            finally:
                pd.terminate()
    pixels = np.rint(255 * matplotlib.image.imread(picture)[:, :, :3]).astype(int)
    orange = (pixels == [int(BANNER_COLOUR[i : i + 2], 16) for i in (1, 3, 5)]).all(axis=2)
    assert orange.sum() > 15_000, "a banner of 440 by 54, with letters on it"


def test_it_keeps_its_subscription(screen: Screen) -> None:
    screen.until(lambda: ("/alive",) in screen.hub.heard, 6.0)


def test_pd_had_nothing_to_complain_about(screen: Screen) -> None:
    log = screen.log.read_text()  # type: ignore[attr-defined]
    assert "error" not in log.lower()
    assert "couldn't create" not in log


def codes(picture: Path) -> list[str]:
    """What a phone would read there."""
    return [one.text for one in zxingcpp.read_barcodes(Image.open(picture))]


def test_a_phone_reads_the_address_of_the_page_from_the_surface(screen: Screen, tmp_path: Path) -> None:
    screen.drag(HANDS)
    screen.until_open("ui-hands.pd")
    with screen.at("ui-hands.pd"):
        for address in ("http://10.0.0.2:9100/web/", "http://192.168.178.123:65531/web/"):
            screen.show("/web/page", address)
            screen.show("/web/code", *code_of(address))
            screen.until(lambda address=address: codes(_hands(screen, tmp_path)) == [address])
        screen.show("/web/page", "none")
        screen.until(lambda: codes(_hands(screen, tmp_path)) == [])


def _hands(screen: Screen, folder: Path) -> Path:
    return screen.picture(folder / "hands.png", "1008x600")
