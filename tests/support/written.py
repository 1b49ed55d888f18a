"""Annual reports written as Word, web page and text, in the layouts in which they come in."""

from __future__ import annotations

import html
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from support.filled import LAYOUT, REPORTS, published
from xltools.layout.geometry import Box, Role
from xltools.layout.places import Layout, TableLayout
from xltools.model.form import TextPart
from xltools.model.numbers import Number, show

if TYPE_CHECKING:
    from docx.document import Document

Mend = Callable[[Box, str], str]
Convert = Callable[[dict[str, bytes], str], dict[str, bytes]]


def plain(box: Box, text: str) -> str:
    return text


@dataclass(frozen=True, kw_only=True)
class Written:
    """A report to be written: title over some lines, texts by name, figures by item."""

    title: Sequence[str]
    agency: str
    date: str
    figures: Sequence[Number | str | None]
    texts: Mapping[str, str] = field(default_factory=dict)
    layout: Layout = LAYOUT
    mend: Mend = plain  # what is printed in a box, given what ought to be

    def boxes(self, one: TableLayout) -> list[Box]:
        """The boxes of a table without its title, from row 0 on, with what is printed in them."""
        made = []
        for b in one.drawing.boxes:
            if b.role is Role.TITLE:
                continue
            text = b.text
            if b.item is not None:
                value = self.figures[b.item]
                text = "" if value is None else value if isinstance(value, str) else show(value)
            made.append(
                Box(
                    row=b.row - 1, col=b.col, height=b.height, width=b.width, role=b.role,
                    text=self.mend(b, text), item=b.item,
                )
            )  # fmt: skip
        return made


def report_of(name: str, **more: Any) -> Written:
    """A published report, with texts of our own."""
    said = json.loads((REPORTS / f"{name}.json").read_text("utf-8"))
    texts = {
        t.name: f"{said['year']}年，{t.label.strip('（）一二三四五')}按规定开展。全年共 {n} 项。"
        for n, t in enumerate(LAYOUT.form.texts, 3)
    }
    printed = published(name).figures
    figures = [printed[i.name] for i in LAYOUT.form.items]
    return Written(
        **{
            "title": [said["title"]],
            "agency": said["agency"],
            "date": f"{said['year'] + 1}年1月20日",
            "figures": figures,
            "texts": texts,
            **more,
        }
    )


def parts(report: Written) -> list[tuple[str, str | TableLayout]]:
    """The report in order: ("title" | "head" | "sub" | "text" | "sign", text) and tables."""
    said: list[tuple[str, str | TableLayout]] = [("title", line) for line in report.title]
    tables = {one.table.key: one for one in report.layout.tables}
    for part in report.layout.form.parts:
        said.append(("head", part.title))
        if not isinstance(part, TextPart):
            said.append(("table", tables[part.key]))
            continue
        for text in part.texts:
            if text.heading:
                said.append(("sub", text.heading))
            said += [("text", line) for line in report.texts.get(text.name, "").split("\n") if line]
    return [*said, ("sign", report.agency), ("sign", report.date)]


