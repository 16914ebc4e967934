"""`alerts FILE`: who took a test alert is said, and one that did not is an exit status."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from engine.cli import alerts
from engine.cli.app import app
from tests.engine.supervision.alerts.servers import Hook


@pytest.fixture
def hooks() -> Iterator[tuple[Hook, Hook]]:
    two = Hook(), Hook()
    yield two
    for one in two:
        one.shutdown()
        one.server_close()


def asked(folder: Path, hooks: tuple[Hook, Hook]) -> Result:
    file = folder / "alerts.yaml"
    file.write_text("webhooks:\n" + "".join(f"  - {{url: '{one.url}'}}\n" for one in hooks), "utf-8")
    return CliRunner().invoke(app, ["alerts", str(file)])


def test_everybody_is_told_that_nothing_is_wrong(tmp_path: Path, hooks: tuple[Hook, Hook]) -> None:
    said = asked(tmp_path, hooks)
    assert (said.exit_code, said.output.count(": taken")) == (0, 2)
    assert [len(one.posted) for one in hooks] == [1, 1]
    assert "nothing is wrong" in hooks[0].posted[0]["text"]
    assert alerts.alerts.__doc__


def test_one_who_does_not_take_it_keeps_nobody_else_from_it(tmp_path: Path, hooks: tuple[Hook, Hook]) -> None:
    hooks[0].status = 500
    said = asked(tmp_path, hooks)
    assert (said.exit_code, said.output.count(": taken")) == (1, 1)
    assert "500" in said.output
    assert len(hooks[1].posted) == 1
