"""Reports and scans that were sent along with a unit's workbook: told apart from those that came
instead of one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from xltools.identify.identify import Witnesses, folders
from xltools.inbox.reading import Reading
from xltools.model.file_kinds import PAPERS, FileKind
from xltools.model.findings import Topic, is_about
from xltools.model.form import Form
from xltools.model.roster import Roster, Unit
from xltools.model.summary import Document, Outcome


def companions(
    form: Form,
    readings: Iterable[Reading],
    documents: Mapping[str, Document],
    witnesses: Witnesses | None,
) -> dict[str, Document]:
    """The Documents, by path, of what could not be read and whose unit is known all the same.

    Papers (``file_kinds.PAPERS``) are companions where a workbook of the unit came in; everything
    else is as unreadable as before, but of that unit.

    ``documents``: those of the inbox with their units, as far as these are settled.
    ``witnesses``: by the roster; without one the units that sent workbooks are all there are.
    """
    papers = []
    came: dict[str, str] = {}  # the unit of each workbook, whatever became of it
    for reading in readings:
        unit = documents[reading.name].unit
        if _paper(reading):
            papers.append(reading)
        elif reading.ret is None:
            if reading.code and not is_about(reading.code, Topic.UNREACHABLE_FILE):
                papers.append(reading)  # damaged, locked: but whose?
        elif not reading.ret.document:
            if unit:
                came[reading.name] = unit
        elif not unit and documents[reading.name].outcome is Outcome.REJECTED:
            papers.append(reading)  # read, but nobody could say whose it is
    if not papers:
        return {}
    if witnesses is None:
        witnesses = Witnesses(
            form, Roster(units=tuple(Unit(name=n) for n in dict.fromkeys(came.values())))
        )
    around = _around(came)
    sent = frozenset(came.values())
    found = {}
    for paper in papers:
        # What lies beside a workbook goes with it if it is a paper; a second workbook does not.
        unit = _whose(paper, witnesses, around if paper.kind in PAPERS else {})
        if unit and (paper.ret is None or unit in sent):
            found[paper.name] = _judged(documents[paper.name], paper, unit, unit in sent)
    return found


def belonging(
    papers: Iterable[Reading], came: Mapping[str, str], witnesses: Witnesses
) -> Iterator[tuple[Reading, str]]:
    """Documents that were read but do not say for certain whose they are, with the unit whose
    workbook they go with. ``came``: the unit of each workbook by path.
    """
    around, sent = _around(came), frozenset(came.values())
    for paper in papers:
        unit = _whose(paper, witnesses, around)
        if unit in sent:
            yield paper, unit


def _paper(reading: Reading) -> bool:
    """Whether it is a paper of which no table could be read: a scan, a letter, an old format."""
    if reading.kind not in PAPERS:
        return False
    ret = reading.ret
    if ret is None:
        return not is_about(reading.code, Topic.UNREACHABLE_FILE)
    return ret.document and all(place is None for place in ret.places)


def along(kind: FileKind | None) -> str:
    """Why a companion is not merged."""
    return f"随表附送的 {kind.brief if kind else '文件'}"


def _judged(document: Document, paper: Reading, unit: str, with_workbook: bool) -> Document:
    kind = paper.kind
    document = replace(document, unit=unit)
    if kind is None or kind not in PAPERS:
        return document
    if with_workbook:
        return replace(document, outcome=Outcome.IGNORED, companion=True, reason=along(kind))
    return replace(document, reason=f"只报了 {kind.brief}，没有填报表")


def _around(came: Mapping[str, str]) -> dict[str, set[str]]:
    """The units whose workbooks lie in each folder, archive or mail, the inbox itself left out:
    what else is in that says nothing.
    """
    found: dict[str, set[str]] = {}
    for name, unit in came.items():
        for folder in folders(name):
            found.setdefault(folder, set()).add(unit)
    return found


def _whose(paper: Reading, witnesses: Witnesses, around: Mapping[str, set[str]]) -> str:
    """The unit by the paper's name, its mail's sender, its title, the one workbook beside it."""
    near: set[str] = set()
    for folder in folders(paper.name):
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
