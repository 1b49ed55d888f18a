"""Read a web page that contains a report as a document: its tables, and the text around them as
lines.
"""

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from xltools.model.cells import Area, Flag
from xltools.readers import looks
from xltools.readers.book import Book, CellBudget, TextLine
from xltools.readers.documents.tables import TableDraft, book, clean
from xltools.readers.looks import (
    Counted,
    Look,
    TextRun,
    counted,
    prose,
)
from xltools.readers.pagetext import (
    BLOCKS,
    GUIDES,
    SITE,
    Looks,
    entered,
    lines,
    spaced,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

PROSE: Final = 60  # a page with at least so many characters outside tables is a document

# Names of metadata that hold a page's title; the first is that of China's government web sites
# (国办发〔2017〕47号).
_TITLES: Final = frozenset(("articletitle", "og:title", "title", "dc.title"))
_HEADS: Final = 20
_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SITE: Final = re.compile(
    r"(?:上一[篇条页]|下一[篇条页]|打印(?:本页)?|关闭(?:窗口)?|分享到?|责任编辑|扫一扫|相关(?:链接|附件|稿件)|"
    r"版权所有|主办(?:单位)?[:：]|承办(?:单位)?[:：]|网站标识码|ICP备|浏览次数|字体[:：]|返回顶部)"
)


def read(page: "_Element") -> Book | None:
    """Read the document on a page; returns None if it has no table, or too little text around its
    tables.
    """
    reading = _PageReading(Looks.of(page))
    body = page.find("body")
    body = page if body is None else body
    reading.walk(body, reading.looks.at(body))
    reading.end()
    if not reading.tables or sum(len(line.text) for line in reading.lines) < PROSE:
        return None
    return book(reading.tables, reading.lines, heads=_heads(page))


def _heads(page: "_Element") -> list[str]:
    """Return the titles of a page: its title, titles in its metadata, and its first-level
    headings.
    """
    titles = [clean(" ".join(map(str, element.itertext()))) for element in page.iter("title", "h1")]
    for meta in page.iter("meta"):
        name = (meta.get("name") or meta.get("property") or "").lower()
        if name in _TITLES:
            titles.append(clean(meta.get("content") or ""))
    return [text for text in dict.fromkeys(titles) if text][:_HEADS]


@dataclass(slots=True)
class _PageReading:
    """A page while it is read from beginning to end. ``tables`` and ``lines``: what has been read
    so far; ``runs``: the text of the current line; ``budget``: the cells that its tables may still
    occupy.
    """

    looks: Looks
    tables: list[TableDraft] = field(default_factory=list)
    lines: list[TextLine] = field(default_factory=list)
    budget: CellBudget = field(default_factory=CellBudget)
    runs: list[TextRun] = field(default_factory=list)

    def walk(self, element: "_Element", look: Look, *, guide: bool = False) -> None:
        """Read the text of an element and of all elements within it. ``look``: the look of the
        element; ``guide``: the element is within a phonetic guide.
        """
        tag = element.tag
        # A text area may hold a chapter of the report; other fields belong to the site.
        if tag == "textarea" and not look.unseen:
            self.end()
            self.runs.append(TextRun(entered(element), look))
            self.end()
            return
        if not _seen(element):
            return
        # Hidden tables, and blocks of which only the place is kept, may be waiting for a script on
        # the page to show them.
        if look.faint and tag in (*BLOCKS, "table"):
            look = replace(look, faint=None)
        if look.hidden and (tag == "table" or element.find(".//table") is not None):
            look = replace(look, hidden=None)
        if tag == "table" and self.table(element, look):
            return
        if tag in BLOCKS:
            self.end()
        elif tag == "br":
            self.runs.append(TextRun("\n"))
        if looks.name(tag) in looks.WHOLE:
            self.runs.append(TextRun(f" {looks.text(element)} ", look))
            return
        guide = guide or tag in GUIDES
        self.runs.append(TextRun(spaced(element.text), look, guide))
        for child in element:
            self.walk(child, self.looks.within(child, look), guide=guide)
            self.runs.append(TextRun(spaced(child.tail), look, guide))
        if tag in BLOCKS:
            self.end()

    def end(self) -> None:
        """End the current line and keep it, except for blank lines and for lines that belong to the
        web site.
        """
        for text in clean(prose(self.runs)).split("\n"):
            if text and not _SITE.match(text):
                self.lines.append(TextLine(text=text, place=f"第{len(self.lines) + 1}行"))
        self.runs.clear()

    def table(self, element: "_Element", look: Look) -> bool:
        """Read a table. Returns False if it is not a table of figures or words but a frame around
        text, which then has to be read as text.
        """
        if element.find(".//table") is not None:
            return False
        draft = TableDraft("")
        for row in self.looks.rows(element, look, hidden=False):
            draft.start()
            for cell in row.cells:
                draft.skip(cell.col - len(draft.rows[-1]), self.budget)
                text = counted(self.looks.runs(cell.element, cell.look))
                content = Counted(lines(text.text), text.mark, text.unseen)
                draft.cell(content, wide=cell.wide, budget=self.budget)
                if self.looks.has_lost(cell.element, content.text):
                    draft.flags[cell.row, cell.col] = Flag(field=True)
                if cell.wide > 1 or cell.high > 1:
                    bottom, right = cell.row + cell.high - 1, cell.col + cell.wide - 1
                    draft.merges.append(Area(cell.row, cell.col, bottom, right))
            draft.skip(row.width - len(draft.rows[-1]), self.budget)
        if not draft.real:
            return False
        self.end()
        caption = element.find("caption")
        if caption is not None:
            self.walk(caption, self.looks.within(caption, look))
        draft.name = f"表{len(self.tables) + 1}"
        self.tables.append(draft)
        return True


def _seen(element: "_Element") -> bool:
    """Whether an element is visible text of the page, as far as its name and attributes show."""
    if element.tag in SITE:
        return False
    return element.get("hidden") is None and not _HIDDEN.search(element.get("style", ""))
