"""The summary workbook of a summary, as bytes or as a file."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from xltools.layout.places import Layout
from xltools.model.summary import Summary
from xltools.output.summary import write


def summary_bytes(
    summary: Summary, layout: Layout, home: Path = Path(), *, contacts: bool = True
) -> bytes:
    buffer = BytesIO()
    write(summary, layout, buffer, home, contacts=contacts)
    return buffer.getvalue()


def write_summary(summary: Summary, layout: Layout, path: Path) -> None:
    path.write_bytes(summary_bytes(summary, layout, path.parent))
