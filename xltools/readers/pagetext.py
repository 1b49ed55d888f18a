"""The content of a web page: the text of its elements as runs, each with the look that style sheets
give it; its tables, with cells placed according to the spans of rows and columns; and the fields
that people type into.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from xltools.model.errors import ReadError
from xltools.model.wording import Phrase
from xltools.readers import looks
from xltools.readers.book import COLS, ROWS
from xltools.readers.css import StyleSheet
from xltools.readers.looks import DEFAULT, Look, TextRun
from xltools.readers.markup import plain_number

if TYPE_CHECKING:
    from lxml.etree import _Element

BREAK: Final = "\x1e"  # ends lines; pages cannot contain it, and Python treats it as white space

BLOCKS: Final = frozenset(
    (
        "address article aside blockquote body caption center dd details div dl dt fieldset"
        " figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p"
        " pre section summary td th tr ul"
    ).split()
)
# Elements that are not text of the page: scripts, fields, and parts of the web site.
SITE: Final = frozenset(
    (
        "script style template noscript iframe object svg head nav select button textarea"
        " option input datalist comment"
    ).split()
)
_ASIDE: Final = SITE | {"table"}
BACKWARDS: Final = "\u202e"
"""Text after this character (right-to-left override) is displayed backwards; no figure has it."""
FIELDS: Final = frozenset(("input", "textarea", "select"))
"""Elements that people type into or choose from. A saved page may have kept what they entered."""
# Types of ``input`` that no figure is typed into. Browsers take any other type for a text field.
_UNTYPED: Final = frozenset(
    (
        "hidden checkbox radio button submit reset image file password color range date month week"
        " time datetime datetime-local"
    ).split()
)
# The attributes that decide how an element looks.
_SAYING: Final = ("class", "id", "style", "hidden", "color", "bgcolor", "background")
_RAISED: Final = ("sup", "sub")
_STRUCK: Final = ("s", "strike", "del")
GUIDES: Final = ("rt", "rp", "rtc")
_BOXES: Final = ("td", "th", "tr", "table", "tbody", "thead", "tfoot")
_NOTHING: Final = re.compile(r"(?:0+\.?0*|\.0+)(?:px|pt|em|rem|ex|%|cm|mm|in|pc)?")
_SHORT: Final = re.compile(r"(?:^|\s)0(?:px|pt|em)?[/\s]")  # a size of 0 within ``font``
_WIDEST: Final = 1000  # columns that one cell may cover, as browsers have it
_BREAKS: Final = re.compile(f" *{BREAK}[ {BREAK}]*")
_SPACE: Final = re.compile(r"[ \t\r\n]+")
_WHITE: Final = re.compile(
    r"#fff(?:f|fff|fffff)?|white|(?:rgb\((?:255|100%),(?:255|100%),(?:255|100%)\))"
    r"|rgba\(255,255,255,1(?:\.0*)?\)"
)


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell of a table, with its element and look. ``row`` and ``col``: its place, from 0;
    ``high`` and ``wide``: how many rows and columns it covers; ``high`` is limited to the rows that
    the table has.
    """

    element: "_Element"
    look: Look
    row: int
    col: int
    high: int
    wide: int


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table. ``width``: the number of columns up to the end of its last cell, including
    cells from above that extend into this row next to it.
    """

    cells: Sequence[TableCell]
    width: int


@dataclass(slots=True)
class Looks:
    """Works out how the elements of a page look.

    ``sheet``: the style sheets in the page. ``outside``: the page also uses style sheets stored
    elsewhere, which are not read; then an element with a class or an id may have any colour and any
    background. ``unsaved``: the page has fields in its tables, and nothing of what was typed there
    was saved. ``resolved``: looks that were worked out, by name and attributes of the element, for
    reuse.
    """

    sheet: StyleSheet
    outside: bool
    unsaved: bool
    resolved: dict[tuple[str | None, ...], Look] = field(default_factory=dict)

    @classmethod
    def of(cls, page: "_Element") -> "Looks":
        """Prepare for a page by reading the style sheets in it."""
        links = (str(link.get("rel", "")).lower() for link in page.iter("link"))
        sheet = StyleSheet.of(page)
        imported = any("@import" in (style.text or "") for style in page.iter("style"))
        outside = imported or any("stylesheet" in rel for rel in links)
        return cls(sheet, outside, _is_unsaved(page))

    def at(self, element: "_Element") -> Look:
        """Return the look of an element, including what it inherits from the elements around it."""
        look = Look(light=False) if self.outside else DEFAULT
        for outer in reversed([*element.iterancestors()]):
            look = self.within(outer, look)
        return self.within(element, look)

    def within(self, element: "_Element", outer: Look) -> Look:
        """Return the look of an element. ``outer``: the look of the element around it."""
        tag, texts = str(element.tag), [element.get(name) for name in _SAYING]
        look = self.resolved.get((tag, *texts))
        if look is None:
            attributes = {
                name: text for name, text in zip(_SAYING, texts, strict=True) if text is not None
            }
            look = look_of(tag, attributes, self.sheet.declared(element))
            look = DEFAULT if look == DEFAULT else look
            if self.sheet.alone(element):
                self.resolved[tag, *texts] = look
        if self.outside and (element.get("class") or element.get("id")):
            outer = replace(outer, tiny=None, white=None, light=False)
        return look.within(outer)

    def rows(self, table: "_Element", look: Look, *, hidden: bool) -> Iterator[TableRow]:
        """Yield the rows of a table, without those of tables nested in it. ``look``: the look of
        the table.

        With ``hidden``, rows and cells that are not displayed are included, as hidden ones of a
        workbook are, and have the look of displayed ones; without it, they are left out. Raises
        ReadError F-05 for a table that is larger than a sheet may be.
        """
        rows = list(self._rows(table, look, hidden=hidden))
        free: list[int] = []  # by column: the first row that no cell above reaches
        for row, (element, around) in enumerate(rows):
            cells, col = list[TableCell](), 0
            for cell in element:
                if cell.tag not in ("td", "th"):
                    continue
                shown = self.within(cell, around)
                if shown.hidden:
                    if not hidden:
                        continue
                    shown = replace(shown, hidden=None)
                col = _next_free(free, row, col)
                wide = max(1, min(_span(cell.get("colspan")), _WIDEST))
                high = min(_span(cell.get("rowspan")) or ROWS, len(rows) - row)
                if row >= ROWS or col + wide > COLS:
                    raise ReadError("F-05", Phrase.PAGE_TABLE_TOO_LARGE)
                free.extend([0] * (col + wide - len(free)))
                free[col : col + wide] = [row + high] * wide
                cells.append(TableCell(cell, shown, row, col, high, wide))
                col += wide
            yield TableRow(cells, _next_free(free, row, col))

    def _rows(
        self, part: "_Element", look: Look, *, hidden: bool
    ) -> Iterator[tuple["_Element", Look]]:
        """Yield the row elements of a table, or of its head, body or foot (``part``), each with its
        look. ``hidden``: include rows that are not displayed.
        """
        for child in part:
            if child.tag not in ("tr", "thead", "tbody", "tfoot"):
                continue
            shown = self.within(child, look)
            if shown.hidden and not hidden:
                continue
            if child.tag == "tr":
                yield child, shown
            else:
                yield from self._rows(child, shown, hidden=hidden)

    def has_lost(self, cell: "_Element", text: str) -> bool:
        """Whether a cell with this text contains a field whose content was not saved with
        the page.
        """
        return self.unsaved and not text and any(map(is_field, cell.iter(*FIELDS)))

    def runs(self, element: "_Element", look: Look) -> Iterator[TextRun]:
        """Yield the text of an element as runs. ``look``: the look of the element. A run with BREAK
        is at each end of a block. Nested tables, and what is not text of the page, are left out.
        """
        tag = element.tag
        if tag in BLOCKS or tag == "br":
            yield TextRun("\n" if tag == "br" else BREAK)
        guide = tag in GUIDES
        if tag == "bdo" and str(element.get("dir", "")).lower() == "rtl":
            yield TextRun(BACKWARDS, look, guide)
        if element.text:
            yield TextRun(spaced(element.text), look, guide)
        for child in element:
            if child.tag in FIELDS:
                yield TextRun(f" {spaced(entered(child))} ", self.within(child, look))
            elif child.tag not in _ASIDE:
                inner = self.within(child, look)
                if looks.name(child.tag) in looks.WHOLE:
                    yield TextRun(
                        f" {looks.text(child)} ", inner
                    )  # not joined to the text next to it
                else:
                    for run in self.runs(child, inner):
                        yield replace(run, guide=True) if guide else run
            if child.tail:
                yield TextRun(spaced(child.tail), look, guide)
        if tag in BLOCKS:
            yield TextRun(BREAK)


def entered(field: "_Element") -> str:
    """Return the content of a field as saved with the page. For a list of choices it is the text of
    the chosen ones. If the page does not say which was chosen, it is empty, except for a list that
    offers only one choice.
    """
    if field.tag == "textarea":
        return str(field.text or "")
    if field.tag == "input":
        kind = str(field.get("type", "")).strip().lower()
        return "" if kind in _UNTYPED else str(field.get("value", ""))
    options = [o for o in field.iter("option") if o.get("disabled") is None]
    chosen = [o for o in options if o.get("selected") is not None]
    if field.get("multiple") is None:
        chosen = chosen[-1:] or (options if len(options) == 1 else [])
    return " ".join(o.get("label") or "".join(map(str, o.itertext())) for o in chosen)


def is_field(element: "_Element") -> bool:
    """Whether an element is a field into which a figure may be typed, or in which one may be
    chosen.
    """
    kind = str(element.get("type", "")).strip().lower()
    return element.tag in FIELDS and (element.tag != "input" or kind not in _UNTYPED)


def _is_unsaved(page: "_Element") -> bool:
    """Whether a page has fields in its tables and all of them are empty, as happens when a browser
    saves the page without what was typed.
    """
    fields = [f for cell in page.iter("td", "th") for f in cell.iter(*FIELDS)]
    typed = [f for f in fields if is_field(f)]
    return bool(typed) and not any(entered(f).strip() for f in typed)


def lines(text: str) -> str:
    """Return the text of runs as lines: one or more BREAKs become a line feed, spaces around lines
    are removed, and no-break spaces become plain ones.
    """
    bare = text.replace("\xa0", " ").strip()
    if BREAK not in bare and "\n" not in bare:
        return bare
    rows = _BREAKS.sub("\n", bare).split("\n")
    return "\n".join(row.strip() for row in rows)


def look_of(tag: str, attributes: Mapping[str, str], style: Mapping[str, str]) -> Look:
    """Return the look that an element sets for itself, without what it inherits. ``tag``: its name;
    ``attributes``: its attributes by name; ``style``: the values of its CSS properties.
    """
    line = " ".join(v for k, v in style.items() if k.startswith("text-decoration"))
    raised = tag in _RAISED or (
        style.get("vertical-align") in ("super", "sub") and tag not in _BOXES
    )
    hidden = (
        style.get("display") == "none"
        or attributes.get("hidden") is not None
        or style.get("mso-hide") == "all"
    )
    clear = bool(_NOTHING.fullmatch(style.get("opacity", "1")))
    seen = style.get("visibility", "inherit")
    ink = style.get("color") or (attributes.get("color") if tag == "font" else None)
    return Look(
        raised=raised or None,
        struck=("line-through" in line if line else tag in _STRUCK) or None,
        hidden=hidden or None,
        faint=clear or (None if seen == "inherit" else seen in ("hidden", "collapse")),
        tiny=_tiny(style),
        white=None if ink in (None, "inherit") else _white(ink) or ink == "transparent",
        light=_light(attributes, style),
    )


def _white(colour: str) -> bool:
    """Whether a colour, as written in CSS or HTML, is white."""
    return _WHITE.fullmatch("".join(colour.lower().split())) is not None


def _tiny(style: Mapping[str, str]) -> bool | None:
    """Whether text has a size of 0; None if the CSS properties in ``style`` give no size."""
    size = style.get("font-size")
    if size is not None:
        return _NOTHING.fullmatch(size) is not None
    return bool(_SHORT.search(style["font"])) if "font" in style else None


def _light(attributes: Mapping[str, str], style: Mapping[str, str]) -> bool | None:
    """Whether the background is certainly white; False if it is another colour or a picture; None
    if the background of the element around it shows through.
    """
    image = style.get("background-image", "none") != "none" or attributes.get("background")
    colour = style.get("background-color") or style.get("background") or attributes.get("bgcolor")
    if image:
        return False
    if colour is None or colour in ("none", "transparent", "inherit", "initial", ""):
        return None
    return _white(colour)


def spaced(text: str | None) -> str:
    """Replace each run of spaces, tabs and line ends in a text of a page by one space. None becomes
    an empty text.
    """
    return _SPACE.sub(" ", text) if text else ""


def _next_free(free: Sequence[int], row: int, col: int) -> int:
    """Return the first column, from ``col`` on, that no cell from a row above covers in this row.
    ``free``: for each column, the first row that no such cell covers.
    """
    while col < len(free) and free[col] > row:
        col += 1
    return col


def _span(attribute: str | None) -> int:
    """Return the number in a ``colspan`` or ``rowspan``: 1 if there is none or it is not a number.
    The number 0 means to the end of the table.
    """
    span = plain_number((attribute or "1").strip(), 5)
    return 1 if span is None else span
