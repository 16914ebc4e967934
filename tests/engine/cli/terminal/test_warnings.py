"""Warnings as lines of a command, while it works and no longer."""

from __future__ import annotations

import io
import logging

import pytest
from rich.console import Console

from engine.cli.terminal.warnings import warnings_printed


@pytest.mark.parametrize("module", ["engine.sound", "models.textures"])
def test_a_warning_is_a_line_while_a_command_works(module: str) -> None:
    told = io.StringIO()
    log = logging.getLogger(module)
    with warnings_printed(Console(file=told, markup=False, width=20)):
        log.warning("skipped: %s", "a [long] name of a file.wav")
        log.info("nothing that anybody has to know")
    log.warning("afterwards")
    assert told.getvalue() == "skipped: a [long] name of a file.wav\n"
