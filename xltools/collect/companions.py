"""Reports and scans that were sent along with a unit's workbook: told apart from those that came
instead of one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from xltools.collect.readings import Reading
from xltools.collect.witness import Witnesses, folders
from xltools.readers.kinds import PAPERS
from xltools.roster import Roster, Unit
from xltools.summary import Document, Outcome


def companions(
    readings: Iterable[Reading], documents: Mapping[str, Document], witnesses: Witnesses | None
) -> dict[str, Document]:
    """The Documents, by path, of papers (``kinds.PAPERS``) whose unit is known: companions where
    a workbook of the unit came in, otherwise as unreadable as before, but of that unit.

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
            continue
        elif not reading.ret.document:
            if unit:
                came[reading.name] = unit
        elif not unit and documents[reading.name].outcome is Outcome.REJECTED:
            papers.append(reading)  # read, but nobody could say whose it is
    if not papers:
        return {}
    if witnesses is None:
        witnesses = Witnesses(
            Roster(units=tuple(Unit(name=n) for n in dict.fromkeys(came.values())))
        )
    around = _around(came)
    sent = frozenset(came.values())
    found = {}
    for paper in papers:
        unit = _whose(paper, witnesses, around)
        if unit and (paper.ret is None or unit in sent):
            found[paper.name] = _judged(documents[paper.name], paper, unit, unit in sent)
    return found


def _paper(reading: Reading) -> bool:
    """Whether it is a paper of which no table could be read: a scan, a letter, an old format."""
    if reading.kind not in PAPERS:
        return False
    ret = reading.ret
    if ret is None:
        return reading.code != "F-06"
    return ret.document and all(place is None for place in ret.places)


def along(kind: str) -> str:
    """Why a companion is not merged."""
    return f"随表附送的 {PAPERS.get(kind, kind) or '文件'}"


def _judged(document: Document, paper: Reading, unit: str, with_workbook: bool) -> Document:
    kind = paper.kind
    document = replace(document, unit=unit)
    if with_workbook:
        return replace(document, outcome=Outcome.IGNORED, companion=True, reason=along(kind))
    return replace(document, reason=f"只报了 {PAPERS.get(kind, kind)}，没有填报表")


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
    """The unit by the paper's name, else its mail's sender, else the one workbook beside it."""
    near: set[str] = set()
    for folder in folders(paper.name):
        near = around.get(folder, set())
        if near:
            break
    for witness in (witnesses.path(paper)[0], witnesses.sender(paper)[0]):
        if witness is None:
            continue
        names = {unit.name for unit in witness.units}
        if len(names) > 1:  # an address of several units: whose workbook is beside it?
            names &= near
        if len(names) == 1:
            return names.pop()
        return ""
    return next(iter(near)) if len(near) == 1 else ""
