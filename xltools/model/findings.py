"""Findings: what is to be said of a return, as data. The words are made from the catalogue."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Self

from xltools.model.form import Form, Severity

TRIAL = "试行"
"""How what a rule on trial says is marked, everywhere."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """A code of the catalogue.

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
    to_unit: bool = True
    told: str = ""
    ask: str = ""


@cache
def catalogue() -> Mapping[str, CatalogueEntry]:
    """Every code that does not come from a form, in order."""
    data = tomllib.loads((files("xltools.model") / "catalogue.toml").read_text("utf-8"))
    return {
        code: CatalogueEntry(
            code=code,
            severity=Severity(body["severity"]),
            meaning=body["meaning"],
            message=body["message"],
            remedy=body["remedy"],
            acceptable=body.get("acceptable", True),
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
        place = " ".join(x for x in (one.sheet, "、".join(one.cells[:6])) if x)
        more = f"等{len(one.cells)}格" if len(one.cells) > 6 else ""
        where = f"{place}{more}" + (f"（{one.labels}）" if one.labels else "")
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


def acceptable(one: Finding) -> bool:
    """Whether a coordinator may merge a return in spite of this finding."""
    entry = catalogue().get(one.code)
    return entry is None or entry.acceptable
