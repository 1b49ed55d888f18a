"""The coordinator's desk: an inbox, a roster, decisions, and how it is collected."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from support import declared as forms
from support.filled import FORM, LAYOUT
from support.jobs import GOOD, TODAY, filled
from xltools.inbox.plain import from_plain, to_plain
from xltools.inbox.reading import ReadFailure, Reading, read
from xltools.layout.places import Layout
from xltools.ledgers.decisions import load as load_decisions
from xltools.ledgers.decisions_file import updated
from xltools.match.matcher import Matcher
from xltools.model.decisions import Decisions
from xltools.model.limits import Limits, use
from xltools.model.record import Origin
from xltools.model.roster import Roster, Unit
from xltools.readers.containers import rar
from xltools.readers.documents import office as older
from xltools.steps import Job, collect

CELL = "t2.licences.decisions"  # no balance rule looks at it
PROGRAMS = os.environ["PATH"]
OFFICE = older.program
DISTRICT = Unit(name="宿城区民政局"), Unit(name="宿城区教育局"), Unit(name="宿城区审计局")
RARS = Path(__file__).parent.parent / "data" / "rar"


@dataclass
class Desk:
    """The coordinator's desk: an inbox, a roster, decisions, and how it is collected.

    ``failing``: what happens to the reading process. ``patch``: hides and brings back programs.
    """

    home: Path
    patch: pytest.MonkeyPatch
    roster: dict[str, Unit] = field(default_factory=lambda: {"甲局": Unit(name="甲局")})
    passwords: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    failing: str = ""
    layout: Layout = LAYOUT

    def __post_init__(self) -> None:
        self.inbox.mkdir()
        self.programs(there=True)

    @property
    def inbox(self) -> Path:
        return self.home / "in"

    @property
    def file(self) -> Path:
        return self.inbox / "甲局.xlsx"

    @property
    def ledger(self) -> Path:
        return self.home / "决定.xlsx"

    @property
    def form(self) -> Any:
        return self.layout.form

    def programs(self, *, there: bool) -> None:
        """Whether the computer has the programs for packed archives and older documents."""
        self.patch.setenv("PATH", PROGRAMS if there else "")
        self.patch.setattr(older, "program", OFFICE if there else lambda: "")
        rar.installed_programs.cache_clear()

    def send(self, name: str = "甲局.xlsx", unit: str = "甲局", **more: Any) -> Path:
        return filled(self.inbox / name, unit, more.pop("figures", GOOD), **more)

    def collected(self) -> Any:
        roster = Roster(units=tuple(self.roster.values()))
        made = Decisions()
        if self.ledger.is_file():
            made = load_decisions(self.ledger, self.layout, roster)
        job = Job(
            layout=self.layout, inbox=self.inbox, roster=roster, year=2025,
            passwords=self.passwords, limits=self.limits, decisions=made,
        )  # fmt: skip
        return collect(job)

    def codes(self) -> list[str]:
        """What is said and not settled by a decision."""
        return [f.code for f in self.collected().findings if not f.decision]

    def decide(self) -> None:
        """As the command does: collect, then bring the table of decisions up to date."""
        data = updated(self.ledger, self.collected(), TODAY)
        assert data is not None
        self.ledger.write_bytes(data)

    def read(self, files: Sequence[tuple[str, Path]]) -> Iterator[tuple[int, list[Reading]]]:
        """In this process: starting another for each code would take minutes."""
        use(self.limits)
        for number, (name, path) in enumerate(files):
            if self.failing == "vanish":
                path.unlink()
            if self.failing.startswith("F-"):
                yield number, [ReadFailure(source=Origin(path=name), code=self.failing)]
                continue
            readings = read(name, path, self, self.passwords)  # type: ignore[arg-type]  # because this desk stands in for a matcher that runs out of memory
            yield number, [self._kept(reading) for reading in readings]

    @staticmethod
    def _kept(reading: Reading) -> Reading:
        """The reading after it was written and read again, as what is kept of files is."""
        again = from_plain(json.loads(json.dumps(to_plain(reading))))
        assert again == reading
        return reading

    def match(self, book: Any) -> Any:
        if self.failing == "memory":
            raise MemoryError
        return matcher(self.form.name).match(book)


@cache
def matcher(form: str) -> Matcher:
    return Matcher(LAYOUT if form == FORM.name else forms.laid_out(form))


Act = Callable[[Desk], object]
