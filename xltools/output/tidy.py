"""Write the detail of a summary as Parquet files, for DuckDB or pandas: more units, findings and
documents than a sheet of a workbook takes, in the memory of a thousand of them.

=====================  ====================================================================
``figures.parquet``    a row for each figure of each merged unit, with its provenance
``texts.parquet``      a row for each text that a merged unit wrote
``units.parquet``      a row for each unit, with its standing
``findings.parquet``   a row for each finding
``documents.parquet``  a row for each document that came in
=====================  ====================================================================
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

from xltools.excel.stream import ROWS
from xltools.layout.places import Layout
from xltools.model.cells import Address
from xltools.model.findings import Finding, Words
from xltools.model.form import Severity
from xltools.model.numbers import Number, show
from xltools.model.summary import Document, MergedReturn, Summary, UnitStanding, standings
from xltools.model.wording import in_words
from xltools.output.findings import status
from xltools.storage.outputs import staged
from xltools.storage.remote import Location

if TYPE_CHECKING:
    import pyarrow as pa

MOST_UNITS: Final = 20_000
"""With more merged units than this, the detail is not in the workbook: programs take minutes to
open it.
"""
PARQUET: Final = ("fsspec", "pyarrow")
"""The packages that are needed to write here."""
_BATCH: Final = 1_000  # units, findings or documents in memory at a time
_HEADS: Final = 50  # more than the rows above the lists on any sheet
_EXACT: Final = 1 << 53  # up to this integer, a double holds every one

T = TypeVar("T")
Row = tuple[Any, ...]

# The columns of each file with their types, as Arrow names them; of a ``dictionary`` column, each
# text is kept once for many rows.
_FIGURES: Final = {
    "unit": "dictionary", "item": "dictionary", "value": "double", "exact": "string",
    "counted": "bool", "path": "dictionary", "sheet": "dictionary", "cell": "dictionary",
    "sha256": "dictionary", "note": "string",
}  # fmt: skip
_TEXTS: Final = {
    "unit": "string", "text": "dictionary", "content": "string", "path": "string",
    "sha256": "string",
}  # fmt: skip
_UNITS: Final = {
    "unit": "string", "code": "string", "category": "dictionary", "listed": "bool",
    "state": "dictionary", "counted": "bool", "accepted": "bool", "path": "string",
    "date": "timestamp[us]", "fatal": "int32", "queries": "int32", "notes": "int32",
}  # fmt: skip
_PEOPLE: Final = {
    "filler": "string", "filler_phone": "string", "contact": "string", "phone": "string",
    "email": "string",
}  # fmt: skip
_FINDINGS: Final = {
    "unit": "string", "path": "string", "code": "dictionary", "severity": "dictionary",
    "sheet": "dictionary", "cells": "list", "items": "list", "labels": "string",
    "found": "string", "expected": "string", "message": "string", "explanation": "string",
    "status": "dictionary", "trial": "bool",
}  # fmt: skip
_DOCUMENTS: Final = {
    "path": "string", "outcome": "dictionary", "unit": "string", "kind": "dictionary",
    "date": "timestamp[us]", "size": "int64", "version": "dictionary", "reason": "string",
    "file": "string", "sha256": "string",
}  # fmt: skip
_SENDER: Final = {"sender": "string", "subject": "string"}


def is_large(summary: Summary) -> bool:
    """Whether the detail of a summary is too large for a workbook."""
    rows = max(len(summary.entries), len(summary.findings), len(summary.documents))
    return len(summary.entries) > MOST_UNITS or rows > ROWS - _HEADS


def write_tidy(
    summary: Summary, layout: Layout, folder: Location, *, contacts: bool = True
) -> list[str]:
    """Write the detail of a summary to a folder, each file whole or not at all; earlier versions
    are kept under names with their dates. Returns these names.

    ``contacts``: whether names, telephone numbers and addresses of people are included. Raises
    OSError and StorageError.
    """
    accepted = {entry.unit.name for entry in summary.entries if entry.accepted}
    words = Words.of(summary.form)
    texts = [text.name for text in summary.form.texts]
    units = _UNITS | (_PEOPLE if contacts else {})
    documents = _DOCUMENTS | (_SENDER if contacts else {})
    prose = (row for entry in summary.entries for row in _prose(entry, texts))
    tables: dict[str, tuple[Mapping[str, str], Iterable[pa.Table]]] = {
        "figures": (_FIGURES, _figures(summary, layout)),
        "texts": (_TEXTS, _batches(_TEXTS, prose)),
        "units": (units, _batches(units, (_unit(s, contacts) for s in standings(summary)))),
        "findings": (
            _FINDINGS,
            _batches(_FINDINGS, (_finding(f, words, accepted) for f in summary.findings)),
        ),
        "documents": (
            documents,
            _batches(documents, (_document(d, contacts) for d in summary.documents)),
        ),
    }
    about = {"xltools": summary.version, "form": summary.form.name, "year": str(summary.year)}
    former = []
    for name, (columns, batches) in tables.items():
        schema = _schema(columns).with_metadata(about)
        if kept := _write(folder / f"{name}.parquet", schema, batches):
            former.append(kept)
    return former


def _write(place: Location, schema: "pa.Schema", tables: "Iterable[pa.Table]") -> str | None:
    """Write a Parquet file piece by piece. Returns the name of the earlier version, None if there
    was none.
    """
    from pyarrow import parquet

    with (
        staged(place) as output,
        parquet.ParquetWriter(output.file, schema, compression="zstd") as writer,
    ):
        for table in tables:
            writer.write_table(table)
    return output.kept


def _schema(columns: Mapping[str, str]) -> "pa.Schema":
    """The columns of a file as Arrow describes them."""
    import pyarrow as pa

    special = {"dictionary": pa.dictionary(pa.int32(), pa.string()), "list": pa.list_(pa.string())}
    return pa.schema(
        [(name, special.get(kind) or pa.type_for_alias(kind)) for name, kind in columns.items()]
    )


def _some(values: Iterable[T]) -> Iterator[list[T]]:
    """The values in lists of `_BATCH`; at least one list, which may be empty."""
    iterator = iter(values)
    part = list(islice(iterator, _BATCH))
    yield part
    while part := list(islice(iterator, _BATCH)):
        yield part


def _batches(columns: Mapping[str, str], rows: Iterable[Row]) -> "Iterator[pa.Table]":
    """Rows as tables of Arrow."""
    import pyarrow as pa

    schema = _schema(columns)
    for part in _some(rows):
        values = list(zip(*part, strict=True)) or [()] * len(columns)
        arrays = [pa.array(v, type=f.type) for v, f in zip(values, schema, strict=True)]
        yield pa.Table.from_arrays(arrays, schema=schema)


def _figures(summary: Summary, layout: Layout) -> "Iterator[pa.Table]":
    """The figures of all merged units as tables, column by column: there are hundreds a unit."""
    import pyarrow as pa

    schema = _schema(_FIGURES)
    items = [item.name for item in summary.form.items]
    each = range(len(items))
    for entries in _some(summary.entries):
        owners = [number for number in range(len(entries)) for _ in each]
        index = pa.array(owners, pa.int32())
        sheets, cells = _Index(), _Index()
        usual = _places(layout.addresses, sheets, cells)
        places = [
            usual
            if entry.ret.places == layout.addresses
            else _places(entry.ret.places, sheets, cells)
            for entry in entries
        ]
        columns = {
            "unit": _dictionary(index, [entry.unit.name for entry in entries]),
            "item": _dictionary(pa.array([*each] * len(entries), pa.int32()), items),
            "value": pa.array([float(n) for e in entries for n in e.numbers], pa.float64()),
            "exact": pa.array([t for e in entries for t in _exactly(e.numbers)], pa.string()),
            "counted": pa.array([entry.counted for entry in entries], pa.bool_()).take(index),
            "path": _dictionary(index, [entry.document.path for entry in entries]),
            "sheet": _dictionary([number for s, _ in places for number in s], sheets.texts),
            "cell": _dictionary([number for _, c in places for number in c], cells.texts),
            "sha256": _dictionary(index, [entry.document.sha256 for entry in entries]),
            "note": pa.array([note for e in entries for note in _notes(e, each)], pa.string()),
        }
        yield pa.Table.from_arrays([columns[name] for name in schema.names], schema=schema)


class _Index:
    """Texts with a number for each. ``texts``: those that have one, in their order."""

    def __init__(self) -> None:
        self.texts: dict[str, int] = {}

    def number(self, text: str) -> int:
        """The number of a text; a new one if it has none yet."""
        return self.texts.setdefault(text, len(self.texts))


def _places(
    places: Sequence[Address | None], sheets: _Index, cells: _Index
) -> tuple[list[int | None], list[int | None]]:
    """The numbers of the sheets and of the cells of all items, None for an item that was not
    found.
    """
    return (
        [None if place is None else sheets.number(place.sheet) for place in places],
        [None if place is None else cells.number(place.a1) for place in places],
    )


def _dictionary(index: "pa.Array | list[int | None]", texts: Iterable[str]) -> "pa.Array":
    """A column of Arrow that keeps each text once. ``index``: the number of the text of each
    row.
    """
    import pyarrow as pa

    numbers = pa.array(index, pa.int32()) if isinstance(index, list) else index
    return pa.DictionaryArray.from_arrays(numbers, pa.array(list(texts), pa.string()))


def _exactly(numbers: Sequence[Number]) -> list[str | None]:
    """The digits of those numbers that a double does not hold exactly, None for all others."""
    return [
        None
        if (type(n) is int and -_EXACT <= n <= _EXACT) or Decimal(repr(float(n))) == n
        else show(n)
        for n in numbers
    ]


def _notes(entry: MergedReturn, items: range) -> list[str | None]:
    """What decisions changed in the figures of a unit, by item; None where nothing was changed."""
    marks = entry.marks
    return [in_words(marks[i].note) if i in marks else None for i in items]


def _prose(entry: MergedReturn, texts: Sequence[str]) -> Iterator[Row]:
    """A row for each text that a unit wrote."""
    written = dict(entry.ret.texts.items())
    for name in texts:
        if content := written.get(name, ""):
            yield entry.unit.name, name, content, entry.document.path, entry.document.sha256


def _unit(standing: UnitStanding, contacts: bool) -> Row:
    """The row of a unit."""
    unit, entry = standing.unit, standing.entry
    document = next(iter(standing.documents), None)
    row = (
        unit.name, unit.code, unit.category, standing.listed, standing.words,
        entry is not None and entry.counted, entry is not None and entry.accepted,
        document.path if document is not None else None,
        _date(document),
        *(standing.counts.get(severity, 0) for severity in Severity),
    )  # fmt: skip
    if not contacts:
        return row
    filler = (entry.ret.filler, entry.ret.phone) if entry is not None else ("", "")
    return (*row, *filler, unit.contact, unit.phone, unit.email)


def _finding(finding: Finding, words: Words, accepted: set[str]) -> Row:
    """The row of a finding."""
    return (
        finding.unit, finding.path, finding.code, finding.severity.value, finding.sheet,
        list(finding.cells), list(finding.items), finding.labels, in_words(finding.found),
        in_words(finding.expected), words.message(finding), finding.explanation,
        status(finding, accepted), finding.trial,
    )  # fmt: skip


def _document(document: Document, contacts: bool) -> Row:
    """The row of a document."""
    row = (
        document.path, document.outcome.value, document.unit,
        document.kind.value if document.kind is not None else None,
        _date(document), document.size, document.version, in_words(document.reason),
        document.file, document.sha256,
    )  # fmt: skip
    return (*row, document.sender, document.subject) if contacts else row


def _date(document: Document | None) -> Any:
    """The date of a document on the clock of its time zone; None where there is none."""
    if document is None or document.date is None:
        return None
    return document.date.replace(tzinfo=None)
