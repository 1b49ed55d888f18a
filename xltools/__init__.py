"""xltools: official reporting tables, from a declared form to a checked summary."""

from xltools.version import __version__

__all__ = ["__version__"]
