"""Documents that go with a unit's workbook: reports and scans sent along, told apart from those
that came instead of one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from xltools.identify.identify import Witnesses, folders
from xltools.model.file_kinds import PAPERS, FileKind
from xltools.model.findings import Topic
from xltools.model.form import Form
from xltools.model.record import DocumentRecord, ReturnRecord, replaced
from xltools.model.roster import Roster, Unit
from xltools.model.summary import Outcome


def join_workbooks(
    records: Sequence[DocumentRecord], witnesses: Witnesses | None
) -> list[DocumentRecord]:
    """The records, those of documents (Word, PDF …) that were read but do not say for certain
    whose they are with the unit whose workbook they go with. ``witnesses``: by the roster; without
    one nothing is joined.
    """
    if witnesses is None:
        return list(records)
    units = {
        record.path: record.unit
        for record in records
        if isinstance(record, ReturnRecord) and record.standing and not record.ret.document
    }
    around, sent = _around(units), frozenset(units.values())
    joined = []
    for record in records:
        if isinstance(record, ReturnRecord) and record.ret.document and _unsure(record):
            unit = _whose(record, witnesses, around)
            if unit in sent:
                joined.append(
                    replace(record, outcome=Outcome.MERGED, unit=unit, findings=(), whose=())
                )
    return replaced(records, joined)


def _unsure(record: ReturnRecord) -> bool:
    """Whether all that speaks against a return is that nobody knows whose it is."""
    return (
        record.outcome is Outcome.REJECTED
        and bool(record.findings)
        and all(finding.is_about(Topic.UNKNOWN_UNIT) for finding in record.findings)
    )


def along_with_workbooks(
    form: Form, records: Sequence[DocumentRecord], witnesses: Witnesses | None
) -> list[DocumentRecord]:
    """The records, those of what could not be read with their unit where that is known all the
    same.

    Papers (``file_kinds.PAPERS``) are companions where a workbook of the unit came in; everything
    else is as unreadable as before, but of that unit. ``witnesses``: by the roster; without one the
    units that sent workbooks are all there are.
    """
    papers = [record for record in records if _of_unknown_unit(record)]
    if not papers:
        return list(records)
    units = {
        record.path: record.unit
        for record in records
        if isinstance(record, ReturnRecord) and not record.ret.document and record.unit
    }
    if witnesses is None:
        names = dict.fromkeys(units.values())
        witnesses = Witnesses(form, Roster(units=tuple(Unit(name=name) for name in names)))
    around, sent = _around(units), frozenset(units.values())
    placed = []
    for paper in papers:
        # What lies beside a workbook goes with it if it is a paper; a second workbook does not.
        unit = _whose(paper, witnesses, around if paper.source.kind in PAPERS else {})
        if unit and (unit in sent or not isinstance(paper, ReturnRecord)):
            placed.append(_placed(paper, unit, unit in sent))
    return replaced(records, placed)


def _of_unknown_unit(record: DocumentRecord) -> bool:
    """Whether it is a paper without a table (a scan, a letter, an old format), or something else
    that could not be read or of which nobody could say whose it is.
    """
    if isinstance(record, ReturnRecord):
        ret = record.ret
        if record.source.kind in PAPERS and ret.document and not any(ret.places):
            return True
        return ret.document and not record.unit and record.outcome is Outcome.REJECTED
    return record.outcome is Outcome.UNREADABLE and not any(
        finding.is_about(Topic.UNREACHABLE_FILE) for finding in record.findings
    )


def along(kind: FileKind | None) -> str:
    """Why a companion is not merged."""
    return f"随表附送的 {kind.brief if kind else '文件'}"


def _placed(paper: DocumentRecord, unit: str, with_workbook: bool) -> DocumentRecord:
    """A document of a unit, that came with the unit's workbook or instead of one."""
    kind = paper.source.kind
    if kind is None or kind not in PAPERS:
        return replace(paper, unit=unit)
    if with_workbook:
        return replace(
            paper, unit=unit, outcome=Outcome.IGNORED, companion=True, reason=along(kind),
            findings=(),
        )  # fmt: skip
    return replace(paper, unit=unit, reason=f"只报了 {kind.brief}，没有填报表")


def _around(units: Mapping[str, str]) -> dict[str, set[str]]:
    """The units whose workbooks lie in each folder, archive or mail, the inbox itself left out:
    what else is in that says nothing. ``units``: the unit of each workbook by its path.
    """
    around: dict[str, set[str]] = {}
    for path, unit in units.items():
        for folder in folders(path):
            around.setdefault(folder, set()).add(unit)
    return around


def _whose(paper: DocumentRecord, witnesses: Witnesses, around: Mapping[str, set[str]]) -> str:
    """The unit by the paper's name, its mail's sender, its title, the one workbook beside it."""
    near: set[str] = set()
    for folder in folders(paper.path):
        near = around.get(folder, set())
        if near:
            break
    for witness in witnesses.of(paper):
        names = {unit.name for unit in witness.units}
        if len(names) > 1:  # an address of several units: whose workbook is beside it?
            names &= near
        if len(names) == 1:
            return names.pop()
        return ""
    return next(iter(near)) if len(near) == 1 else ""
