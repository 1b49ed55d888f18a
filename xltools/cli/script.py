"""The console script: one process, from its first line to its exit status."""

import signal
import sys
from types import FrameType
from typing import Final, NoReturn

_INTERRUPTED: Final = 130  # as shells have it: 128 and the number of the signal


def main() -> NoReturn:
    """Run the command and end the process with its exit status.

    Ctrl-C counts once, at any moment until the status is known: then the status is 130, or that
    of the command where it was done already. After that the interpreter takes itself apart
    undisturbed; a signal that met it there would end the process in its own way.
    """
    signal.signal(signal.SIGINT, _interrupt)
    try:
        try:
            from xltools.cli.app import run  # within: importing it takes a moment too

            status = run()
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
    except KeyboardInterrupt:
        status = _INTERRUPTED
    sys.exit(status)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """Raise KeyboardInterrupt, and hear no further Ctrl-C while the command cleans up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt
