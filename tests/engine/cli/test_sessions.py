"""`sessions` beside a hub that plays, and on the journal of one that has played."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from typer.testing import CliRunner

from engine.cli.app import app
from engine.errors import AmeublementError
from engine.hub.sessions.store import SessionStore
from engine.journal.place import JournalPlace
from engine.journal.room_journal import RoomJournal
from tests.engine.hub_bench import Bench

PAN = "/layer/cello/pan"


def sessions(*words: object) -> tuple[int, str]:
    """Exit status, and what is said."""
    done = CliRunner().invoke(app, ["sessions", *map(str, words)])
    if isinstance(done.exception, AmeublementError):
        return 1, str(done.exception)
    return done.exit_code, done.output.strip()


def test_recording_and_playing_from_the_command_line(tmp_path: Path) -> None:
    bench, over = Bench(kept=tmp_path), threading.Event()

    def step() -> None:
        while not over.is_set():
            bench.now_s += 0.01
            bench.hub.step()
            time.sleep(0.01)

    thread = threading.Thread(target=step)
    thread.start()
    try:
        port = bench.hub.osc.port
        assert sessions("record", "one", "--port", port) == (0, "recording one 0:00")
        bench.controller.send(("127.0.0.1", port), PAN, 0.5)
        assert sessions("stop", "--port", port)[0] == 0
        assert "1 change" in sessions("list", "--state", tmp_path)[1]
        code, said = sessions("record", "one", "--port", port)
        assert (code, "exists already" in said) == (1, True)
        assert sessions("play", "one", "--port", port)[1].startswith("playing one 0:00 of ")
        assert sessions("delete", "one", "--state", tmp_path)[0] == 0
        code, said = sessions("list", "--state", tmp_path)
        assert (code, "no session yet" in said) == (1, True)
    finally:
        over.set()
        thread.join()
        bench.close()


def test_a_stretch_of_the_journal_becomes_a_session(tmp_path: Path) -> None:
    values: dict[str, float | int | str] = {"/mood": "night", "/seed": 1, "/mood/morph_s": 3.0, PAN: 0.0}
    journal = RoomJournal(JournalPlace(tmp_path / "journal", 10_000_000), values)
    begun = datetime.now(UTC).astimezone() - timedelta(seconds=1)
    journal.begin(resumed=False)
    begin_s = time.monotonic()
    journal.values({**values, PAN: 0.25})
    time.sleep(0.3)
    journal.values({**values, PAN: 0.5, "/mood": "airport", "/seed": 9})
    length_s = time.monotonic() - begin_s  # on a busy machine more
    journal.end()
    code, said = sessions("from-journal", "past", "--at", begun.isoformat(), "--minutes", 1, "--state", tmp_path)
    assert (code, said) == (0, "past: 1:00, 2 changes")
    one, other = SessionStore(tmp_path).load("past").moments
    assert (one.values, one.glide_s, one.begins_mood) == ({PAN: 0.25}, None, False)
    assert (other.values, other.glide_s, other.begins_mood) == ({PAN: 0.5, "/mood": "airport"}, 3.0, True)
    assert 0.25 < other.at_s - one.at_s < length_s + 0.05
    code, said = sessions("from-journal", "none", "--at", "2001-01-01 10:00", "--state", tmp_path)
    assert (code, "nothing was set then" in said) == (1, True)
