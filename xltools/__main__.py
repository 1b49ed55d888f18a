"""Run the command line as ``python -m xltools``, for systems where scripts are not on the path."""

from xltools.cli.app import main

main()
