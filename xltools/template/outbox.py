"""Write a folder of workbooks for the units of a roster, and 发放清单, the list of which workbook
goes to whom.
"""

import hashlib
import re
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from io import BytesIO
from pathlib import Path

from xltools.excel.book import PLAIN, WorkbookWriter
from xltools.excel.page import HEADING, LINK
from xltools.excel.stamp import same_parts
from xltools.layout.places import Layout
from xltools.model.collector import NOBODY, Collector
from xltools.model.errors import ReadError, XltoolsError
from xltools.model.files import Placed, put
from xltools.model.identity import IDENTITY, WorkbookKind, identity_entries
from xltools.model.numbers import Number
from xltools.model.previous import Previous
from xltools.model.roster import Roster, Unit
from xltools.readers.workbook import open_book
from xltools.template.opening import Subject
from xltools.template.stamps import Stamps

DISPATCH = "发放清单.xlsx"
_PASSWORD = "password"
_HEAD = {
    "序号": 6, "单位名称": 30, "文件": 52, "联系人": 12, "电话": 18, "邮箱": 28,
    "说明": 30, "SHA-256": 68,
}  # fmt: skip


_STYLE = replace(PLAIN, default=(*PLAIN.default, ("font_size", 10.5)))


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxLine:
    """A line of 发放清单. ``file``: the name of the unit's file; ``sha256``: the file's digest in
    hexadecimal.
    """

    unit: Unit
    file: str
    sha256: str
    remark: str = ""


def write_dispatch(
    path: Path,
    lines: Sequence[OutboxLine],
    password: str,
    title: str,
    *,
    former: Path | None = None,
) -> Placed:
    """Write 发放清单 to ``path``. A list that is already there is kept under a name with its date.
    Returns where both are.

    ``password``: of the workbooks, shown in the list; ``title``: the title of the list; ``former``:
    the folder for the earlier list, None for that of the new one. Raises OSError where it cannot be
    written.
    """
    stream = BytesIO()
    created = datetime(2000, 1, 1, tzinfo=UTC)
    with WorkbookWriter(stream, created=created, style=_STYLE) as book:
        _list(book, path.stem, lines, password, title)
        book.identity({"kind": WorkbookKind.DISPATCH, _PASSWORD: password}, very=False)
    return put(path, stream.getvalue(), former=former)


def _list(
    book: WorkbookWriter, name: str, lines: Sequence[OutboxLine], password: str, title: str
) -> None:
    """Write the sheet of the list: title, password, and a row for each workbook with a link
    to it.
    """
    sheet, formats = book.sheet(name), book.formats
    head = formats(**HEADING)
    cell = formats.cell(valign="vcenter", text_wrap=True)
    link = formats.cell(**LINK, valign="vcenter", text_wrap=True)
    sheet.merge_range(0, 0, 0, len(_HEAD) - 1, "")
    sheet.write_string(0, 0, title, formats(font_name="黑体", font_size=15))
    sheet.set_row(0, 28)
    note = f"工作表保护密码：{password}（只供本级解锁维护，不必发给各单位；汇总时也用不到）"
    sheet.write_string(1, 0, note, formats(font_color="#7F7F7F"))
    for column, (label, width) in enumerate(_HEAD.items()):
        sheet.set_column(column, column, width)
        sheet.write_string(2, column, label, head)
    for number, line in enumerate(lines, 1):
        unit, row = line.unit, 2 + number
        sheet.write_number(row, 0, number, cell)
        texts = (unit.name, line.file, unit.contact, unit.phone, unit.email, line.remark,
                 line.sha256)  # fmt: skip
        for column, text in enumerate(texts, 1):
            sheet.write_string(row, column, text, cell)
        target = line.file.replace("%", "%25").replace("#", "%23")
        sheet.write_url(row, 2, f"external:{target}", link, line.file)
    sheet.freeze_panes(3, 2)
    sheet.autofilter(2, 0, 2 + len(lines), len(_HEAD) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)


