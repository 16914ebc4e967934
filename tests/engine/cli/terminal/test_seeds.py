"""Every command that draws by chance takes the same seeds, and says so of others."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from engine.cli.app import app
from engine.cli.terminal.seeds import HIGHEST_SEED
from tests.command_tree import commands

WITH_SEED = sorted(words for words, taken in commands().items() if "--seed" in taken)


def test_there_are_such_commands() -> None:
    assert {"run", "render", "phrases/draw", "textures/generate", "humaniser/play"} < set(WITH_SEED)


@pytest.mark.parametrize("words", WITH_SEED)
@pytest.mark.parametrize("seed", [-1, HIGHEST_SEED + 1])
def test_a_seed_beyond_its_range_is_refused(words: str, seed: int) -> None:
    result = CliRunner().invoke(app, [*words.split("/"), "--seed", str(seed)])
    assert result.exit_code == 2
    assert "Invalid value for '--seed'" in " ".join(result.output.split())
