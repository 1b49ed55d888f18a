"""The summary of a district: the returns that are in, those that are not, and the sums."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from xltools.model.decisions import AppliedDecision, Matter
from xltools.model.file_kinds import FileKind
from xltools.model.findings import Finding
from xltools.model.form import Form, Severity
from xltools.model.frames import figures_by_unit
from xltools.model.numbers import Number
from xltools.model.returns import Return, RuleState
from xltools.model.roster import Roster, Unit, UnitState
from xltools.model.wording import Value

if TYPE_CHECKING:
    import pandas as pd


class Outcome(Enum):
    """What became of a document; the words for people are in `OUTCOMES`."""

    MERGED = "merged"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"
    IGNORED = "ignored"
    UNREADABLE = "unreadable"


OUTCOMES: Mapping[Outcome, str] = {
    Outcome.MERGED: "已汇总",
    Outcome.REJECTED: "退回",
    Outcome.SUPERSEDED: "被取代",
    Outcome.IGNORED: "非报送文件",
    Outcome.UNREADABLE: "无法读取",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that came in. ``path``: below the inbox, with slashes, also through archives
    and mails. ``sha256``: of its bytes.

    ``file``: the file of the inbox that holds it, where that is another (an archive, a mail).
    ``unit``: the name in the roster, or as found, or empty. ``date``: of the mail or the file.
    ``sender``: the address that mailed it; ``subject``: of its mail. ``reason``: why it is not
    merged, which ``wording.in_words`` puts into words. ``version``: of the program that wrote its
    template. ``size``: bytes, None when not known. ``kind``: what kind of file it is, where that is
    known. ``companion``: it was sent along with the unit's workbook (Word, PDF, a scan) and is
    ignored for that.
    """

    path: str
    sha256: str
    outcome: Outcome
    unit: str = ""
    date: datetime | None = None
    reason: Value = ""
    version: str = ""
    size: int | None = None
    file: str = ""
    sender: str = ""
    subject: str = ""
    kind: FileKind | None = None
    companion: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureMark:
    """What is to be known of a figure that is not simply what the document says.

    ``corrected``: by a decision (else: taken from another document).
    """

    note: Value
    corrected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureChange:
    """A figure that is another in a unit's next return: its item, cell, and contents in words."""

    item: int
    place: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A return that a unit sent, and what changed in it from the one before.

    ``prose``: texts, explanations or declarations changed too.
    """

    path: str
    date: datetime | None
    changes: tuple[FigureChange, ...] = ()
    prose: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedReturn:
    """A merged return.

    ``numbers``: every item of the form, totals recomputed. ``accepted``: merged in spite of
    fatal findings, because the coordinator said so. ``marks``: of figures, by item. Where
    there is no roster, ``unit`` is a Unit that has a name only.
    """

    unit: Unit
    document: Document
    ret: Return
    numbers: tuple[Number, ...]
    accepted: bool = False
    marks: Mapping[int, FigureMark] = field(default_factory=dict)

    @property
    def counted(self) -> bool:
        """Whether its figures are part of the district's."""
        return self.unit.counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A district's year. Entries stand in the order of the roster.

    ``totals``: every item, over the entries that are counted, None where it is not to be added
    up. ``states``: how each rule instance
    of the form stands on the totals. ``prior``: last year's totals, where known. ``missing``:
    expected units of which nothing came in. ``inbox``: the folder that document paths start
    from, for links; None for no links. ``version``: of this program. ``returns``: what was read
    of every document that is a return, merged or not, by its path. ``decisions``: all that
    were given, and how they stand; ``matters``: what is open and may be decided. ``rounds``: what
    each unit sent, in order. ``remarks``: what people wrote on the former summary, by unit.
    """

    form: Form
    year: int
    entries: tuple[MergedReturn, ...]
    documents: tuple[Document, ...]
    roster: Roster | None
    missing: tuple[str, ...]
    findings: tuple[Finding, ...]
    totals: tuple[Number | None, ...]
    states: tuple[RuleState, ...]
    prior: Mapping[int, Number] = field(default_factory=dict)
    district: str = ""
    inbox: Path | None = None
    version: str = ""
    returns: Mapping[str, Return] = field(default_factory=dict)
    decisions: tuple[AppliedDecision, ...] = ()
    matters: tuple[Matter, ...] = ()
    rounds: Mapping[str, tuple[Round, ...]] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)

    @property
    def expected(self) -> int:
        """How many units have to be in; without a roster, as many as are."""
        return len(self.entries) if self.roster is None else len(self.roster.expected)

    @property
    def clean(self) -> bool:
        """Whether something is in and nothing left to be done: none missing, sent back or unread,
        no open query.
        """
        lost = (Outcome.REJECTED, Outcome.UNREADABLE)
        return not (
            not self.entries
            or self.missing
            or any(d.outcome in lost for d in self.documents)
            or any(f.open for f in self.findings)
        )

    def to_frame(self) -> "pd.DataFrame":
        """The merged returns as a DataFrame: a row a unit (index 单位), a column an item.

        The columns are a MultiIndex of part, stub and spanner as printed, in the order of the
        form. Counts are integers; amounts are floats: for sums to the last digit use ``totals``.
        Units that are not counted in the district's figures are left out. Raises
        MissingPandasError without pandas (``xltools[pandas]``).
        """
        counted = [entry for entry in self.entries if entry.counted]
        units = [entry.unit.name for entry in counted]
        return figures_by_unit(self.form, units, [entry.numbers for entry in counted])

    @property
    def covered(self) -> int:
        """How many of the expected units are in, be it through another."""
        merged = {entry.unit.name for entry in self.entries}
        if self.roster is None:
            return len(merged)
        return sum(self.roster.covered_by(u).name in merged for u in self.roster.expected)


class Place(Enum):
    """Where a unit stands; the words that people see."""

    MERGED = "已汇总"
    NOT_COUNTED = "不计入"
    REJECTED = "退回"
    MISSING = "未报"
    THROUGH = "合并报送"
    EXEMPT = "免报"
    ABOLISHED = "撤销"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitStanding:
    """A unit of the roster (or one that sent something without being in it: not ``listed``).

    ``documents``: its own, the one that counts first; ``companions``: what was sent along with
    it. ``counts``: its findings by severity.
    """

    unit: Unit
    listed: bool
    place: Place
    entry: MergedReturn | None
    documents: tuple[Document, ...]
    counts: Mapping[Severity, int]
    companions: tuple[Document, ...] = ()

    @property
    def words(self) -> str:
        """The state as people see it."""
        if self.place is Place.THROUGH:
            return f"由{self.unit.files_through}合并报送"
        return str(self.place.value)


def standings(summary: Summary) -> tuple[UnitStanding, ...]:
    """Every unit of the roster in its order, then the others that sent something."""
    listed = () if summary.roster is None else tuple(summary.roster)
    units = {unit.name: unit for unit in listed}
    for entry in summary.entries:
        units.setdefault(entry.unit.name, entry.unit)
    papers: dict[str, list[Document]] = {}
    along: dict[str, list[Document]] = {}
    for document in summary.documents:
        if document.companion:
            along.setdefault(document.unit, []).append(document)
        if document.unit and document.outcome is not Outcome.IGNORED:
            units.setdefault(document.unit, Unit(name=document.unit))
            papers.setdefault(document.unit, []).append(document)
    entries = {entry.unit.name: entry for entry in summary.entries}
    counts: dict[str, Counter[Severity]] = {}
    for finding in summary.findings:
        counts.setdefault(finding.unit, Counter())[finding.severity] += 1
    # The merged one first, then those that were sent back: these are what a person looks for.
    order = list(Outcome)
    return tuple(
        UnitStanding(
            unit=unit,
            listed=number < len(listed),
            place=_place(unit, entries.get(name), papers.get(name, ())),
            entry=entries.get(name),
            documents=tuple(sorted(papers.get(name, ()), key=lambda d: order.index(d.outcome))),
            counts=counts.get(name, Counter()),
            companions=tuple(along.get(name, ())),
        )
        for number, (name, unit) in enumerate(units.items())
    )


def _place(
    unit: Unit, entry: MergedReturn | None, papers: tuple[Document, ...] | list[Document]
) -> Place:
    if entry is not None:
        return Place.MERGED if entry.counted else Place.NOT_COUNTED
    if papers and not unit.files_through:
        return Place.REJECTED
    if unit.state is not UnitState.REGISTERED:
        return Place.ABOLISHED if unit.state is UnitState.ABOLISHED else Place.EXEMPT
    return Place.THROUGH if unit.files_through else Place.MISSING
