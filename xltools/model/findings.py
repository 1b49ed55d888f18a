"""Findings, which are what a step of the flow reports about a return or a file, as data; and the
catalogue of codes, which turns them into sentences.
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
"""How workbooks, the terminal and pages mark the findings of rules that are being tried out."""


class Topic(Enum):
    """What a code is about, beyond its severity. A step that treats some findings specially
    recognises them by topic and not by code. The values are those of ``about`` in catalogue.toml; a
    code may have several topics, and a form's own rules have none.
    """

    ANOTHER_TABLE = "another table"  # another table than the form's; its figures do not matter
    ANOTHER_FORM = "another form"  # another form, or another edition of this one
    ANOTHER_EDITION = "another edition"
    ANOTHER_YEAR = "another year"
    NO_TABLE = "no table"  # the file contains no table of the form
    WHOSE = "whose"  # it is not clear which unit's return it is
    UNKNOWN_UNIT = "unknown unit"  # no unit is named, or only one that is not in the roster
    UNKNOWN_NAME = "unknown name"  # the return names a unit that is not in the roster
    SEVERAL_RETURNS = "several returns"  # returns of one unit that exclude each other
    PARTS = "parts"  # several returns of a unit, each only a part of the whole
    UNREACHABLE_FILE = "unreachable file"  # missing or no permission; its content is not known
    CIRCUMSTANCE = "circumstance"  # due to this machine, a limit or the moment, not to the file
    LOST = "lost"  # a table or lines of it were not found or cannot be read
    LOST_TABLE = "lost table"  # a whole table was not found
    UNREADABLE_TABLE = "unreadable table"  # a table that people can see and programs cannot read
    SEVERAL_COPIES = "several copies"  # a file has a table several times, with different figures
    FILLED_ELSEWHERE = "filled elsewhere"  # a table is blank, but another copy of it is filled in
    BLANK_RETURN = "blank return"  # the template as it was sent out
    SINGLE_FIGURE = "single figure"  # the content of one cell, independent of all others
    IMPOSSIBLE_FIGURE = "impossible figure"  # a number that no cell of this type may contain
    DOUBTFUL_UNIT = "doubtful unit"  # a unit of measure that can be read in two ways
    EXPLANATION = "explanation"  # a unit's explanation that belongs to no other finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong with a return or a file, or doubtful, or worth knowing.

    ``code``: from the catalogue, or that of a rule of the form. ``cells`` (in A1 notation, all on
    ``sheet``) and ``items`` (names) are parallel as far as both are given; the first cell is where
    to look. ``labels``: the headings printed there. ``found``, ``expected`` and ``detail``: the
    values for the placeholders of the same names in the catalogue's message. ``explanation``: what
    the unit wrote about it. ``trial``: the finding comes from a rule that is being tried out; it is
    marked as such and never more than a note. ``decision``: if the coordinator has accepted it, who
    did so and why; the finding is then settled.
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
        """Whether somebody still has to do something about it: it is fatal, or a query without
        explanation, and the coordinator has not accepted it.
        """
        if self.decision:
            return False
        fatal = self.severity is Severity.FATAL
        return fatal or (self.severity is Severity.QUERY and not self.explanation)

    def is_about(self, topic: Topic) -> bool:
        """Whether its code is about ``topic``, according to the catalogue."""
        return is_about(self.code, topic)


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """A code of the catalogue. ``about``: its topics.

    ``acceptable``: the coordinator may have a return merged in spite of this finding. ``to_unit``:
    the unit is the one to correct it; ``unit_message`` and ``unit_remedy`` are then the message and
    the remedy in the workbook that is sent back to the unit.
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
    """Load the catalogue: its entries by code (or by one of the keys in `SHARED`), in the order of
    catalogue.toml. Raises ValueError if the file names an unknown severity or topic, KeyError if a
    text is missing there.
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
    """Make a finding with a code of the catalogue and the severity that the code has there.
    ``fields``: the other fields of `Finding`. Raises KeyError for an unknown code.
    """
    return Finding(code=code, severity=catalogue()[code].severity, **fields)  # type: ignore[arg-type]  # because the fields are passed on as they are


def why_unread(code: str, detail: Value) -> str:
    """The sentence that says why a file could not be read: the catalogue's message for ``code``,
    with ``detail`` filled in, both as in a `ReadError`.
    """
    return catalogue()[code].message.format(found=in_words(detail) or "无法识别")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Turns findings into sentences, with the texts of the catalogue and of the rules of one form.

    ``rules``: the message of each rule of the form by its code. ``totals``: the codes of the rules
    which say that a total is the sum of its parts.
    """

    rules: Mapping[str, str] = field(default_factory=dict)
    totals: frozenset[str] = frozenset()

    @classmethod
    def of(cls, form: Form) -> Self:
        """The sentences for findings of a form."""
        return cls(
            rules={rule.code: rule.message for rule in form.rules},
            totals=frozenset(rule.code for rule in form.rules if rule.total),
        )

    def message(self, finding: Finding) -> str:
        """The whole message of a finding: the place, what was found, what was expected and what to
        do.
        """
        return self.placed(finding) + self.entry(finding).remedy

    def placed(self, finding: Finding) -> str:
        """The place of a finding, what was found there and what was expected."""
        cells = listed(finding.cells, 6, more="等{}格")
        where = " ".join(x for x in (finding.sheet, cells) if x)
        where += f"（{finding.labels}）" if finding.labels else ""
        return (f"{where}：" if where else "") + self.fact(finding)

    def fact(self, finding: Finding) -> str:
        """What was found and what was expected, without the place and without what to do."""
        return self._filled(self.entry(finding).message, finding, self.rule(finding))

    def entry(self, finding: Finding) -> CatalogueEntry:
        """The catalogue's entry for a finding; for one of a rule of the form, the entry that such
        rules share.
        """
        entry = catalogue().get(finding.code)
        return entry or catalogue()[shared(finding.severity, total=finding.code in self.totals)]

    def rule(self, finding: Finding) -> str:
        """The message of the rule that a finding comes from; its code if it does not come from a
        rule.
        """
        return self.rules.get(finding.code, finding.code)

    def unit_message(self, finding: Finding, *, rule: bool = True) -> str:
        """What was found, as it is put to the unit, without the place. ``rule``: False leaves out
        the rule's message, where a line above has already given it.
        """
        text = self.entry(finding).unit_message
        return self._filled(text, finding, self.rule(finding) if rule else "").removeprefix("：")

    @staticmethod
    def _filled(text: str, finding: Finding, rule: str) -> str:
        """A text of the catalogue with the values of a finding and the message of its rule filled
        in.
        """
        return text.format(
            found=in_words(finding.found) or Phrase.BLANK.value,
            expected=in_words(finding.expected),
            detail=in_words(finding.detail),
            rule=rule,
        )


def shared(severity: Severity, *, total: bool) -> str:
    """The key of the catalogue's entry with the wording for findings of rules with this severity;
    the rules of all forms share these entries.

    ``total``: the rule says that a total is the sum of its parts.
    """
    if severity is Severity.FATAL:
        return "TOTAL" if total else "RULE"
    return "ASK" if severity is Severity.QUERY else "TRIED"


SHARED = ("RULE", "TOTAL", "ASK", "TRIED")
"""The keys of catalogue.toml that are not codes: they hold the wording that the rules of forms
share.
"""


def is_about(code: str, topic: Topic) -> bool:
    """Whether a code of the catalogue is about a topic; False for the code of a form's rule."""
    entry = catalogue().get(code)
    return entry is not None and topic in entry.about


def acceptable(finding: Finding) -> bool:
    """Whether the coordinator may have a return merged in spite of this finding; True for all
    findings of a form's rules.
    """
    entry = catalogue().get(finding.code)
    return entry is None or entry.acceptable
