"""Read the parts of a Word document that are needed, and work out how its characters look from
their properties and styles.
"""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from xltools.model.errors import ReadError
from xltools.model.wording import Phrase
from xltools.readers.markup import plain_number
from xltools.readers.package import Package, Relation, sound_relations

if TYPE_CHECKING:
    from lxml.etree import _Element

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WHITE: Final = "FFFFFF"
UNKNOWN: Final = ""  # a background that is a picture, a pattern, or uncertain
_OFF: Final = ("0", "false", "off", "none")
_SIZE: Final = 20  # half points; the size if a document states none
_NEAR: Final = 8  # difference of colour levels (0 to 255) that nobody sees
_DEEP: Final = 20  # at most, styles that are based on each other

Marks = Mapping[str, "_Element"]  # character properties by name


@dataclass(frozen=True, slots=True)
class Setting:
    """How characters are formatted. ``unseen``: struck out, hidden, or in the colour of their
    background; ``raised``: a superscript or subscript; ``shifted``: how far they are moved off the
    line, in half points, which makes smaller characters a mark; ``size``: in half points.
    """

    unseen: bool = False
    raised: bool = False
    shifted: int = 0
    size: int = _SIZE


PLAIN: Final = Setting()


class WordStyles:
    """The styles of a document. ``root``: the root element of the styles part, None if there is
    none.
    """

    def __init__(self, root: "_Element | None") -> None:
        self._styles: dict[str, _Element] = {}
        self._normal = ""
        self._known: dict[str, Marks] = {}
        self._usual: dict[tuple[str, str], Setting] = {}  # of runs without properties of their own
        self._defaults: Marks = {}
        if root is None:
            return
        for style in root.findall(f"{W}style"):
            name = style.get(f"{W}styleId", "")
            self._styles[name] = style
            if style.get(f"{W}type") == "paragraph" and _set(style.get(f"{W}default", "0")):
                self._normal = name
        self._defaults = _marks(root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr"))

    def setting(
        self,
        run: "_Element | None",
        paragraph: "_Element | None",
        table: str,
        ground: str,
    ) -> Setting:
        """Return the formatting of a run. ``run``, ``paragraph``: the elements with their
        properties; ``table``: the name of the style of the table around them; ``ground``: the
        colour of their background, unless they have their own.
        """
        style = paragraph.find(f"{W}pStyle") if paragraph is not None else None
        named = style.get(f"{W}val", "") if style is not None else self._normal
        direct = _marks(run)
        if not direct and (named, table) in self._usual:
            return self._usual[named, table]
        layers = [self._of(direct["rStyle"].get(f"{W}val", ""))] if "rStyle" in direct else []
        layers += [self._of(named), self._of(table)]
        every = [direct, *layers, self._defaults]
        effective = {name: mark for marks in reversed(every) for name, mark in marks.items()}
        unseen = (
            any(_toggled(name, direct, layers) for name in ("strike", "vanish"))
            or any(name in effective and _on(effective[name]) for name in ("dstrike", "webHidden"))
            or self._blends(effective, paragraph, named, ground)
        )
        setting = Setting(
            unseen=unseen,
            raised=_value(effective, "vertAlign") in ("superscript", "subscript"),
            shifted=_number(_value(effective, "position"), 0),
            size=_number(_value(effective, "sz"), _SIZE),
        )
        if not direct and "color" not in effective:
            self._usual[named, table] = setting
        return setting

    def _of(self, name: str) -> Marks:
        """Return the character properties that a style sets, including those of the styles it is
        based on.
        """
        if name not in self._known:
            marks: dict[str, _Element] = {}
            for style in self._chain(name):
                marks = {**_marks(style.find(f"{W}rPr")), **marks}
            self._known[name] = marks
        return self._known[name]

    def _chain(self, name: str) -> "list[_Element]":
        """Return a style and those that it is based on, the nearest first."""
        chain: list[_Element] = []
        while name in self._styles and len(chain) < _DEEP:
            chain.append(self._styles[name])
            base = chain[-1].find(f"{W}basedOn")
            name = base.get(f"{W}val", "") if base is not None else ""
        return chain

    def _blends(self, marks: Marks, paragraph: "_Element | None", named: str, ground: str) -> bool:
        """Whether characters have the colour of their background. ``marks``: their effective
        properties; ``named``: the style of the paragraph; ``ground``: the background, unless they
        or the paragraph have their own.
        """
        colour = _value(marks, "color")
        if not colour or colour == "auto" or _value(marks, "highlight") not in ("", "none"):
            return False
        for shade in (marks.get("shd"), *self._shades(paragraph, named)):
            fill = filled(shade)
            if fill is not None:
                return _alike(colour, fill)
        return _alike(colour, ground)

    def _shades(self, paragraph: "_Element | None", named: str) -> "list[_Element | None]":
        """Return the shadings of a paragraph: its own, then those of its styles."""
        shades = [paragraph.find(f"{W}shd")] if paragraph is not None else []
        return [*shades, *(style.find(f"{W}pPr/{W}shd") for style in self._chain(named))]

    def ground(self, table: "_Element | None", *, edges: frozenset[str]) -> str | None:
        """Return the background colour that a table gives to a cell; None if it gives none.
        ``table``: the element with its properties; ``edges``: the conditional formats that may
        apply to the cell (``firstRow`` …).
        """
        if table is None:
            return None
        fill = filled(table.find(f"{W}shd"))
        if fill is not None:
            return fill
        for style in self._chain(style_of(table)):
            for part in style.findall(f"{W}tblStylePr"):
                kind = part.get(f"{W}type", "")
                if kind in edges or kind.startswith("band"):
                    fill = filled(part.find(f"{W}tcPr/{W}shd"))
                    if fill is not None and fill != WHITE:
                        return UNKNOWN  # it is uncertain whether the table uses this part
            for path in (f"{W}tcPr/{W}shd", f"{W}tblPr/{W}shd"):
                fill = filled(style.find(path))
                if fill is not None:
                    return fill
        return None


def style_of(table: "_Element | None") -> str:
    """Return the name of the style in a table's properties; empty if there is none."""
    style = table.find(f"{W}tblStyle") if table is not None else None
    return style.get(f"{W}val", "") if style is not None else ""


def filled(shade: "_Element | None") -> str | None:
    """Return the colour of a shading (RRGGBB); None if it gives none, UNKNOWN for a pattern."""
    if shade is None:
        return None
    pattern = shade.get(f"{W}val", "clear")
    if pattern not in ("clear", "solid", "nil"):
        return UNKNOWN
    colour = shade.get(f"{W}color" if pattern == "solid" else f"{W}fill", "auto")
    return None if colour in ("", "auto") or pattern == "nil" else colour.upper()


def _marks(about: "_Element | None") -> Marks:
    """Return the elements of properties by their local names."""
    if about is None:
        return {}
    return {
        tag.removeprefix(W): child
        for child in about
        if (tag := str(child.tag)).startswith(W)  # the tag of a comment is not a string
    }


def _toggled(name: str, direct: Marks, layers: list[Marks]) -> bool:
    """Whether a toggle property is on: the run's own setting decides, or else whether an odd number
    of its styles set the property, because each style that does reverses it.
    """
    if name in direct:
        return _on(direct[name])
    return sum(name in marks and _on(marks[name]) for marks in layers) % 2 == 1


def _on(mark: "_Element") -> bool:
    """Whether a property that is present is on; it is if it has no value."""
    return _set(mark.get(f"{W}val", "1"))


def _set(value: str) -> bool:
    """Whether the value of a property means that it is on, such as ``1`` or ``true``."""
    return value not in _OFF


def _value(marks: Marks, name: str) -> str:
    """Return the value of a property; empty if it is missing."""
    return marks[name].get(f"{W}val", "") if name in marks else ""


def _number(text: str, otherwise: int) -> int:
    """Return the whole number, possibly negative, that a text is; ``otherwise`` for any
    other text.
    """
    number = plain_number(text.removeprefix("-"), 5)
    if number is None:
        return otherwise
    return -number if text.startswith("-") else number


def _alike(colour: str, ground: str) -> bool:
    """Whether two colours (RRGGBB) look the same; False if one of them is unknown."""
    try:
        pairs = list(zip(bytes.fromhex(colour), bytes.fromhex(ground), strict=True))
    except ValueError:
        return False
    return len(pairs) == 3 and all(abs(a - b) <= _NEAR for a, b in pairs)


# Strict OOXML has namespaces of its own for the same elements: ECMA-376, part 1, annex A.
_STRICT: Final = "{http://purl.oclc.org/ooxml/"
_OTHERWISE: Final = {
    "wordprocessingml/main": W,
    "officeDocument/math": "{http://schemas.openxmlformats.org/officeDocument/2006/math}",
    "officeDocument/relationships": (
        "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WordParts:
    """The parts of a document that are read. ``root``: the root element of the main part;
    ``styles``: the root element of the styles part, None if there is none; ``links``: the relations
    of the main part by id.
    """

    package: Package
    root: "_Element"
    styles: "_Element | None"
    links: dict[str, Relation]

    @classmethod
    def of(cls, package: Package, main: str) -> "WordParts":
        """Read the parts of the document whose main part is ``main``. Raises ReadError: F-02 for
        damage, F-05 if the XML is nested too deep.
        """
        links = sound_relations(package, main)
        usual = posixpath.join(posixpath.dirname(main), "styles.xml")
        styles = next((link.part for link in links.values() if link.kind == "styles"), usual)
        return cls(
            package=package,
            root=_element(package, main),
            styles=_element(package, styles) if styles in package.parts else None,
            links=links,
        )

    def backed(self) -> bool:
        """Whether a header may place a picture behind the text."""
        headers = (link.part for link in self.links.values() if link.kind == "header")
        return any(
            next(_element(self.package, part).iter(f"{W}drawing", f"{W}pict"), None) is not None
            for part in headers
        )


def _element(package: Package, part: str) -> "_Element":
    """Return the root element of a part. Entities are not replaced, and nothing is loaded from
    elsewhere. Raises ReadError: F-02 for damage or a document type, F-05 if the XML is nested too
    deep.
    """
    from lxml import etree

    # A comment or an instruction would divide a text, and only its first half would be read.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(package.read(part), parser)
    except etree.XMLSyntaxError as error:
        if "huge" in str(error).lower():  # the error code differs between versions of libxml2
            raise ReadError("F-05", Phrase.XML_TOO_DEEP) from error
        raise ReadError("F-02", Phrase.PART_DAMAGED(part[:60])) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise ReadError("F-02", Phrase.XML_DOCTYPE)  # an entity may be part of a figure
    if str(root.tag).startswith(_STRICT):
        _renamed(root)
    return root


def _renamed(root: "_Element") -> None:
    """Rename the elements and attributes of Strict OOXML to their names in the usual variant, in
    place.
    """
    for element in root.iter("*"):
        element.tag = _usual(str(element.tag))
        for name in [str(n) for n in element.attrib if str(n).startswith(_STRICT)]:
            element.set(_usual(name), element.attrib.pop(name))


@lru_cache(maxsize=1024)
def _usual(name: str) -> str:
    """Return the usual name for a name in Strict OOXML; other names are returned unchanged."""
    space, _, local = name.removeprefix(_STRICT).partition("}")
    return _OTHERWISE[space] + local if name.startswith(_STRICT) and space in _OTHERWISE else name
