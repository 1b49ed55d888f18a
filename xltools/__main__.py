"""Run the command line as ``python -m xltools``, for systems where scripts are not on the path."""

from xltools.cli import main

if __name__ == "__main__":
    main()
