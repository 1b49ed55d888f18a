"""What the checks of a return share: the return with everything computed from it, and the making of
findings about its cells.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xltools.layout.places import Layout
from xltools.model.evaluate import Assessment
from xltools.model.findings import Finding, catalogue
from xltools.model.form import Form, Severity
from xltools.model.returns import Return, Status
from xltools.model.wording import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckContext:
    """A return that is being checked, with the layout of its form, its computed totals and the
    state of its rules (``assessment``).

    ``absent``: the numbers of the items whose cell was not found. That has been reported when the
    return was read, so no check reports on them again.
    """

    layout: Layout
    ret: Return
    assessment: Assessment
    absent: frozenset[int]

    @property
    def form(self) -> Form:
        """The form that was filled in."""
        return self.layout.form

    def named(
        self,
        code: str,
        items: Sequence[int],
        *,
        found: Value = "",
        expected: Value = "",
        detail: Value = "",
    ) -> Finding:
        """A finding about the cells of some items, at least one, with the severity that the
        catalogue gives for ``code``. Parameters as for `at_items`.
        """
        severity = catalogue()[code].severity
        return self.at_items(code, severity, items, found=found, expected=expected, detail=detail)

    def at_items(
        self,
        code: str,
        severity: Severity,
        items: Sequence[int],
        *,
        found: Value = "",
        expected: Value = "",
        detail: Value = "",
        trial: bool = False,
    ) -> Finding:
        """A finding about the cells of some items (item numbers, at least one).

        The first item gives the sheet and the labels. Items on other sheets are listed by name
        after the others, without their cells. ``found``, ``expected`` and ``detail``: the values
        that the message quotes. ``trial``: whether the finding comes from a rule on trial.
        """
        places = [self.ret.places[i] for i in items]
        sheet = places[0].sheet if places and places[0] else ""
        here = [i for i, p in zip(items, places, strict=True) if p is not None and p.sheet == sheet]
        there = [i for i in items if i not in here]
        return Finding(
            code=code,
            severity=severity,
            sheet=sheet,
            cells=tuple(p.a1 for p in (self.ret.places[i] for i in here) if p is not None),
            items=tuple(self.form.items[i].name for i in (*here, *there)),
            labels=self.form.items[items[0]].path,
            found=found,
            expected=expected,
            detail=detail,
            trial=trial,
        )

    def holding(self, items: Iterable[int], *statuses: Status) -> list[int]:
        """Those of ``items`` (item numbers) that have one of the statuses and whose cell was
        found.
        """
        held = self.ret.statuses
        return [i for i in items if held[i] in statuses and i not in self.absent]

    def content(self, item: int) -> Value:
        """The content of an item's cell for a message: its text where it is not a plain number,
        otherwise the number; empty for a blank.
        """
        number = self.ret.numbers[item]
        return self.ret.found.get(item, "" if number is None else number)
