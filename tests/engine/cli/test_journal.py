"""`journal list` and what `replay` says where there is nothing to play."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.cli.app import app
from engine.cli.journal import about
from engine.errors import JournalError
from engine.journal.place import JournalPlace
from engine.journal.room_journal import RoomJournal
from engine.journal.stretch import Piece, Stretch
from engine.parameters.stems import SAMPLE_RATE_HZ


def typed(*words: object) -> str:
    done = CliRunner().invoke(app, list(map(str, words)))
    if isinstance(done.exception, JournalError):
        return str(done.exception)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """The state of an installation that has just played a little."""
    values: dict[str, float | int | str] = {"/mood": "gymnopedie", "/seed": 4, "/mood/morph_s": 4.0}
    journal = RoomJournal(JournalPlace(tmp_path / "journal", 10_000_000), values)
    journal.begin(resumed=False)
    journal.values({**values, "/mood": "night"})
    journal.end()
    return tmp_path


def test_without_a_journal_that_is_said(tmp_path: Path) -> None:
    assert "holds no journal yet" in typed("journal", "list", "--state", tmp_path)
    said = typed("replay", "--at", "2026-11-25 20:00", "--out", tmp_path / "x", "--state", tmp_path)
    assert "holds no journal yet" in said
    assert not (tmp_path / "x").exists()


def test_days_are_listed_with_what_was_played(state: Path) -> None:
    heading, row, *_ = typed("journal", "list", "--state", state).splitlines()
    assert heading.split()[:3] == ["day", "from", "to"]
    assert row.startswith(f"{datetime.now().astimezone():%Y-%m-%d}")
    assert "gymnopedie" in row


def test_a_time_at_which_nothing_played_says_when_something_did(state: Path) -> None:
    later = (datetime.now(UTC) + timedelta(days=400)).isoformat(" ")
    said = typed("replay", "--at", later, "--out", state / "x", "--state", state)
    assert f"nothing was played at {later}" in said
    assert "see `journal list`" in said


@pytest.mark.parametrize(
    ("runs", "length_s", "words"),
    [("aa", 2.0, []), ("ab", 2.0, ["started anew"]), ("a", 2.5, ["not heard for 1.5 s"])],
)
def test_gaps_and_renderers_that_were_started_anew_are_told_before_rendering(
    runs: str, length_s: float, words: list[str]
) -> None:
    pieces = tuple(Piece(run, 0, SAMPLE_RATE_HZ, n * SAMPLE_RATE_HZ) for n, run in enumerate(runs))
    said = about(Stretch(0.0, round(length_s * SAMPLE_RATE_HZ), pieces))
    assert len(said) == len(words)
    assert all(word in line for word, line in zip(words, said, strict=True))
