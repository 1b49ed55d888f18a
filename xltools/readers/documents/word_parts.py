"""The parts of a Word document that are read, as elements of one vocabulary.

python-docx only writes here: it follows every relation, and gives up a document for one that leads
nowhere, as programs leave them behind.
"""

import posixpath
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from xltools.model.errors import ReadError
from xltools.readers.documents.word_styles import W
from xltools.readers.package import Package
from xltools.readers.relations import Relation, sound_relations

if TYPE_CHECKING:
    from lxml.etree import _Element

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
    """``root``: of the main part; ``styles``: of the part of styles, None without one; ``links``:
    the relations of the main part that lead somewhere, by id.
    """

    package: Package
    root: "_Element"
    styles: "_Element | None"
    links: dict[str, Relation]

    @classmethod
    def of(cls, package: Package, main: str) -> "WordParts":
        """Read the parts of the document whose main part is ``main``. Raises ReadError F-02, and
        F-05 for XML that is too deep.
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
        """Whether a header may lay a picture behind the text."""
        headers = (link.part for link in self.links.values() if link.kind == "header")
        return any(
            next(_element(self.package, part).iter(f"{W}drawing", f"{W}pict"), None) is not None
            for part in headers
        )


def _element(package: Package, part: str) -> "_Element":
    """The root of a part, nothing of it fetched or replaced from elsewhere."""
    from lxml import etree

    # Comments and instructions would cut a text in two, of which only the first half is read.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(package.read(part), parser)
    except etree.XMLSyntaxError as error:
        if "huge" in str(error).lower():  # its code differs between versions of libxml2
            raise ReadError("F-05", "XML 嵌套过深，或一段文字过长") from error
        raise ReadError("F-02", f"{part[:60]} 已损坏") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise ReadError("F-02", "XML 中有文档类型声明")  # an entity may stand within a figure
    if str(root.tag).startswith(_STRICT):
        _renamed(root)
    return root


def _renamed(root: "_Element") -> None:
    """Give the elements and attributes of Strict OOXML the names that all others have."""
    for element in root.iter("*"):
        element.tag = _usual(str(element.tag))
        for name in [str(n) for n in element.attrib if str(n).startswith(_STRICT)]:
            element.set(_usual(name), element.attrib.pop(name))


@lru_cache(maxsize=1024)
def _usual(name: str) -> str:
    space, _, local = name.removeprefix(_STRICT).partition("}")
    return _OTHERWISE[space] + local if name.startswith(_STRICT) and space in _OTHERWISE else name
