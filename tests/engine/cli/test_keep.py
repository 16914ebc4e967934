"""`keep` as a person types it, against something that answers as an installation does, or does not."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from engine.cli import keep
from engine.cli.app import app
from engine.errors import AmeublementError
from engine.osc.port import LOOPBACK, Message, OscPort


@contextmanager
def answering(*answers: tuple[str, str]) -> Iterator[tuple[int, list[tuple[object, ...]]]]:
    """A hub's port, and what came there; whoever asks for a stretch is told `answers`, (address, text)."""
    hub, over, came = OscPort(LOOPBACK, 0), threading.Event(), []

    def listen() -> None:
        while not over.wait(0.01):
            for message in hub.received():
                assert isinstance(message, Message)
                came.append((message.path, *message.arguments))
                for path, text in answers if message.path == "/keep" else ():
                    hub.send(message.source, path, *(("/keep", text) if path == "/error" else (text,)))

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        yield hub.port, came
    finally:
        over.set()
        thread.join()
        hub.close()


def typed(port: int, *words: str) -> Sequence[str]:
    """What is said; an error of ours is raised."""
    done = CliRunner().invoke(app, ["keep", "--port", str(port), *words])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output.splitlines()


def test_it_asks_for_the_minutes_and_says_what_is_said_until_they_are_kept() -> None:
    with answering(("/keep/now", "keeping 2 minutes"), ("/keep/now", "kept in /x/2026")) as (port, came):
        assert typed(port, "--minutes", "2") == ["keeping 2 minutes", "kept in /x/2026"]
    assert ("/keep", 2.0) in came
    assert ("/alive",) in came


def test_stems_that_are_missing_are_said_and_no_failure() -> None:
    with answering(("/keep/now", "keeping"), ("/error", "without stems: none"), ("/keep/now", "kept in /x")) as (
        port,
        _,
    ):
        assert typed(port) == ["keeping", "without stems: none", "kept in /x"]


def test_what_cannot_be_kept_is_an_error() -> None:
    with (
        answering(("/error", "another stretch is being kept")) as (port, _),
        pytest.raises(AmeublementError, match="another"),
    ):
        typed(port)


@pytest.mark.parametrize(
    ("answers", "said"), [((), "does not answer"), ((("/keep/now", "keeping"),), "gone before it was done")]
)
def test_one_that_does_not_answer_or_goes_is_told_apart(
    answers: tuple[tuple[str, str], ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keep, "ANSWER_S", 0.4)
    monkeypatch.setattr(keep, "STAY_S", 0.1)
    with answering(*answers) as (port, _), pytest.raises(AmeublementError, match=said):
        typed(port)
