"""A roster to an outbox: a workbook a unit, and the list of what goes to whom."""

import hashlib
import secrets
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from xltools.files import put
from xltools.generate.dispatch import DISPATCH, Line, read_password, write_dispatch
from xltools.generate.draft import Subject
from xltools.generate.template import build
from xltools.layout import Layout
from xltools.numbers import Number
from xltools.previous import Previous
from xltools.roster import Roster, Unit

_FORBIDDEN = {ord(c): "_" for c in '<>:"/\\|?*'} | dict.fromkeys(range(32), "_")
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is read wrongly aloud


class Fate(Enum):
    """What became of a workbook: new, unchanged, or another one stood there and was left."""

    WRITTEN = "written"
    SAME = "same"
    KEPT = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One unit's workbook."""

    unit: str
    path: Path
    fate: Fate


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """What ``fill_outbox`` did. ``unclaimed``: names of last year's file whose carry-over no unit
    of the roster takes up, with the sum of it.
    """

    made: tuple[Made, ...]
    listing: Path
    listing_kept: Path | None
    unclaimed: tuple[tuple[str, Number], ...]


def fill_outbox(
    layout: Layout,
    roster: Roster,
    *,
    year: int,
    out: Path,
    previous: Previous | None = None,
    password: str = "",
    force: bool = False,
) -> Outbox:
    """Write the workbooks of all units that file by themselves, and 发放清单.xlsx, into ``out``.

    An existing different workbook is left alone unless ``force``. The password is the one given,
    else that of the list already there, else a random one. Raises ValueError for a password that
    cannot be used, OSError when the folder cannot be written.
    """
    listing = out / DISPATCH
    password = password or read_password(listing) or new_password()
    made, lines = [], []
    for unit, name in file_names(layout, roster, year):
        subject = Subject(
            year=year,
            unit=unit.name,
            code=unit.code,
            category=unit.category or "",
            text=unit.text.value,
            priors=previous.of(unit, roster) if previous is not None else {},
        )
        path, data = out / name, build(layout, subject, password)
        fate = Fate.WRITTEN
        if path.exists() and not force:
            fate = Fate.SAME if path.read_bytes() == data else Fate.KEPT
        if fate is Fate.WRITTEN:
            put(path, data)
        digest = hashlib.sha256(data if fate is not Fate.KEPT else path.read_bytes()).hexdigest()
        made.append(Made(unit=unit.name, path=path, fate=fate))
        lines.append(Line(unit=unit, file=name, sha256=digest, kept=fate is Fate.KEPT))
    placed = write_dispatch(listing, lines, password, f"{year}年{layout.form.short}")
    return Outbox(
        made=tuple(made),
        listing=placed.path,
        listing_kept=placed.kept,
        unclaimed=unclaimed(layout, roster, previous),
    )


def new_password() -> str:
    """Ten letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(10))


def file_names(layout: Layout, roster: Roster, year: int) -> list[tuple[Unit, str]]:
    """Each filing unit with the name of its workbook: no two alike, even without regard to case."""
    taken: set[str] = set()
    names = []
    for unit in roster.filers:
        stem = f"{year}年{layout.form.short}_{unit.name.translate(_FORBIDDEN)[:60]}".rstrip(". ")
        name, number = f"{stem}.xlsx", 2
        while name.casefold() in taken:
            name, number = f"{stem}_{number}.xlsx", number + 1
        taken.add(name.casefold())
        names.append((unit, name))
    return names


def unclaimed(
    layout: Layout, roster: Roster, previous: Previous | None
) -> tuple[tuple[str, Number], ...]:
    """Names of last year's file with figures to carry over that no filing unit takes up."""
    if previous is None:
        return ()
    carried = set(layout.form.carried.values())
    taken = previous.taken(roster)
    lost = []
    for name, figures in previous.figures.items():
        total: Number = 0
        for item in carried & set(figures):
            total = total + figures[item]
        if total and name not in taken:
            lost.append((name, total))
    return tuple(lost)
