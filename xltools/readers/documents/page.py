"""A web page with a report on it: its tables, spans expanded, and the text around them as lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from xltools.readers.book import Book, Line
from xltools.readers.documents.tables import Budget, Table, book, clean

if TYPE_CHECKING:
    from lxml.etree import _Element

PROSE: Final = 60  # characters outside tables that make a page a document

_BLOCKS: Final = frozenset(
    (
        "address article aside blockquote body caption center dd details div dl dt fieldset"
        " figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p"
        " pre section summary td th tr ul"
    ).split()
)
# What belongs to the site, not to the page's text.
_ASIDE: Final = frozenset(
    (
        "script style template noscript iframe object svg head nav select button textarea"
        " option input comment"
    ).split()
)
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
    """A page as a document; None when it has no text of its own: then its tables are all."""
    reading = _Reading()
    body = page.find("body")
    reading.walk(page if body is None else body)
    reading.end()
    if not reading.tables or sum(len(line.text) for line in reading.lines) < PROSE:
        return None
    return book(reading.tables, reading.lines, heads=_heads(page))


def _heads(page: "_Element") -> list[str]:
    """What a page says that it is: its title, those among its metadata, its first heading."""
    said = [clean(" ".join(map(str, element.itertext()))) for element in page.iter("title", "h1")]
    for meta in page.iter("meta"):
        name = (meta.get("name") or meta.get("property") or "").lower()
        if name in _TITLES:
            said.append(clean(meta.get("content") or ""))
    return [text for text in dict.fromkeys(said) if text][:_HEADS]


@dataclass(slots=True)
class _Reading:
    """A page while it is read, in the order of its text."""

    tables: list[Table] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)
    parts: list[str] = field(default_factory=list)  # of the line that is open

    def walk(self, element: "_Element") -> None:
        """Take an element's text and that of all below it."""
        if not _seen(element):
            return
        tag = element.tag
        if tag == "table" and self.table(element):
            return
        if tag in _BLOCKS:
            self.end()
        elif tag == "br":
            self.parts.append("\n")
        self.parts.append(_spaced(element.text))
        for child in element:
            self.walk(child)
            self.parts.append(_spaced(child.tail))
        if tag in _BLOCKS:
            self.end()

    def end(self) -> None:
        """End the open line."""
        for text in clean("".join(self.parts)).split("\n"):
            if text and not _SITE.match(text):
                self.lines.append(Line(text=text, place=f"第{len(self.lines) + 1}行"))
        self.parts.clear()

    def table(self, element: "_Element") -> bool:
        """Take a table; False for a frame around text, which is read as text."""
        if element.find(".//table") is not None:
            return False
        made = Table("")
        for row in _rows(element):
            made.start()
            for cell in row:
                if cell.tag not in ("td", "th") or not _seen(cell):
                    continue
                made.skip(made.free() - len(made.rows[-1]), self.budget)
                text = "".join(_words(cell))
                wide, high = _span(cell.get("colspan")), _span(cell.get("rowspan"), end=1 << 20)
                made.cell(text, wide=wide, high=high, budget=self.budget)
            made.finish()
        if not made.real:
            return False
        self.end()
        caption = element.find("caption")
        if caption is not None:
            self.walk(caption)
        made.name = f"表{len(self.tables) + 1}"
        self.tables.append(made)
        return True


def _rows(table: "_Element") -> Iterator["_Element"]:
    for child in table:
        if not _seen(child):
            continue
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from (row for row in child if row.tag == "tr" and _seen(row))


def _seen(element: "_Element") -> bool:
    if element.tag in _ASIDE:
        return False
    return element.get("hidden") is None and not _HIDDEN.search(element.get("style", ""))


def _words(element: "_Element") -> Iterator[str]:
    """The text of a cell in pieces, a line break where one is seen."""
    breaks = element.tag in _BLOCKS or element.tag == "br"
    if breaks:
        yield "\n"
    yield _spaced(element.text)
    for child in element:
        if _seen(child):
            yield from _words(child)
        yield _spaced(child.tail)
    if breaks:
        yield "\n"


def _spaced(text: str | None) -> str:
    return re.sub(r"[ \t\r\n]+", " ", text or "")


def _span(given: str | None, *, end: int = 1) -> int:
    """A span; ``end`` is what 0, to the end, stands for."""
    text = (given or "1").strip()
    span = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    return span or end
