"""Findings: what is to be said of a return, as data. The words are made from the catalogue."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import Self

from xltools.model.form import Form, Severity
from xltools.model.text import listed

TRIAL = "试行"
"""How what a rule on trial says is marked, everywhere."""


class Topic(Enum):
    """What a code is about, beyond its severity: by this, not by its code, a step of the flow knows
    the findings that it treats in a way of their own. The values are those of ``about`` in
    catalogue.toml; a code may have several, a rule of a form has none.
    """

    ANOTHER_TABLE = "another table"  # not the table that is asked for, whatever its figures
    ANOTHER_FORM = "another form"  # another form, or another edition of this one
    ANOTHER_EDITION = "another edition"
    ANOTHER_YEAR = "another year"
    NO_TABLE = "no table"  # the file holds no table of the form
    WHOSE = "whose"  # it is not clear which unit's return it is
    UNKNOWN_UNIT = "unknown unit"  # nothing says so, or only a name that the roster has not
    UNKNOWN_NAME = "unknown name"  # the return names a unit that the roster has not
    EVIDENCE = "evidence"  # the unit was concluded from what lies beside the workbook
    SEVERAL_RETURNS = "several returns"  # returns of one unit that exclude each other
    PARTS = "parts"  # of which each is only a part of the whole
    UNREACHABLE_FILE = "unreachable file"  # gone, or no permission: nothing is said of its content
    LOST = "lost"  # a table or lines of it were not found or cannot be read
    LOST_TABLE = "lost table"  # a whole table was not found
    UNREADABLE_TABLE = "unreadable table"  # a table that people can see and programs cannot read
    SEVERAL_COPIES = "several copies"  # a table that a file has several times, with other figures
    FILLED_ELSEWHERE = "filled elsewhere"  # a table left blank, of which another copy is filled in
    BLANK_RETURN = "blank return"  # the template as it was sent out
    SINGLE_FIGURE = "single figure"  # what one cell holds, whatever stands in the others
    IMPOSSIBLE_FIGURE = "impossible figure"  # a number that no cell of its kind may hold
    DOUBTFUL_UNIT = "doubtful unit"  # of measure: two readings of it are possible
    EXPLANATION = "explanation"  # an explanation of a unit that belongs to no other finding
    CHOSEN = "chosen"  # a decision of the coordinator was followed


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding.

    ``cells`` (A1, all on ``sheet``) and ``items`` (names) run in parallel as far as both are
    given; the first is where to look. ``labels``: what is printed there. ``detail``: further
    words for the message. ``explanation``: what the unit has said about it. ``trial``: of a rule
    that is only being tried out; told apart, and never more than a note. ``decision``: why the
    coordinator accepts it, and who; it is settled then.
    """

    code: str
    severity: Severity
    unit: str = ""
    path: str = ""
    sheet: str = ""
    cells: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    labels: str = ""
    found: str = ""
    expected: str = ""
    detail: str = ""
    explanation: str = ""
    trial: bool = False
    decision: str = ""

    @property
    def open(self) -> bool:
        """Whether somebody has to do something: fatal, or a query not explained; not decided."""
        if self.decision:
            return False
        fatal = self.severity is Severity.FATAL
        return fatal or (self.severity is Severity.QUERY and not self.explanation)

    def is_about(self, topic: Topic) -> bool:
        """Whether the catalogue says so of its code."""
        return is_about(self.code, topic)


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """A code of the catalogue. ``about``: its topics.

    ``acceptable``: a return with this fatal finding may be merged all the same when the
    coordinator says so. ``to_unit``: it is for the unit to mend; ``told`` and ``ask`` are its
    message and remedy as the unit reads them in a workbook that was made for it.
    """

    code: str
    severity: Severity
    meaning: str
    message: str
    remedy: str
    acceptable: bool
    about: frozenset[Topic] = frozenset()
    to_unit: bool = True
    told: str = ""
    ask: str = ""


@cache
def catalogue() -> Mapping[str, CatalogueEntry]:
    """Every code that does not come from a form, in order. Raises ValueError for a severity or a
    topic that there is not, KeyError for a text that is missing.
    """
    data = tomllib.loads((files("xltools.model") / "catalogue.toml").read_text("utf-8"))
    return {
        code: CatalogueEntry(
            code=code,
            severity=Severity(body["severity"]),
            meaning=body["meaning"],
            message=body["message"],
            remedy=body["remedy"],
            acceptable=body.get("acceptable", True),
            about=frozenset(map(Topic, body.get("about", ()))),
            to_unit=body.get("to") != "coordinator",
            told=body.get("told", body["message"]),
            ask=body.get("ask", body["remedy"].replace("请单位", "请")),
        )
        for code, body in data.items()
    }


def finding(code: str, **fields: str | tuple[str, ...]) -> Finding:
    """A finding of the catalogue, with the severity it has there."""
    return Finding(code=code, severity=catalogue()[code].severity, **fields)  # type: ignore[arg-type]  # because the fields are passed on as they are


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How findings read: what the form's own rules say by code, beside the catalogue.

    ``totals``: the rules that say that a total is the sum of its parts.
    """

    rules: Mapping[str, str] = field(default_factory=dict)
    totals: frozenset[str] = frozenset()

    @classmethod
    def of(cls, form: Form) -> Self:
        """The words of a form."""
        return cls(
            rules={rule.code: rule.message for rule in form.rules},
            totals=frozenset(rule.code for rule in form.rules if rule.total),
        )

    def message(self, one: Finding) -> str:
        """One sentence: what, where, found and expected, what to do."""
        cells = listed(one.cells, 6, more="等{}格")
        where = " ".join(x for x in (one.sheet, cells) if x) + (
            f"（{one.labels}）" if one.labels else ""
        )
        return (f"{where}：" if where else "") + self.fact(one) + self.entry(one).remedy

    def fact(self, one: Finding) -> str:
        """What was found, without the place and what to do."""
        return self._filled(self.entry(one).message, one, self.rule(one))

    def entry(self, one: Finding) -> CatalogueEntry:
        """What the catalogue has for a finding, be it of a form's own rule."""
        named = catalogue().get(one.code)
        return named or catalogue()[shared(one.severity, total=one.code in self.totals)]

    def rule(self, one: Finding) -> str:
        """What the form's rule says; its code where there is none."""
        return self.rules.get(one.code, one.code)

    def told(self, one: Finding, *, rule: bool = True) -> str:
        """What the unit is told, without the place; without the rule where that was said."""
        text = self._filled(self.entry(one).told, one, self.rule(one) if rule else "")
        return text.removeprefix("：")

    @staticmethod
    def _filled(text: str, one: Finding, rule: str) -> str:
        found = one.found or "空白"
        return text.format(found=found, expected=one.expected, detail=one.detail, rule=rule)


def shared(severity: Severity, *, total: bool) -> str:
    """The entry of the catalogue whose words a rule of a form has.

    ``total``: it says that a computed heading's formula holds.
    """
    if severity is Severity.FATAL:
        return "TOTAL" if total else "RULE"
    return "ASK" if severity is Severity.QUERY else "TRIED"


SHARED = ("RULE", "TOTAL", "ASK", "TRIED")
"""The entries that are no codes: the words of the rules of forms."""


def is_about(code: str, topic: Topic) -> bool:
    """Whether a code is about a topic; codes of forms are about none."""
    entry = catalogue().get(code)
    return entry is not None and topic in entry.about


def acceptable(one: Finding) -> bool:
    """Whether a coordinator may merge a return in spite of this finding."""
    entry = catalogue().get(one.code)
    return entry is None or entry.acceptable