def read_password(path: Path) -> str:
    """The password in an earlier list; empty where there is no list, or it cannot be read."""
    if not path.is_file():
        return ""
    try:
        book = open_book(path)
        hidden = identity_entries(book.values(IDENTITY)) if IDENTITY in book.names else {}
    except (ReadError, OSError):
        return ""
    return hidden.get(_PASSWORD, "")


_FORBIDDEN = {ord(c): "_" for c in '<>:"/\\|?*'} | dict.fromkeys(range(32), "_")
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is read wrongly aloud


class PasswordError(XltoolsError):
    """The given password differs from that of the workbooks already sent out. ``listing``: the list
    with their password.
    """

    def __init__(self, listing: Path) -> None:
        self.listing = listing
        super().__init__(listing)

    def __str__(self) -> str:
        return (
            f"{self.listing} 里已有这一批模板的密码，与 --lock-password 不同。"
            "去掉 --lock-password 沿用原密码，或加 --force 全部重新生成。"
        )


class OtherYearError(XltoolsError):
    """The folder ``out``, to which workbooks of ``year`` are to be written, contains workbooks of
    another year (``names``): people would mix them up.
    """

    def __init__(self, out: Path, year: int, names: Sequence[str]) -> None:
        self.out, self.year, self.names = out, year, tuple(names)
        super().__init__(out, year, self.names)

    def __str__(self) -> str:
        return (
            f"--out {self.out}：里面已有 {len(self.names)} 份别的年度的模板（如 {self.names[0]}），"
            f"没有写入 {self.year} 年的。一个文件夹只放一年的，请换一个文件夹，或先把旧的移走。"
        )


class Fate(Enum):
    """What became of a workbook: it was written, was there already with the same content, or was
    not written because one with different content is there.
    """

    WRITTEN = "written"
    SAME = "same"
    KEPT = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxWorkbook:
    """The workbook of a unit: its path, and whether it was written."""

    unit: str
    path: Path
    fate: Fate


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """What `fill_outbox` did.

    ``listing``: the path of 发放清单; ``listing_kept``: where an earlier list was moved to, None
    where there was none. ``unclaimed``: names in last year's file whose figures should be carried
    over but that no unit of the roster takes over, each with the sum of these figures; ``bare``:
    names of units for which last year's file has nothing to carry over.
    """

    workbooks: tuple[OutboxWorkbook, ...]
    listing: Path
    listing_kept: Path | None
    unclaimed: tuple[tuple[str, Number], ...]
    bare: tuple[str, ...] = ()


def fill_outbox(
    layout: Layout,
    roster: Roster,
    *,
    year: int,
    out: Path,
    previous: Previous | None = None,
    collector: Collector = NOBODY,
    password: str = "",
    force: bool = False,
    former: Path | None = None,
    progress: Callable[[int, int, str], None] = lambda number, total, name: None,
) -> Outbox:
    """Write the workbooks of all units that file by themselves, and 发放清单.xlsx, into ``out``.

    ``previous``: last year's figures, to be carried over into the workbooks; None: there are none.
    ``collector``: who collects, for the covers.
    A workbook that is already in ``out`` with different content is left alone unless ``force``. The
    workbooks are locked with ``password``; when that is empty, with the password in the
    发放清单.xlsx that is already there; when there is none, with a random one. ``former``: the
    folder for files that are replaced; None for ``out``. ``progress`` is called after each workbook
    with its number, how many there are, and its file name.

    Returns what became of each workbook, where 发放清单.xlsx is, and what of last year's figures
    could not be carried over. Raises OtherYearError before anything is written, PasswordError where
    the list already there has another password and nothing is forced, ValueError for a password
    that `build` does not take, OSError where the folder cannot be written.
    """
    if of_another_year := _of_another_year(layout, out, year):
        raise OtherYearError(out, year, of_another_year)
    listing = out / DISPATCH
    in_use = read_password(listing)
    if password and in_use and password != in_use and not force:
        raise PasswordError(listing)
    password = password or in_use or new_password()
    names = file_names(layout, roster, year)
    stamps, carried = Stamps(layout, password), set(layout.form.carried.values())
    workbooks, lines, bare = [], [], []
    for number, (unit, name) in enumerate(names, 1):
        subject = subject_of(unit, roster, year, previous, collector)
        if previous is not None and carried and carried.isdisjoint(subject.priors):
            bare.append(unit.name)
        path = out / name
        data, fate = _place(path, stamps.build(subject), force=force, former=former)
        digest = hashlib.sha256(data).hexdigest()
        workbooks.append(OutboxWorkbook(unit=unit.name, path=path, fate=fate))
        remark = "保留了原有文件（内容不同）" if fate is Fate.KEPT else ""
        lines.append(OutboxLine(unit=unit, file=name, sha256=digest, remark=remark))
        progress(number, len(names), name)
    title = f"{year}年{layout.form.short} 发放清单"
    placed = write_dispatch(listing, lines, password, title, former=former)
    return Outbox(
        workbooks=tuple(workbooks),
        listing=placed.path,
        listing_kept=placed.kept,
        unclaimed=unclaimed(layout, roster, previous),
        bare=tuple(bare),
    )


