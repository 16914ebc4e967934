"""`python -m engine.cli`: the command line of an installed package, for processes that it starts itself."""

from engine.cli.app import command_line

command_line()
