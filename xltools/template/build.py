"""Build the locked workbook of a unit, as bytes."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from xltools.excel.book import FORMS, MAX_PASSWORD, WorkbookWriter
from xltools.excel.page import lock_sheet
from xltools.excel.stamp import Slots
from xltools.layout.places import Layout
from xltools.model.evaluate import with_totals
from xltools.model.identity import PRIOR, YES, ZERO, WorkbookKind
from xltools.template.cell_entry import CellEntry, says_yes
from xltools.template.checks import paint_checks
from xltools.template.cover import paint_cover
from xltools.template.draft import (
    BLANKS,
    COMPLETE,
    DECLARED,
    INPUTS,
    TABLE_KEY,
    WorkbookDraft,
    entries,
    field_cell,
    none_cell,
    paint_entry_states,
)
from xltools.template.issues import paint_issues
from xltools.template.opening import Opening, Subject, opening
from xltools.template.printout import paint_printout
from xltools.template.status_light import paint_notices
from xltools.template.table import paint_table, paint_texts
from xltools.version import __version__

KEYS = ("kind", "form", "edition", "unit", "code", "year", "version", "category")


def build(layout: Layout, subject: Subject, password: str) -> bytes:
    """The bytes of the locked workbook for a subject; the same arguments always give the same
    bytes.

    ``password``: 1 to 15 ASCII characters; ValueError is raised for any other.
    """
    if not password.isascii() or not 0 < len(password) <= MAX_PASSWORD:
        raise ValueError(f"a password has 1 to {MAX_PASSWORD} ASCII characters")
    subject = replace(subject, priors=with_totals(layout.form, subject.priors))
    now = opening(layout, subject)
    return paint(layout, subject, now, password, head=page_head(subject.unit))


def page_head(name: str) -> str:
    """A unit's name for the headers of pages, where a & must be doubled; at most 60 characters."""
    return name.replace("&", "&&")[:60]


def paint(
    layout: Layout,
    subject: Subject,
    now: Opening,
    password: str,
    *,
    head: str,
    slots: Slots[Opening] | None = None,
) -> bytes:
    """The bytes of a workbook. ``now``: what it shows when it is opened; ``head``: the unit's name
    in the headers of pages. ``slots``: where a stamp is made, the places that differ from one unit
    to another are added to it, and the workbook has their marks in these places.
    """
    stream = BytesIO()
    created = datetime(2000, 1, 1, tzinfo=UTC)
    with WorkbookWriter(stream, created=created, style=FORMS, password=password) as book:
        draft = WorkbookDraft(
            book=book,
            layout=layout,
            subject=subject,
            password=password,
            opening=now,
            keys=KEYS,
            head=head,
            slots=slots,
        )
        paint_cover(draft)
        paint_issues(draft)
        for table in layout.tables:
            paint_table(draft, table)
        paint_texts(draft)
        paint_checks(draft)
        paint_printout(draft)
        _identity(draft)
    return stream.getvalue()


def _identity(draft: WorkbookDraft) -> None:
    """Add the hidden identity sheet. It holds whose workbook this is, last year's figures, the
    documents that the workbook answers, how far each table is filled in, and what each figure's
    cell contains.
    """
    form, subject = draft.layout.form, draft.subject
    values = (WorkbookKind.RETURN, form.form, form.edition, subject.unit, subject.code,
              subject.year, __version__, subject.category)  # fmt: skip
    sheet = draft.book.identity(dict(zip(KEYS, values, strict=True)), very=False)
    for prior in form.priors:
        _prior(draft, sheet, prior)
    if subject.answers:
        row = len(KEYS) + len(form.priors)
        sheet.write_string(row, 0, "answers")
        sheet.write_string(row, 1, " ".join(subject.answers))
    for column, name in enumerate(("table", "declared", "blanks", "inputs", "complete"), TABLE_KEY):
        sheet.write_string(0, column, name)
    for table in form.tables:
        items = [i.index for i in form.inputs(table.key)]
        row = draft.status(table.key, TABLE_KEY).row
        now = draft.opening
        missing, zero = now.blanks[table.key], now.declared[table.key]
        answers = field_cell(ZERO), none_cell(draft, table.key)
        yes = ",".join(says_yes(answer.full, YES) for answer in answers)
        declared, blanks = (draft.status(table.key, c).full for c in (DECLARED, BLANKS))
        sheet.write_string(row, TABLE_KEY, table.key)
        sheet.write_formula(row, DECLARED, f"=IF(OR({yes}),1,0)", None, int(zero))
        sheet.write_formula(
            row, BLANKS, f"={entries(draft, items, f'={CellEntry.BLANK:d}')}", None, missing
        )
        sheet.write_number(row, INPUTS, len(items))
        complete = f"=IF(OR({declared}=1,{blanks}=0),1,0)"
        sheet.write_formula(row, COMPLETE, complete, None, int(now.complete(table.key)))
    paint_entry_states(draft, sheet)
    paint_notices(draft, sheet)
    lock_sheet(sheet, draft.password)


def _prior(draft: WorkbookDraft, sheet: Any, item: int) -> None:
    """Write the name of an item and, if it is known, its figure of last year."""
    at = draft.prior(item)
    sheet.write_string(at.row, 0, f"{PRIOR}{draft.layout.form.items[item].name}")
    if item in draft.opening.subject.priors:
        sheet.write_number(at.row, at.col, draft.figure(lambda now: now.subject.priors[item]))
