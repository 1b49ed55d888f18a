"""What the checks of a return share: the return with everything computed from it, and the making of
findings about its cells.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from xltools.layout.places import Layout
from xltools.model.assessment import Assessment
from xltools.model.cells import Address
from xltools.model.findings import Finding, catalogue
from xltools.model.form import Form, Severity
from xltools.model.numbers import Number
from xltools.model.returns import Return, Status
from xltools.model.wording import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckContext:
    """A return that is being checked, with the layout of its form, its computed totals and the
    state of its rules (``assessment``).

    ``numbers`` and ``texts``: those of the return in a list and a dict, which are read much faster
    than packed ones. ``absent``: the numbers of the items whose cell was not found. That has been
    reported when the return was read, so no check reports on them again.
    """

    layout: Layout
    ret: Return
    numbers: Sequence[Number | None]
    texts: Mapping[str, str]
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
        layout, places = self.layout, self.ret.places
        if places is layout.addresses:  # as in most returns
            subject = _on_template(layout, tuple(items))
        else:
            subject = _subject(layout.form, places, items)
        return Finding(
            code=code,
            severity=severity,
            sheet=subject.sheet,
            cells=subject.cells,
            items=subject.items,
            labels=subject.labels,
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
        number = self.numbers[item]
        return self.ret.found.get(item, "" if number is None else number)


class _Subject(NamedTuple):
    """What a finding about some items says of them; see the fields of `Finding`."""

    sheet: str
    cells: tuple[str, ...]
    items: tuple[str, ...]
    labels: str


def _subject(form: Form, places: Sequence[Address | None], items: Sequence[int]) -> _Subject:
    """The subject of a finding about items (numbers, at least one) whose cells are ``places``."""
    first = places[items[0]]
    sheet = first.sheet if first is not None else ""
    here = {
        item: place.a1
        for item in items
        if (place := places[item]) is not None and place.sheet == sheet
    }
    return _Subject(
        sheet=sheet,
        cells=tuple(here.values()),
        items=tuple(form.items[i].name for i in (*here, *(i for i in items if i not in here))),
        labels=form.items[items[0]].path,
    )


@lru_cache(maxsize=1 << 12)
def _on_template(layout: Layout, items: tuple[int, ...]) -> _Subject:
    """The subject of a finding about items that are in the cells of the template. The findings of
    many returns share it.
    """
    return _subject(layout.form, layout.addresses, items)
