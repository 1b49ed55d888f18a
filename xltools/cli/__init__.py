"""The command line: it reads options, calls the other rooms and prints messages. It contains no
logic of its own.
"""

import sys
from typing import NoReturn

_READING = ("check", "read", "diff")  # commands that read files at once, and nothing else


def main() -> NoReturn:
    """Run the command and end the process with its exit status, see `app.main`. A process that is
    certain to be needed is started first, and gets ready while this one imports the commands.
    """
    if len(sys.argv) > 2 and sys.argv[1] in _READING:
        from xltools.inbox.processes import start_ahead

        start_ahead()
    from xltools.cli import app

    app.main()
