"""Inboxes as the tests make them: returns of real templates, filled in by code, no office."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from support.filled import FORM, LAYOUT, consistent
from support.outlook import Attached, Outlook
from support.typed import typed
from xltools.model.identity import COVER, FIELDS, ZERO
from xltools.model.numbers import Number, stored
from xltools.template.build import build
from xltools.template.opening import Subject

YEAR = 2025
INPUTS = frozenset(i.name for i in FORM.inputs())


@cache
def figures(seed: int) -> Mapping[str, Number]:
    """All 200 figures of a return in which everything holds."""
    return {name: n for name, n in consistent(seed, typed=False).figures.items() if n is not None}


@cache
def template(unit: str) -> bytes:
    """The blank template of a unit."""
    return build(LAYOUT, Subject(year=YEAR, unit=unit), "secret")


@cache
def filled_in(unit: str, seed: int) -> bytes:
    """A good return; its totals are formulas without results, as some programs save them."""
    cells: dict[str, str | int | float] = {
        str(LAYOUT.address(FORM.by_name[name])): stored(value)
        for name, value in figures(seed).items()
        if name in INPUTS
    }
    cells[f"{COVER}!C{FIELDS[ZERO] + 1}"] = "是"
    return typed(template(unit), cells, results=False)


def values(seed: int) -> dict[str, int | float]:
    """The figures as the JSON has them."""
    return {name: stored(number) for name, number in figures(seed).items()}


def files(folder: Path) -> dict[bytes, tuple[int, int, int]]:
    """Everything below a folder, no link followed: mode, size and date by name.

    Names are bytes, since those of other systems may be no text here.
    """
    found = {}
    top = os.fsencode(folder)
    for parent, folders, names in os.walk(top):
        for name in (*folders, *names):
            path = os.path.join(parent, name)  # noqa: PTH118 # bytes
            state = os.lstat(path)
            found[os.path.relpath(path, top)] = (
                (state.st_mode, 0, 0) if name in folders
                else (state.st_mode, state.st_size, state.st_mtime_ns)
            )  # fmt: skip
    return found


def outlook(sender: str, sent: datetime, subject: str, attachments: Mapping[str, bytes]) -> bytes:
    """A mail as Outlook saves it, with files attached. ``sent``: with its zone."""
    attached = [Attached(name=name, data=data) for name, data in attachments.items()]
    return Outlook(subject=subject, sender=sender, name="", sent=sent, attached=attached).file()


SENT = datetime(2026, 1, 12, 1, 30, tzinfo=UTC)
