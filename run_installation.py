#!/usr/bin/env python3
"""Ameublement's command line: `python run_installation.py [run|check|moods|…]`; without a command it runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def _use_own_python(missing: str) -> None:
    """Start again with the virtual environment's Python, if there is one and this is not it already."""
    own = HERE / ".venv" / "bin" / "python"
    if own.exists() and Path(sys.prefix).resolve() != (HERE / ".venv").resolve():
        os.execv(own, [str(own), str(HERE / "run_installation.py"), *sys.argv[1:]])
    sys.exit(f"The Python package {missing!r} is missing. `make setup` in {HERE} installs everything that is needed.")


def main() -> None:
    """Run the command that was asked for, or `run`; a problem the user can solve is printed without a traceback."""
    try:
        from engine.cli.app import command_line
    except ModuleNotFoundError as error:
        if error.name and error.name.split(".")[0] in ("engine", "models"):
            raise
        _use_own_python(error.name or "?")
    command_line()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:  # before a command has begun
        sys.exit(130)
