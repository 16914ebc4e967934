"""The page in a real browser, driven as a hand would: it shows what OSC and the room are told, soon, in any width."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from engine.files.paths import ROOT
from engine.hub.oscquery.roles import Role
from engine.hub.pages import PAGES
from engine.osc.port import LOOPBACK
from engine.parameters.addresses import LAMPS, TABLE
from engine.parameters.moods import load_mood
from engine.parameters.stems import STEMS
from tests.engine.hub.oscquery.browser import headless
from tests.engine.hub.oscquery.web_bench import WebBench

pytestmark = pytest.mark.realtime
WIDTHS = (360, 768, 1280)
PICTURES = os.environ.get("AMEUBLEMENT_PICTURES")
"""`AMEUBLEMENT_PICTURES=docs/images` writes the pictures of the documentation anew."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with headless() as one:
        yield one


@pytest.fixture(scope="module")
def playing(web: WebBench) -> WebBench:
    """With what a renderer and a room say while they play."""
    for path, *arguments in (
        ("/phrase/now", "satie 1917-04, 23 s"),
        ("/phrase/upcoming", "satie 1917-05, 31 s"),
        ("/keep/now", "kept /home/pi/.local/state/ameublement/kept/2026-11-30_0313_gymnopedie_5_minutes.flac"),
        ("/alert/now", "silence since 02:13; restarts since 02:20"),
        ("/room/meter", -18.0, -21.0),
        ("/meter/piano", -20.0, -22.0),
        ("/meter/cello", -31.0, -30.0),
        ("/supervisor/lamp", "room", 1.0),
        ("/supervisor/lamp", "renderer", 1.0),
        ("/supervisor/lamp", "sampler", 0.5),
        ("/supervisor/lamp", "hold", 0.0),
    ):
        web.bench.room.send((LOOPBACK, web.port), path, *arguments)
    web.until(lambda: web.process._mirror.values.get("/lamp/hold") == (0.0,))
    return web


@pytest.fixture
def page(browser: Browser, playing: WebBench) -> Iterator[Page]:
    with opened(browser, playing) as one:
        yield one


class opened:  # noqa: N801  (reads as a function)
    def __init__(
        self, browser: Browser, web: WebBench, width: int = 768, path: str = "", bypass_csp: bool = True, **options: Any
    ) -> None:
        """The page's own policy lets no test look in; `bypass_csp` does."""
        options = {"viewport": {"width": width, "height": 900}, "bypass_csp": bypass_csp, **options}
        self._context = browser.new_context(**options)
        self._address = f"http://{LOOPBACK}:{web.port}/web/{path}"

    def __enter__(self) -> Page:
        page = self._context.new_page()
        page.set_default_timeout(10_000)
        self.said: list[str] = []
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("console", lambda one: self.said.append(one.text) if one.type == "error" else None)
        page.goto(self._address)
        page.locator(".mood:not([hidden])").first.wait_for()
        return page

    def __exit__(self, *_: object) -> None:
        self._context.close()
        assert self.said == []


def test_it_keeps_to_its_own_policy(browser: Browser, playing: WebBench) -> None:
    """Without the tests' licence nothing is refused: no script, style or address from elsewhere is wanted."""
    with opened(browser, playing, bypass_csp=False) as page:
        page.locator("#silence").click()
        playing.until(lambda: playing.value("/room/silent") == 1)
        page.locator("#silence").click()
        playing.until(lambda: playing.value("/room/silent") == 0)


def pressed(page: Page, title: str) -> bool:
    return page.get_by_role("button", name=title, exact=True).get_attribute("aria-pressed") == "true"


