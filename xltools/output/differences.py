"""Write the workbook of what changed between two returns, summaries or years: every figure that
differs, the largest changes first.
"""

from datetime import datetime
from io import BytesIO

from xltools.excel.book import WorkbookWriter
from xltools.excel.page import CENTRE, FIGURE, ListColumn, Look, SheetWriter
from xltools.excel.safe_text import name
from xltools.excel.stream import Content, Styled
from xltools.layout.places import Layout
from xltools.model.differences import Changes, Difference, Entry, Side
from xltools.model.identity import WorkbookKind
from xltools.model.numbers import stored
from xltools.output.plan import LIST_HEAD
from xltools.version import __version__

_SIGNED: Look = (*FIGURE, ("num_format", "+0.######;-0.######;0"))
_SHARE: Look = (*FIGURE, ("num_format", "+0.0%;-0.0%;0.0%"))
_UNIT = ListColumn(title="单位", width=150)
_COLUMNS = (
    ListColumn(title="序号", width=40, look=CENTRE),
    ListColumn(title="工作表", width=56, look=CENTRE),
    ListColumn(title="单元格", width=56, look=CENTRE),
    ListColumn(title="栏目", width=400),
    ListColumn(title="前", width=84, look=FIGURE),
    ListColumn(title="后", width=84, look=FIGURE),
    ListColumn(title="增减", width=84, look=_SIGNED),
    ListColumn(title="增减比例", width=76, look=_SHARE),
    ListColumn(title="说明", width=76, look=CENTRE),
)
_UNITS = (
    ListColumn(title="序号", width=40, look=CENTRE),
    ListColumn(title="单位", width=300),
    ListColumn(title="变化", width=120, look=CENTRE),
)
_RED, _GREEN = "#C00000", "#2E7D32"


def build(changes: Changes, layout: Layout) -> bytes:
    """The bytes of the workbook of differences; ``layout``: of their form. The same differences
    always give the same bytes.
    """
    buffer = BytesIO()
    year = max(changes.old.year, changes.new.year, 2000)
    with WorkbookWriter(buffer, created=datetime(year, 1, 1), title="差异") as book:
        _figures(book.page("差异"), changes, layout)
        if changes.added or changes.removed:
            _units(book.page("单位增减"), changes)
        form = changes.form
        identity = (WorkbookKind.DIFFERENCES, form.form, form.edition, __version__)
        book.identity(dict(zip(("kind", "form", "edition", "version"), identity, strict=True)))
    return buffer.getvalue()


def _figures(page: SheetWriter, changes: Changes, layout: Layout) -> None:
    """Write the sheet of figures; it has a column for the unit where the sides have several
    units.
    """
    columns = list(_COLUMNS)
    if changes.new.many:
        columns.insert(1, _UNIT)
    note = f"前：{titled(changes.old)}；后：{titled(changes.new)}。"
    note += f"{len(changes.figures)} 个数有变化，变化大的在前。"
    labels = {t.name: t.label for t in changes.form.texts}
    if changes.texts:
        note += f"文字不同：{'、'.join(labels[t] for t in changes.texts)}。"
    page.headline("差异", note)
    formats = page.formats
    grey = formats.number(formats.item(FIGURE, font_color="#7F7F7F"))
    inks = {
        look: {
            up: formats.number(formats.item(look, font_color=_GREEN if up else _RED))
            for up in (True, False)
        }
        for look in (_SIGNED, _SHARE)
    }

    def row(number: int, change: Difference) -> list[Content]:
        """The row of a difference."""
        at, difference, share = layout.address(change.item), change.difference, change.share
        gap = None if difference is None else stored(difference)
        return [
            number,
            *((name(change.unit),) if changes.new.many else ()),
            at.sheet,
            at.a1,
            changes.form.items[change.item].path,
            _figure(change.old, grey),
            _figure(change.new, grey),
            None if gap is None else Styled(gap, inks[_SIGNED][gap > 0]),
            None if share is None else Styled(share, inks[_SHARE][share > 0]),
            remark(changes, change),
        ]

    rows = (row(number, change) for number, change in enumerate(changes.figures, 1))
    page.write_list(LIST_HEAD, columns, rows, len(changes.figures))


def _figure(entry: Entry, grey: int) -> Content:
    """The figure of one side or, in the style ``grey``, the text that is there instead."""
    return Styled(entry.words, grey) if entry.number is None else stored(entry.number)


def _units(page: SheetWriter, changes: Changes) -> None:
    """Write the sheet of units that are on one side only."""
    page.headline("单位增减", f"前：{titled(changes.old)}；后：{titled(changes.new)}。")
    units = [(unit, "后有前无") for unit in changes.added]
    units += [(unit, "前有后无") for unit in changes.removed]
    rows = ((number, name(unit), what) for number, (unit, what) in enumerate(units, 1))
    page.write_list(LIST_HEAD, _UNITS, rows, len(units))
    page.sheet.set_portrait()


def remark(changes: Changes, change: Difference) -> str:
    """The kind of a change in a word, such as 归零 or 从无到有; empty for an ordinary change of an
    input.
    """
    if not change.numeric:
        return "不是数字"
    if change.gone:
        return "变为空白" if change.new == Entry() else "归零"
    if not change.old.number and change.new.number:
        return "从无到有"
    return "合计" if changes.form.items[change.item].formula is not None else ""


def titled(side: Side) -> str:
    """A side in words: the name of its file, with unit and year where they are known."""
    unit = "" if side.many else next(iter(side.figures))
    year = f"{side.year}年" if side.year else ""
    parts = " ".join(x for x in (unit, year) if x)
    return f"{side.name}（{parts}）" if parts else side.name
