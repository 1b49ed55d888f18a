"""The command line: it reads options, calls the other rooms and prints messages. It contains no
logic of its own.
"""

from xltools.cli.app import main

__all__ = ["main"]
