"""The version of this package; templates, summaries and the command line state it."""

from typing import Final

__version__: Final = "0.1.0"