def _place(path: Path, data: bytes, *, force: bool, former: Path | None) -> tuple[bytes, Fate]:
    """Write a workbook to ``path``; one that is there with different content is only replaced with
    ``force``, and then kept in the folder ``former``. Returns what is there now, and what became of
    the workbook.
    """
    there = path.read_bytes() if path.exists() else None
    if there is not None and same_parts(there, data):
        return there, Fate.WRITTEN if force else Fate.SAME
    if there is not None and not force:
        return there, Fate.KEPT
    put(path, data, former=former)
    return data, Fate.WRITTEN


def _of_another_year(layout: Layout, out: Path, year: int) -> list[str]:
    """The names of files in a folder that are workbooks of this form for another year than
    ``year``.
    """
    name = re.compile(rf"(20\d\d)年{re.escape(layout.form.short)}_.*\.xlsx")
    files = sorted(path.name for path in out.iterdir()) if out.is_dir() else []
    return [f for f in files if (match := name.fullmatch(f)) and int(match[1]) != year]


def subject_of(
    unit: Unit, roster: Roster, year: int, previous: Previous | None, collector: Collector
) -> Subject:
    """The subject of a unit's workbook, with last year's figures where there are any."""
    return Subject(
        year=year,
        unit=unit.name,
        code=unit.code,
        category=unit.category or "",
        text=unit.text,
        limit=unit.limit,
        priors=previous.of(unit, roster) if previous is not None else {},
        collector=collector,
    )


def new_password() -> str:
    """A random password of ten letters and digits, without characters that are easily confused."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(10))


def file_names(layout: Layout, roster: Roster, year: int) -> list[tuple[Unit, str]]:
    """Each unit that files by itself with the file name of its workbook, which does not depend on
    the order of the roster.

    Where the names of several units would give the same file name (Windows forbids some characters
    and ignores case), the unit's code is added, or some digits computed from its name.
    """
    stems = {
        u.name: f"{year}年{layout.form.short}_{u.name.translate(_FORBIDDEN)[:60]}".rstrip(". ")
        for u in roster.filers
    }
    many = Counter(stem.casefold() for stem in stems.values())
    names = []
    for unit in roster.filers:
        stem = stems[unit.name]
        if many[stem.casefold()] > 1:
            digest = hashlib.sha256(unit.name.encode()).hexdigest()[:6]
            stem += f"_{unit.code.translate(_FORBIDDEN) or digest}"
        names.append((unit, f"{stem}.xlsx"))
    return names


def unclaimed(
    layout: Layout, roster: Roster, previous: Previous | None
) -> tuple[tuple[str, Number], ...]:
    """Names in last year's file whose figures should be carried over, but that no unit which files
    by itself takes over (as its own, or as those of a predecessor or of a unit that files through
    it); each with the sum of these figures.
    """
    if previous is None:
        return ()
    carried = set(layout.form.carried.values())
    taken = previous.taken(roster)
    lost = []
    for name, figures in previous.figures.items():
        total: Number = 0
        for item in carried & set(figures):
            total = total + figures[item]
        if total and name not in taken:
            lost.append((name, total))
    return tuple(lost)