def test_a_hand_on_the_page_is_a_hand_on_everything(page: Page, playing: WebBench) -> None:
    """Each step: the page, the hub's state and what the room's Pd is told are the same."""
    other = next(name for name in playing.bench.hub.actions.store.names() if name != playing.value("/mood"))
    title = load_mood(other).title
    page.get_by_role("button", name=title, exact=True).click()
    playing.until(lambda: playing.value("/mood") == other)
    page.wait_for_function("ameublement.values.get('/mood')[0] === arguments[0]".replace("arguments[0]", repr(other)))
    assert pressed(page, title)

    playing.bench.got(playing.bench.room)
    level = page.locator("#hand").get_by_label("Level")
    level.fill("500")
    playing.until(lambda: playing.value("/room/level_db") == pytest.approx(-27.0))
    told: dict[str, Any] = {}
    playing.until(lambda: bool(told.update(playing.bench.got(playing.bench.room)) or "/room/level_db" in told))
    assert told["/room/level_db"] == (pytest.approx(-27.0),)
    assert level.get_attribute("aria-valuetext") == "-27\N{NO-BREAK SPACE}dB"

    page.locator("#silence").click()
    playing.until(lambda: playing.value("/room/silent") == 1)
    page.wait_for_function("document.querySelector('#silence').getAttribute('aria-pressed') === 'true'")
    page.locator("#silence").click()
    playing.until(lambda: playing.value("/room/silent") == 0)

    page.locator("#keep").click()
    page.wait_for_function("document.querySelector('#trouble').textContent.includes('/keep')")
    assert "nothing is at hand" in page.locator("#trouble").inner_text(), "this bench has no ring, and says so"


ECHO = """async (values) => {
    const waits = [];
    for (const value of values) {
        const begin = performance.now();
        await new Promise((done) => {
            const end = ameublement.follow("/room/level_db", ([told]) => {
                if (told !== value) return;
                setTimeout(() => end());
                done();
            });
            ameublement.set("/room/level_db", value);
        });
        waits.push(performance.now() - begin);
        await new Promise((done) => setTimeout(done, 50));
    }
    return waits;
}"""
"""From the page to the hub, to every controller, and back, as the page's own clock has it."""


def test_the_echo_comes_within_a_fifth_of_a_second(page: Page) -> None:
    """Of a dozen the third best: how long it takes, and not what else this machine does."""
    waits_ms = page.evaluate(ECHO, [-10.0 - number for number in range(12)])
    assert sorted(waits_ms)[2] < 200.0, waits_ms


def test_what_others_do_is_seen(page: Page, playing: WebBench) -> None:
    playing.bench.controller.send((LOOPBACK, playing.port), "/room/level_db", -4.5)
    page.wait_for_function("document.querySelector('#hand').innerText.includes('-4.5\\u00a0dB')")


def test_every_address_is_on_a_tab_and_can_be_set_there(page: Page, playing: WebBench) -> None:
    page.get_by_role("tab", name="tone", exact=True).click()
    fader = page.locator("#panel").get_by_label("cello lowpass", exact=False)
    fader.fill("500")
    row = TABLE["/layer/cello/lowpass_hz"]
    middle = ((row.low or 0) * (row.high or 0)) ** 0.5
    playing.until(lambda: playing.value("/layer/cello/lowpass_hz") == pytest.approx(middle, rel=0.02))
    page.get_by_role("tab", name="performer", exact=True).click()
    page.locator("#panel").get_by_label("scale root", exact=True).fill("F#")
    page.keyboard.press("Enter")
    playing.until(lambda: playing.value("/scale/root") == "F#")
    on_tabs = set()
    for tab in page.get_by_role("tab").all():
        tab.click()
        on_tabs |= set(page.locator("#panel .row").all_inner_texts())
    assert len(on_tabs) > 200


def test_it_is_used_by_keyboard_alone(page: Page) -> None:
    page.get_by_role("tab").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-selected')") == "true"
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.id") == "tab-status"
    reached = set()
    page.locator("#language").focus()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert {"mood", "silence", "keep", "pin", "tab-status"} <= reached


@pytest.mark.parametrize(("language", "title"), [("en", "Moods"), ("de", "Stimmungen"), ("fr", "Ambiances")])
def test_it_speaks_the_language_of_the_phone(browser: Browser, playing: WebBench, language: str, title: str) -> None:
    with opened(browser, playing, locale=f"{language}-XX" if language != "en" else "en-GB") as page:
        assert page.locator("#moods-title").inner_text() == title
        assert page.evaluate("document.documentElement.lang") == language
        page.locator("#language").select_option("de")
        assert page.locator("#moods-title").inner_text() == "Stimmungen"
        assert page.get_by_role("tab", name="Stimmen", exact=True).count() == 1
        assert page.get_by_label("Glocken Lautstärke").count() == 1
        assert "Warteschleife" in page.locator("#now").inner_text()


