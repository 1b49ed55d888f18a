"""The command line: options in, messages out. No logic of its own."""

from xltools.cli.script import main

__all__ = ["main"]
