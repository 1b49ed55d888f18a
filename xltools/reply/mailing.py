"""Write the first mailing: for each template of the outbox the draft of a mail that takes it to its
unit.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xltools.layout.places import Layout
from xltools.model.collector import Collector
from xltools.model.files import put, set_aside
from xltools.model.roster import Roster, Unit
from xltools.reply.mail import Attachment, addresses, draft, mailing_text
from xltools.template.outbox import Outbox

_ENDING: Final = "（下发）.eml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """What `write_mailing` wrote. ``drafts``: each unit with the path of its draft; ``silent``: the
    units of which no mail address is known; ``former``: drafts of an earlier run, at the paths to
    which they were moved.
    """

    drafts: tuple[tuple[Unit, Path], ...]
    silent: tuple[Unit, ...]
    former: tuple[Path, ...]


def write_mailing(
    layout: Layout,
    roster: Roster,
    outbox: Outbox,
    year: int,
    *,
    collector: Collector,
    former: Path,
) -> Mailing:
    """Write the draft of a mail for each workbook of an outbox beside it, with the workbook
    attached; nothing is sent. Drafts of an earlier run that are no longer the same are moved to the
    folder ``former``. Raises OSError where the folder cannot be written.
    """
    title = f"{year}年{layout.form.short}"
    drafts, silent, aside = [], [], []
    for workbook in outbox.workbooks:
        unit, name = roster.unit(workbook.unit), workbook.path.name
        to = addresses(unit.email)
        mail = draft(
            to,
            f"{title}填报模板（{unit.name}）",
            mailing_text(unit, title, name, collector),
            [Attachment(name=name, data=workbook.path.read_bytes())],
        )
        path = workbook.path.with_name(workbook.path.stem + _ENDING)
        if path.is_file() and path.read_bytes() != mail:
            aside.append(set_aside(path, former))
        put(path, mail)
        drafts.append((unit, path))
        if not to:
            silent.append(unit)
    expected = {path for _, path in drafts}
    for path in sorted(outbox.listing.parent.glob(f"*{_ENDING}")):
        if path not in expected:
            aside.append(set_aside(path, former))
    return Mailing(drafts=tuple(drafts), silent=tuple(silent), former=tuple(aside))
