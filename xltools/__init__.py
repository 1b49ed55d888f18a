"""xltools: official reporting tables, from a declared form to a checked summary.

The functions are documented in ``xltools.api``; ``docs/library.md`` shows how to use them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from xltools.version import __version__

if TYPE_CHECKING:
    from xltools.api import (
        build_template,
        check,
        collect,
        load_form,
        read_return,
        write_summary,
    )
    from xltools.model.errors import XltoolsError
    from xltools.model.findings import Finding
    from xltools.model.form import Form, Item, Severity
    from xltools.model.returns import Return, Status
    from xltools.model.roster import Roster, Unit
    from xltools.model.summary import Outcome, Summary

_HOMES = {
    "xltools.api": (
        *("build_template", "check", "collect", "load_form", "read_return", "write_summary"),
    ),
    "xltools.model.errors": ("XltoolsError",),
    "xltools.model.findings": ("Finding",),
    "xltools.model.form": ("Form", "Item", "Severity"),
    "xltools.model.returns": ("Return", "Status"),
    "xltools.model.roster": ("Roster", "Unit"),
    "xltools.model.summary": ("Outcome", "Summary"),
}

__all__ = [
    "Finding",
    "Form",
    "Item",
    "Outcome",
    "Return",
    "Roster",
    "Severity",
    "Status",
    "Summary",
    "Unit",
    "XltoolsError",
    "__version__",
    "build_template",
    "check",
    "collect",
    "load_form",
    "read_return",
    "write_summary",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used, so that the command line starts at once."""
    for home, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(home), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
