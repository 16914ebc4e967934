#!/usr/bin/env python3
"""Ameublement's command line: `python run_installation.py [run|check|moods|…]`; without a command it runs."""

import os
import sys

# Python itself has loaded both; whatever else is imported up here would answer Ctrl-C with a traceback.
HERE = os.path.dirname(os.path.realpath(__file__))


def _use_own_python(missing: str) -> None:
    """Start again with the virtual environment's Python, if there is one and this is not it already."""
    environment = os.path.join(HERE, ".venv")
    own = os.path.join(environment, "bin", "python")
    if os.path.exists(own) and os.path.realpath(sys.prefix) != os.path.realpath(environment):
        os.execv(own, [own, os.path.join(HERE, "run_installation.py"), *sys.argv[1:]])
    sys.exit(f"The Python package {missing!r} is missing. `make setup` in {HERE} installs everything that is needed.")


def main() -> None:
    """Run the command that was asked for, or `run`; a problem the user can solve is printed without a traceback."""
    try:
        from engine.cli.__main__ import command_line
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
