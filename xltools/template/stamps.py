"""Build the workbooks of many units: the first one of each kind in full, further ones from a stamp
of their kind. The parts of a workbook are the same both ways, byte for byte.
"""

import re
from collections.abc import Hashable
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from typing import Final
from xml.sax.saxutils import unescape
from zipfile import ZipFile

from xltools.excel.stamp import Slots, Stamp, same_parts, stampable
from xltools.layout.places import Layout
from xltools.model.evaluate import with_totals
from xltools.model.numbers import Number
from xltools.template.build import build, page_head, paint
from xltools.template.opening import Opening, Subject, opening

_MOST: Final = 16
"""Kinds that are remembered. With last year's figures, a stamp takes 4 MB."""


class Stamps:
    """Builds the workbooks of a form, all locked with one password.

    Units are of one kind if their workbooks differ only in the name, code and category of the unit
    and in the values of last year's figures. The stamp of a kind is made for its second unit.
    """

    def __init__(self, layout: Layout, password: str) -> None:
        self.layout, self.password = layout, password
        form = layout.form
        self._by_category = any(instance.rule.categories for instance in form.instances)
        self._compared = {*form.priors, *form.carried.values()}
        self._stamps: dict[Hashable, _UnitStamp | None] = {}  # None for a kind seen once

    def build(self, subject: Subject) -> bytes:
        """The locked workbook for a subject: its parts are those of `build`."""
        if subject.priors:
            subject = replace(subject, priors=with_totals(self.layout.form, subject.priors))
        stamp = self._stamp(subject)
        workbook = None if stamp is None else stamp.workbook(subject)
        return build(self.layout, subject, self.password) if workbook is None else workbook

    def _stamp(self, subject: Subject) -> "_UnitStamp | None":
        """The stamp of a subject's kind. None for the first subject of a kind, and for one whose
        workbook contains more than last year's figures.
        """
        if subject.start or subject.issues or subject.marks or subject.answers:
            return None
        kind = self._kind(subject)
        seen, stamp = kind in self._stamps, self._stamps.pop(kind, None)
        if seen and stamp is None:
            stamp = _UnitStamp(self.layout, subject, self.password)
        self._stamps[kind] = stamp
        if len(self._stamps) > _MOST:  # the first is the one that was not used for longest
            del self._stamps[next(iter(self._stamps))]
        return stamp

    def _kind(self, subject: Subject) -> Hashable:
        """What is the same for all subjects of a kind. Which figures of last year are known matters
        where a rule uses them: it decides whether the rule is judged at all.
        """
        return (
            subject.year,
            subject.text,
            subject.limit,
            subject.collector,
            subject.category if self._by_category else "",
            tuple(bool(name) for name in _names(subject)),
            bool(subject.priors),
            frozenset(self._compared.intersection(subject.priors)),
        )


def _names(subject: Subject) -> tuple[str, str, str]:
    """What is written of a unit as it is in the roster: name, code and category."""
    return subject.unit, subject.code, subject.category


class _UnitStamp:
    """The stamp of a kind of units. ``subject``: of any of them, with last year's totals.

    Whether its workbooks are right is tried and not argued: one for a made-up unit, with other
    names and other figures throughout, is compared with the one that `build` makes for it. If they
    differ, the stamp is not used.
    """

    def __init__(self, layout: Layout, subject: Subject, password: str) -> None:
        self.layout = layout
        self._opening = opening(layout, subject)
        self._slots: Slots[Opening] = Slots()
        package = self._marked(subject, password)
        self._shared = _shared_strings(package)
        trial = _trial(layout, subject)
        samples = [self._slots.fill(now) for now in (self._opening, opening(layout, trial))]
        self._stamp: Stamp | None = Stamp(package, samples)
        if not same_parts(self._stamp.filled(samples[1]), build(layout, trial, password)):
            self._stamp = None

    def _marked(self, subject: Subject, password: str) -> bytes:
        """The workbook of the subject with the marks of slots, which are added to ``_slots``."""
        slots = self._slots
        unit = slots.words(lambda now: now.subject.unit) if subject.unit else ""
        head = slots.words(lambda now: page_head(now.subject.unit)) if subject.unit else ""
        code = slots.words(lambda now: now.subject.code) if subject.code else ""
        category = slots.words(lambda now: now.subject.category) if subject.category else ""
        return paint(
            self.layout,
            replace(subject, unit=unit, code=code, category=category),
            self._opening,
            password,
            head=head,
            # Without figures of last year, all units see the same when they open their workbooks.
            slots=slots if subject.priors else None,
        )

    def workbook(self, subject: Subject) -> bytes | None:
        """The workbook of another unit of the kind; None where it has to be built."""
        names = [name for name in _names(subject) if name]
        if (
            self._stamp is None
            or not all(map(stampable, names))
            or len(set(names)) < len(names)
            or not self._shared.isdisjoint(names)
        ):
            return None
        if subject.priors == self._opening.subject.priors:
            self._opening = replace(self._opening, subject=subject)
        else:
            self._opening = opening(self.layout, subject)
        return self._stamp.filled(self._slots.fill(self._opening))


def _trial(layout: Layout, subject: Subject) -> Subject:
    """A made-up unit of the same kind as a subject. Its names contain characters that mean
    something in XML; no two of its figures of last year are the same.
    """
    items = layout.form.items
    figures: dict[int, Number] = {
        item: 1001 + item if items[item].whole else Decimal(f"{1001 + item}.25")
        for item in subject.priors
    }
    return replace(
        subject,
        unit=subject.unit and "试盖“甲”&<乙>'丙'\"丁\"局",
        code=subject.code and "T&<1>",
        priors=with_totals(layout.form, figures),
    )


_SHARED = re.compile("<t(?: [^>]*)?>([^<]*)</t>")


def _shared_strings(package: bytes) -> frozenset[str]:
    """The texts that the cells of a workbook share. A name that is among them would be written
    there only once, and all texts behind it would move up.
    """
    with ZipFile(BytesIO(package)) as archive:
        part = archive.read("xl/sharedStrings.xml").decode()
    return frozenset(map(unescape, _SHARED.findall(part)))
