"""The version of this package, as templates, summaries and the command line name it."""

from typing import Final

__version__: Final = "0.1.0"
