"""``python -m xltools``, where scripts are not on the path."""

from xltools.cli.script import main

main()
