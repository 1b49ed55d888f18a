"""The summary workbook of a district: its figures, where they come from, and what is open."""

from datetime import datetime
from io import BytesIO
from pathlib import Path

from xltools.excel.book import Book
from xltools.layout.places import Layout
from xltools.ledgers.previous import SUMMARY
from xltools.model import sheets
from xltools.model.summary import Summary
from xltools.output import (
    detail,
    prose,
    rules,
    standings,
    totals,
)
from xltools.output import plan as plans


def write(summary: Summary, layout: Layout, path: Path, *, contacts: bool = True) -> None:
    """Write a summary to ``path``; as `build`. Raises OSError where that cannot be."""
    path.write_bytes(build(summary, layout, path.parent, contacts=contacts))


def build(summary: Summary, layout: Layout, home: Path, *, contacts: bool = True) -> bytes:
    """A summary as the bytes of a workbook; the same summary gives the same bytes.

    ``layout`` is that of the summary's form; ``home`` the folder that the workbook will stand
    in, from which its links to documents start. Without ``contacts`` no name, telephone number
    or address of a person stands in it, but for what the unit wrote into its texts.
    """
    plan = plans.plan(summary, layout, home)
    title = f"{summary.district}{summary.year}年{summary.form.title}汇总"
    buffer = BytesIO()
    with Book(buffer, created=datetime(summary.year + 1, 1, 1), title=title) as book:
        totals.write(book.page(plans.TOTALS), plan)
        detail.write(book.page(plans.DETAIL), plan)
        standings.write_units(book.page(plans.STANDING), plan, contacts=contacts)
        standings.write_findings(book.page(plans.FINDINGS), plan)
        if summary.decisions:
            standings.write_decisions(book.page(plans.DECIDED), plan)
        if summary.form.texts:
            prose.write(book.page(plans.PROSE), plan)
        rules.write(book.page(plans.RULES), plan)
        standings.write_sources(book.page(plans.SOURCES), plan, contacts=contacts)
        identity: dict[str, str | int] = {
            "kind": SUMMARY,
            "form": summary.form.form,
            "edition": summary.form.edition,
            "year": summary.year,
            "version": summary.version,
        }
        book.identity(sheets.IDENTITY, identity)
    return buffer.getvalue()