def test_descriptions_follow_the_language(page: Page) -> None:
    page.locator("#language").select_option("fr")
    page.get_by_role("tab", name="pièce", exact=True).click()
    page.locator("#panel small[lang=fr]").first.wait_for()
    assert page.locator("#panel small[lang=en]").count() == 0
    assert page.get_by_text("niveau de tout ; -60 est le silence").count() == 1
    page.locator("#language").select_option("en")
    assert page.locator("#panel small[lang=en]").count() > 0


def test_every_stem_tab_and_lamp_has_a_name_in_each_language(page: Page) -> None:
    """Those that come with the program: what somebody adds is called as they call it."""
    names = "import('/web/names.js').then(({called}) => arguments_.map(([kind, name]) => called(kind, name)))"
    wanted = [*(("stem", stem) for stem in STEMS), *(("tab", tab) for tab in PAGES), *(("lamp", one) for one in LAMPS)]
    for language in ("de", "fr"):
        page.locator("#language").select_option(language)
        found = page.evaluate(names.replace("arguments_", json.dumps(wanted)))
        same = {name for (_, name), one in zip(wanted, found, strict=True) if one == name.replace("_", " ")}
        assert same <= {"piano", "textures", *(f"texture_{n}" for n in (1, 2, 3))}, language
    page.locator("#language").select_option("en")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_it_is_read_at_any_width_and_by_anybody(browser: Browser, playing: WebBench, width: int, scheme: Any) -> None:
    """axe finds nothing serious, nothing is wider than the screen, and a button can be hit with a thumb."""
    with opened(browser, playing, width, color_scheme=scheme) as page:
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        heights = page.evaluate("[...document.querySelectorAll('button')].map(b => b.offsetHeight).filter(Boolean)")
        assert min(heights) >= 44
        if PICTURES and scheme == "light":
            page.screenshot(path=ROOT / PICTURES / f"phone-{width}.png", clip=_clip(width))
        for tab in page.get_by_role("tab").all():
            tab.click()
            assert page.evaluate("document.documentElement.scrollWidth") <= width, tab.inner_text()


def _clip(width: int) -> Any:
    return {"x": 0, "y": 0, "width": width, "height": 900}


def test_axe_would_find_something(page: Page) -> None:
    """The control: it does where there is something to find."""
    page.evaluate("document.body.append(Object.assign(document.createElement('input'), {type: 'text'}))")
    assert "label" in {one["id"] for one in Axe().run(page).response["violations"]}


def test_who_may_only_look_sees_all_and_moves_nothing(browser: Browser, playing: WebBench) -> None:
    playing.pins.set(Role.PLAY, "482913")
    with opened(browser, playing, extra_http_headers={"X-Forwarded-For": "192.168.1.20"}) as page:
        assert page.locator("#role").inner_text() == "You may look."
        assert page.locator("#panel input:enabled, .mood:enabled, #silence:enabled").count() == 0
        page.locator("#pin").fill("482913")
        page.get_by_role("button", name="Open", exact=True).click()
        page.wait_for_function("document.querySelector('#role').textContent === 'You may play.'")
        page.locator("#silence").click()
        playing.until(lambda: playing.value("/room/silent") == 1)
        playing.bench.controller.send((LOOPBACK, playing.port), "/room/silent", 0)
        page.get_by_role("tab", name="tone", exact=True).click()
        assert page.locator("#panel input:enabled").count() == 0
        page.get_by_role("button", name="Give back", exact=True).click()
        page.wait_for_function("document.querySelector('#role').textContent === 'You may look.'")


def test_a_code_from_a_poster_opens_a_role_and_is_not_left_in_sight(browser: Browser, playing: WebBench) -> None:
    playing.pins.set(Role.PLAY, "482913")
    away = {"X-Forwarded-For": "192.168.1.21"}
    with opened(browser, playing, path="#pin=482913", extra_http_headers=away) as page:
        page.wait_for_function("document.querySelector('#role').textContent === 'You may play.'")
        assert "482913" not in page.url


def test_a_server_that_was_away_is_found_again(page: Page, playing: WebBench) -> None:
    page.evaluate("ameublement.drop()")
    page.wait_for_function("document.querySelector('#link').textContent !== 'connected'", polling=5)
    page.wait_for_function("document.querySelector('#link').textContent === 'connected'")
    playing.bench.controller.send((LOOPBACK, playing.port), "/room/level_db", -7.0)
    page.wait_for_function("document.body.innerText.includes('-7\\u00a0dB')")
