"""The summary of a district for a year: the returns that are in, the units that are missing, and
the sums.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

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

    from xltools.model.decisions import AppliedDecision, Matter


class Outcome(Enum):
    """What became of a document; `OUTCOMES` has the words for people."""

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
    """A document that came in, as the summary lists it.

    ``path``: its path below the inbox, with slashes, continued into archives and mails. ``sha256``:
    of its bytes, in hexadecimal. ``unit``: the unit's name in the roster, or as the document gives
    it; empty if unknown. ``date``: of the mail that it came in, or else of the file. ``reason``:
    why it is not merged; ``wording.in_words`` turns it into words. ``version``: that of the program
    which wrote its template. ``size``: in bytes, None if unknown. ``file``: the file of the inbox
    that contains it (an archive, a mail); empty if it is such a file itself. ``sender`` and
    ``subject``: of the innermost mail that it came in. ``kind``: the kind of file, None if unknown.
    ``companion``: it was sent along with the unit's workbook (a Word document, a PDF, a scan) and
    is ignored for that reason.
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
    """A note on a figure that is not simply what the unit's document says.

    ``corrected``: True if a decision corrected it, False if it was taken from another document.
    """

    note: Value
    corrected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureChange:
    """A figure that differs between two successive returns of a unit: its item number, its cell,
    and the contents before and after, in words.
    """

    item: int
    place: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A return that a unit sent, and how it differs from the one that the unit sent before.

    ``changes``: the figures that differ; ``prose``: whether texts, explanations or declarations
    differ.
    """

    path: str
    date: datetime | None
    changes: tuple[FigureChange, ...] = ()
    prose: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedReturn:
    """A return that is merged into the summary.

    ``numbers``: a number for every item of the form, totals recomputed; they are packed, so whoever
    reads many of them makes a list of them first. ``accepted``: it is merged
    in spite of fatal findings, as the coordinator decided. ``marks``: notes on figures, by item
    number. ``unit``: as in the roster; without a roster, a Unit with a name only.
    """

    unit: Unit
    document: Document
    ret: Return
    numbers: Sequence[Number]
    accepted: bool = False
    marks: Mapping[int, FigureMark] = field(default_factory=dict)

    @property
    def counted(self) -> bool:
        """Whether its figures are part of the district's sums."""
        return self.unit.counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The summary of a district for a year.

    ``entries``: the merged returns, in the order of the roster. ``documents``: everything that came
    in, by path. ``missing``: the expected units from which nothing came. ``totals``: the sums of
    the counted entries by item number, None for an item that must not be added up. ``states``: the
    state of each rule instance of the form on the totals. ``prior``: last year's totals by item
    number, of the items that rules use, where known; ``before``: the same of the items that the
    form's overview shows. ``inbox``: the folder to which the paths of documents are relative, for
    links; None for no links. ``version``: that of this program. ``returns``: the return of every
    document that was read as one, merged or not, by the document's path. ``decisions``: all
    decisions, with what became of each; ``matters``: the open matters that can be decided.
    ``rounds``: what each unit sent, in order. ``remarks``: by unit, what people wrote on the
    previous version of the summary workbook.
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
    before: Mapping[int, Number] = field(default_factory=dict)
    district: str = ""
    inbox: Path | None = None
    version: str = ""
    returns: Mapping[str, Return] = field(default_factory=dict)
    decisions: "tuple[AppliedDecision, ...]" = ()
    matters: "tuple[Matter, ...]" = ()
    rounds: Mapping[str, tuple[Round, ...]] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)

    @property
    def expected(self) -> int:
        """How many units must be in the summary; without a roster, as many as there are entries."""
        return len(self.entries) if self.roster is None else len(self.roster.expected)

    @property
    def clean(self) -> bool:
        """Whether there is at least one entry and nothing is left to do: no unit is missing, no
        document was rejected or unreadable, and no finding is open.
        """
        lost = (Outcome.REJECTED, Outcome.UNREADABLE)
        return not (
            not self.entries
            or self.missing
            or any(d.outcome in lost for d in self.documents)
            or any(f.open for f in self.findings)
        )

    def to_frame(self) -> "pd.DataFrame":
        """The merged returns as a DataFrame: one row for each unit (index 单位), one column for
        each item.

        The columns are a MultiIndex of the part, row labels and column labels as printed, in the
        order of the form. Counts are integers and amounts floats; where sums must be exact to the
        last digit, use ``totals``. Units that are not counted in the district's figures are left
        out. Raises MissingPandasError if pandas is not installed (``xltools[pandas]``).
        """
        counted = [entry for entry in self.entries if entry.counted]
        units = [entry.unit.name for entry in counted]
        return figures_by_unit(self.form, units, [list(entry.numbers) for entry in counted])

    @property
    def covered(self) -> int:
        """How many of the expected units are in the summary, with their own return or that of the
        unit through which they file; without a roster, the number of units that are.
        """
        merged = {entry.unit.name for entry in self.entries}
        if self.roster is None:
            return len(merged)
        return sum(self.roster.covered_by(u).name in merged for u in self.roster.expected)


class Place(Enum):
    """What has become of a unit this year; the values are the words for people."""

    MERGED = "已汇总"
    NOT_COUNTED = "不计入"
    REJECTED = "退回"
    MISSING = "未报"
    THROUGH = "合并报送"
    EXEMPT = "免报"
    ABOLISHED = "撤销"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitStanding:
    """The standing of a unit: of the roster (``listed``), or of one that is not in the roster but
    sent something.

    ``place``: what has become of it. ``entry``: its merged return, None if there is none.
    ``documents``: those of its documents that were not ignored, the merged one first. ``counts``:
    the number of its findings by severity. ``companions``: what it sent along with its workbook.
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
        """The standing in words, as people see it."""
        if self.place is Place.THROUGH:
            return f"由{self.unit.files_through}合并报送"
        return str(self.place.value)


def standings(summary: Summary) -> tuple[UnitStanding, ...]:
    """The standing of every unit: first those of the roster, in its order, then others that sent
    something.
    """
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
    # Documents are sorted by outcome: merged ones first, then rejected ones, which people look for.
    order = list(Outcome)
    return tuple(
        UnitStanding(
            unit=unit,
            listed=number < len(listed),
            place=_place(unit, entries.get(name), papers.get(name, ())),
            entry=entries.get(name),
            documents=tuple(sorted(papers.get(name, ()), key=lambda d: order.index(d.outcome))),
            counts=counts.get(name, {}),
            companions=tuple(along.get(name, ())),
        )
        for number, (name, unit) in enumerate(units.items())
    )


def _place(
    unit: Unit, entry: MergedReturn | None, papers: tuple[Document, ...] | list[Document]
) -> Place:
    """What has become of a unit. ``entry``: its merged return, if any; ``papers``: what it sent."""
    if entry is not None:
        return Place.MERGED if entry.counted else Place.NOT_COUNTED
    if papers and not unit.files_through:
        return Place.REJECTED
    if unit.state is not UnitState.REGISTERED:
        return Place.ABOLISHED if unit.state is UnitState.ABOLISHED else Place.EXEMPT
    return Place.THROUGH if unit.files_through else Place.MISSING
