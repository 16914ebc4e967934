"""`phrases conduct` as a person types it."""

import re

import pytest
from typer.testing import CliRunner

from engine.cli.app import app
from engine.sampler import sampler


def test_a_minute_of_a_mood_is_played_without_sound_and_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made by rule depends on how quick this processor is; `test_conducted_hour` has a clock of its own."""
    monkeypatch.setattr(sampler.Critic, "beside", lambda *_: None)  # who chooses among eight draws eight times as long
    words = ["phrases", "conduct", "--mood", "rhodes", "--minutes", "1", "--seed", "3", "--every"]
    shown = CliRunner().invoke(app, words)
    assert shown.exit_code == 0, shown.output
    assert "rhodes: rolls #" in shown.output
    assert re.search(r"│ rhodes │ +[1-2] │ +[2-9] │( +\d+%? │){8}\n└", re.sub(r" +│", " │", shown.output)), shown.output