def word(report: Written, alter: Callable[[Document], None] | None = None) -> bytes:
    """A .docx, as python-docx writes it: merged cells, wrapped labels as they are."""
    import docx
    from docx.shared import Pt

    made = docx.Document()
    made.styles["Normal"].font.size = Pt(10.5)
    for _, what in parts(report):
        if isinstance(what, TableLayout):
            _word_table(made, report, what)
        else:
            made.add_paragraph(what)
    if alter is not None:
        alter(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _word_table(made: Document, report: Written, one: TableLayout) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Emu

    boxes = report.boxes(one)
    height, width = len(one.drawing.heights) - 1, len(one.drawing.widths)
    table = made.add_table(rows=0, cols=width, style="Table Grid")
    table.autofit = False
    pixel = 5_600_000 // sum(one.drawing.widths)
    widths = [w * pixel for w in one.drawing.widths]
    for column, wide in zip(table.columns, widths, strict=True):
        column.width = Emu(wide)
    starts = {(b.row, b.col): b for b in boxes}
    covers = {(r, b.col): b for b in boxes for r in range(b.row + 1, b.row + b.height)}
    for r in range(height):
        row = OxmlElement("w:tr")
        c = 0
        while c < width:
            box = starts.get((r, c)) or covers.get((r, c))
            assert box is not None, "every place is in a box"
            cell, about = OxmlElement("w:tc"), OxmlElement("w:tcPr")
            size = OxmlElement("w:tcW")
            size.set(qn("w:w"), str(sum(widths[c : c + box.width]) // 635))
            size.set(qn("w:type"), "dxa")
            about.append(size)
            if box.width > 1:
                span = OxmlElement("w:gridSpan")
                span.set(qn("w:val"), str(box.width))
                about.append(span)
            if box.height > 1:
                merge = OxmlElement("w:vMerge")
                if box.row == r:
                    merge.set(qn("w:val"), "restart")
                about.append(merge)
            cell.append(about)
            paragraph = OxmlElement("w:p")
            if box.row == r and box.text:
                run, text = OxmlElement("w:r"), OxmlElement("w:t")
                text.text = box.text.replace("\n", "")
                run.append(text)
                paragraph.append(run)
            cell.append(paragraph)
            row.append(cell)
            c += box.width
        table._tbl.append(row)


def page(report: Written, *, around: bool = True) -> bytes:
    """A web page as sites of governments have them: spans, hard spaces, text around."""
    made = ["<!DOCTYPE html><html><head><meta charset=utf-8><title>政府信息公开</title>"]
    made.append("<style>td{border:1px solid}</style></head><body>")
    if around:
        made.append('<div class="nav"><a href="/">首页</a> &gt; <a href="#">年报</a></div>')
    for kind, what in parts(report):
        if isinstance(what, TableLayout):
            made.append(_page_table(report, what))
        else:
            tag = "h2" if kind in ("title", "head") else "p"
            made.append(f"<{tag}>&nbsp;&nbsp;{html.escape(what)}</{tag}>")
    if around:
        made.append(
            "<div>上一篇：没有了</div><div>版权所有：某某人民政府 网站标识码0000000000</div>"
        )
    return "\n".join([*made, "</body></html>"]).encode()


def _page_table(report: Written, one: TableLayout) -> str:
    made = ['<div><table border="1"><tbody>']
    boxes = sorted(report.boxes(one), key=lambda b: (b.row, b.col))
    for r in range(len(one.drawing.heights) - 1):
        made.append("<tr>")
        for b in (b for b in boxes if b.row == r):
            spans = f' colspan="{b.width}"' * (b.width > 1) + f' rowspan="{b.height}"' * (
                b.height > 1
            )
            text = html.escape(b.text).replace("\n", "<br/>") or "&nbsp;"
            made.append(
                f'<td{spans}><p style="text-align:center"><span>&nbsp;{text}</span></p></td>'
            )
        made.append("</tr>")
    return "".join([*made, "</tbody></table></div>"])


def listed(report: Written) -> str:
    """Text as some programs copy it: a cell a line behind a tab, an empty line after each row."""
    return text(report, lambda rows: [x for row in rows for x in (*(f"\t{c}" for c in row), "")])


def tabbed(report: Written) -> str:
    """Text as a browser copies it: fields between tabs, a merged cell but once."""
    return text(report, lambda rows: ["\t".join(row) for row in rows], once=True)


def bare(report: Written) -> str:
    """Text that has lost all but the order: a cell a line."""
    return text(report, lambda rows: [c for row in rows for c in row], once=True)


def markdown(report: Written) -> str:
    """Markdown: pipes, a place a cell."""

    def table(rows: list[list[str]]) -> list[str]:
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        return ["", lines[0], "|" + "---|" * len(rows[0]), *lines[1:], ""]

    return text(report, table, full=True, mark="## ")


def text(
    report: Written,
    table: Callable[[list[list[str]]], list[str]],
    *,
    once: bool = False,
    full: bool = False,
    mark: str = "",
) -> str:
    lines: list[str] = []
    for kind, what in parts(report):
        if isinstance(what, TableLayout):
            lines += table(_rows(report, what, once=once, full=full))
        else:
            lines.append((mark if kind in ("title", "head") else "") + what)
    return "\n".join(lines) + "\n"


def _rows(report: Written, one: TableLayout, *, once: bool, full: bool) -> list[list[str]]:
    """Cells by row. ``once``: a merged cell stands in its first row alone; ``full``: every place
    of the grid is a cell; else what hangs down is an empty cell, as Word copies it.
    """
    boxes = report.boxes(one)
    rows: list[list[str]] = []
    for r in range(len(one.drawing.heights) - 1):
        row: list[tuple[int, str]] = []
        for b in boxes:
            if not b.row <= r < b.row + b.height:
                continue
            text = b.text.replace("\n", "") if b.row == r else ""
            if b.row == r or not once:
                row.append((b.col, text))
            if full:
                row += [(c, "") for c in range(b.col + 1, b.col + b.width)]
        rows.append([text for _, text in sorted(row)])
    return rows
