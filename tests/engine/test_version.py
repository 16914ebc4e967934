"""The version is that of pyproject.toml, and none where there is no such file."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from engine.files.paths import PROJECT_FILE
from engine.version import VERSION, read_version


def test_it_is_the_one_that_the_project_has() -> None:
    assert tomllib.loads(PROJECT_FILE.read_text("utf-8"))["project"]["version"] == VERSION


@pytest.mark.parametrize("text", ["", "[project]\n", "project = 1\n", "not toml"])
def test_a_file_that_does_not_say_leaves_it_unknown(text: str, tmp_path: Path) -> None:
    assert read_version(tmp_path / "none.toml") == "unknown"
    (tmp_path / "p.toml").write_text(text, "utf-8")
    assert read_version(tmp_path / "p.toml") == "unknown"
