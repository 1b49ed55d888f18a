"""The command line: it reads options, calls the other rooms and prints messages. It contains no
logic of its own.
"""

from typing import NoReturn


def main() -> NoReturn:
    """Run the command and end the process with its exit status, see `app.main`. The commands are
    imported here and not above, because each worker process imports the script that calls this.
    """
    from xltools.cli import app

    app.main()
