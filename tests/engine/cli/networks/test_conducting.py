"""`phrases conduct` as a person types it."""

import re

from typer.testing import CliRunner

from engine.cli.app import app


def test_a_minute_of_a_mood_is_played_without_sound_and_told_of() -> None:
    words = ["phrases", "conduct", "--mood", "gymnopedie", "--minutes", "1", "--seed", "3", "--every"]
    shown = CliRunner().invoke(app, words)
    assert shown.exit_code == 0, shown.output
    assert "gymnopedie: satie #" in shown.output
    assert re.search(r"│ 0% +│ \d+% +│ 0% +│\n└", shown.output), "nothing is made by rule: the sampler is quick enough"
