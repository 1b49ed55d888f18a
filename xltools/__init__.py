"""xltools: official reporting tables, from a declared form to a checked summary."""

__version__ = "0.1.0"
