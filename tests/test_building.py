"""An installation in a building: the web server beside the room, many pages, and somebody who is told."""

from __future__ import annotations

import asyncio
import json
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.client import connect

from engine.osc.port import LOOPBACK
from engine.parameters.addresses import TABLE
from tests.engine.supervision.alerts.servers import Hook
from tests.installation import Running, installation, longest_quiet_s

pytestmark = pytest.mark.realtime
PAGES = 50
SETTLED_S = 3.0
"""After so long all pages are open."""

MEASURED_S = 6.0
MOST_OF_A_CORE = 0.05
LISTENED = [
    path
    for path in TABLE
    if path.startswith(("/meter/", "/room/meter", "/lamp/", "/stem/", "/mood/slot_", "/phrase/"))
    or path
    in ("/mood", "/mood/morph_s", "/room/level_db", "/room/silent", "/day/next", "/keep/now", "/alert/now", "/error")
]
"""What a page listens to when it opens."""


def asked(run: Running, path: str) -> Any:
    connection = HTTPConnection(LOOPBACK, run.port, timeout=2.0)
    try:
        connection.request("GET", path)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def answers(run: Running) -> bool:
    try:
        return "VALUE" in asked(run, "/room/level_db")
    except (OSError, HTTPException, ValueError):
        return False


async def look_on(run: Running) -> tuple[float, int]:
    """Fifty pages for a while: the share of a core that the web server takes, and how many frames came."""
    count = 0

    async def page() -> None:
        nonlocal count
        async with connect(f"ws://{LOOPBACK}:{run.port}/?BUNDLES", compression=None, proxy=None) as socket:
            for path in LISTENED:
                await socket.send(json.dumps({"COMMAND": "LISTEN", "DATA": path}))
            async for _ in socket:
                count += 1

    pages = [asyncio.create_task(page()) for _ in range(PAGES)]
    await asyncio.sleep(SETTLED_S)
    web, begin = run.child("engine.hub.oscquery"), count
    before = web.cpu_times()
    await asyncio.sleep(MEASURED_S)
    after = web.cpu_times()
    share = (after.user + after.system - before.user - before.system) / MEASURED_S
    assert all(not page.done() for page in pages)
    for page_ in pages:
        page_.cancel()
    await asyncio.gather(*pages, return_exceptions=True)
    return share, count - begin


INSERT = """#N canvas 60 60 600 300 12;
#X obj 30 30 inlet~;
#X obj 130 30 inlet~;
#X obj 30 100 *~ 0.5;
#X obj 130 100 *~ 0.5;
#X obj 30 200 outlet~;
#X obj 130 200 outlet~;
{more}#X connect 0 0 2 0;
#X connect 1 0 3 0;
#X connect 2 0 4 0;
#X connect 3 0 5 0;
"""
QUITS = """#X obj 300 30 loadbang;
#X obj 300 60 delay 7000;
#X msg 300 90 \\; pd quit;
#X connect 6 0 7 0;
#X connect 7 0 8 0;
"""


def test_patches_in_the_way_of_stems_never_stop_the_room(tmp_path: Path) -> None:
    """One is good, one is not there, one ends Pd itself after seven seconds, when a spare room has opened it, too."""
    for name, more in (("good", ""), ("quits", QUITS)):
        (tmp_path / f"{name}.pd").write_text(INSERT.format(more=more), "utf-8")
    file = tmp_path / "mine.yaml"
    file.write_text("title: Mine\ninserts: {piano: good.pd, cello: gone.pd, bells: quits.pd}\n", "utf-8")
    with installation(tmp_path, "--room", str(file)) as run:
        run.until(lambda: "ended with patches in the way of stems" in run.everything(), 120.0)
        run.until(run.sounds, 30.0)
        run.heard.pop("/room/insert", None)
        end_s = time.monotonic() + 9.0
        run.until(lambda: time.monotonic() > end_s and run.sounds(), 30.0)
        assert "/room/insert" not in run.heard, "the rooms after that open none"
        run.interrupt()
    assert "inserts.cello: " in run.everything()
    assert "the stem plays without it" in run.everything()
    assert run.summary()["restarts"]["room"] == 1, "the control: the patch did end the room"
    audio = run.recording()
    heard = np.flatnonzero(np.abs(audio).max(axis=1) > 1e-3)
    assert longest_quiet_s(audio[heard[0] : heard[-1]]) < 2.5, "until another Pd sounds"
    assert run.leftovers() == []


def test_the_web_server_is_no_part_of_the_sound(tmp_path: Path) -> None:
    """It starts after the sound, serves fifty pages for little, is killed and comes back; a webhook hears of that."""
    hook = Hook()
    file = tmp_path / "alerts.yaml"
    file.write_text(f"webhooks: [{{url: '{hook.url}'}}]\nrestarts_per_hour: 1\n", "utf-8")
    with installation(tmp_path, "--alerts", str(file)) as run:
        run.until(run.sounds, 120.0)
        run.until(lambda: answers(run), 30.0)
        web = run.child("engine.hub.oscquery")
        run.say("/room/level_db", -4.0)
        run.until(lambda: asked(run, "/room/level_db?VALUE") == {"VALUE": [-4.0]}, 5.0)
        share, frames = asyncio.run(look_on(run))
        memory_mb = web.memory_info().rss / 1e6
        run.kill("engine.hub.oscquery")
        begin_s = time.monotonic()
        run.until(lambda: answers(run), 20.0)
        back_s = time.monotonic() - begin_s
        used = run.child("engine.hub.oscquery").cpu_times()
        run.until(lambda: bool(hook.posted), 20.0)
        run.until(lambda: str(run.heard.get("/alert/now", ("",))[0]).startswith("restarts since"), 5.0)
        run.interrupt()
    figures = run.summary()
    used_s = used.user + used.system
    print(f"{share:.3f} of a core, {frames} frames, {memory_mb:.0f} MB")
    print(f"back after {back_s:.1f} s, by {used_s:.2f} s of processor time")
    assert frames > PAGES * MEASURED_S, "the control: they were told something all the time"
    assert share < MOST_OF_A_CORE
    assert memory_mb < 100
    assert used_s < 1.5, "on a machine that does nothing else it is back within two seconds"
    assert back_s < 30.0, "and sooner or later on any"
    assert hook.posted[0]["cause"] == "restarts"
    assert figures["restarts"]["web"] == 1
    assert figures["gaps"] == 0
    audio = run.recording()
    heard = np.flatnonzero(np.abs(audio).max(axis=1) > 1e-3)
    assert longest_quiet_s(audio[heard[0] : heard[-1]]) < 0.5
    assert run.leftovers() == []
