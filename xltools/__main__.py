"""``python -m xltools``, where scripts are not on the path."""

from xltools.cli.app import main

main()
