"""Findings: what a step of the flow has to report on a return or a file, as data; and the
catalogue of codes, from which their sentences are made.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import Self

from xltools.model.form import Form, Severity
from xltools.model.text import listed
from xltools.model.wording import Phrase, Value, in_words

TRIAL = "试行"
"""The mark of findings of rules on trial, in workbooks, on the terminal and on pages."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong with a return or a file, doubtful, or worth knowing.

    ``code``: of the catalogue, or of a rule of the form. ``cells`` (A1, all on ``sheet``) and
    ``items`` (names) run in parallel as far as both are given; the first is where to look.
    ``labels``: what is printed there. ``found``, ``expected`` and ``detail`` are the values for
    the placeholders of the same names in the catalogue's message. ``explanation``: what the unit
    has written about it. ``trial``: the rule is only being tried out; its findings are marked as
    such and are never more than notes. ``decision``: why the coordinator accepts it, and who did;
    it is settled then.
    """

    code: str
    severity: Severity
    unit: str = ""
    path: str = ""
    sheet: str = ""
    cells: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    labels: str = ""
    found: Value = ""
    expected: Value = ""
    detail: Value = ""
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
    coordinator says so. ``to_unit``: it is for the unit to mend; ``unit_message`` and
    ``unit_remedy`` are its message and remedy as the unit reads them in a workbook that was made
    for it.
    """

    code: str
    severity: Severity
    meaning: str
    message: str
    remedy: str
    acceptable: bool
    about: frozenset[Topic] = frozenset()
    to_unit: bool = True
    unit_message: str = ""
    unit_remedy: str = ""


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
            unit_message=body.get("unit_message", body["message"]),
            unit_remedy=body.get("unit_remedy", body["remedy"].replace("请单位", "请")),
        )
        for code, body in data.items()
    }


def finding(code: str, **fields: Value | tuple[str, ...]) -> Finding:
    """A finding of the catalogue, with the severity it has there."""
    return Finding(code=code, severity=catalogue()[code].severity, **fields)  # type: ignore[arg-type]  # because the fields are passed on as they are


def why_unread(code: str, detail: Value) -> str:
    """Why a file could not be read: the catalogue's message for the code of a ReadError, with what
    the error says in particular.
    """
    return catalogue()[code].message.format(found=in_words(detail) or "无法识别")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The sentences of findings, from the catalogue and from the rules of one form.

    ``rules``: the message of each rule of the form by its code. ``totals``: the codes of the rules
    by which a total is the sum of its parts.
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

    def message(self, finding: Finding) -> str:
        """One sentence: the place, what was found, what was expected and what to do."""
        cells = listed(finding.cells, 6, more="等{}格")
        where = " ".join(x for x in (finding.sheet, cells) if x)
        where += f"（{finding.labels}）" if finding.labels else ""
        remedy = self.entry(finding).remedy
        return (f"{where}：" if where else "") + self.fact(finding) + remedy

    def fact(self, finding: Finding) -> str:
        """What was found, without the place and what to do."""
        return self._filled(self.entry(finding).message, finding, self.rule(finding))

    def entry(self, finding: Finding) -> CatalogueEntry:
        """What the catalogue has for a finding, be it of a form's own rule."""
        entry = catalogue().get(finding.code)
        return entry or catalogue()[shared(finding.severity, total=finding.code in self.totals)]

    def rule(self, finding: Finding) -> str:
        """What the form's rule says; its code where there is none."""
        return self.rules.get(finding.code, finding.code)

    def unit_message(self, finding: Finding, *, rule: bool = True) -> str:
        """What was found as the unit reads it, without the place; without the rule where a line
        before has named it (``rule`` false).
        """
        text = self.entry(finding).unit_message
        return self._filled(text, finding, self.rule(finding) if rule else "").removeprefix("：")

    @staticmethod
    def _filled(text: str, finding: Finding, rule: str) -> str:
        return text.format(
            found=in_words(finding.found) or Phrase.BLANK.value,
            expected=in_words(finding.expected),
            detail=in_words(finding.detail),
            rule=rule,
        )


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


def acceptable(finding: Finding) -> bool:
    """Whether a coordinator may merge a return in spite of this finding."""
    entry = catalogue().get(finding.code)
    return entry is None or entry.acceptable
