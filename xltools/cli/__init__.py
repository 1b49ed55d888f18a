"""The command line: options in, messages out. No logic of its own."""

from xltools.cli.app import main

__all__ = ["main"]
