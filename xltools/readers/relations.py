"""The parts of an Office package by what they are to each other, not by their names."""

import posixpath
from dataclasses import dataclass
from typing import Final

from xltools.model.errors import ReadError
from xltools.readers.markup import root
from xltools.readers.package import Package
from xltools.readers.scan import parse

_TRANSITIONAL: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT: Final = "http://purl.oclc.org/ooxml/wordprocessingml/main"
DOCUMENTS: Final = frozenset(f"{namespace} document" for namespace in (_TRANSITIONAL, _STRICT))
"""The root of a Word document's main part, as ``namespace name``."""

_USUAL: Final = "word/document.xml"  # where Word looks for nothing, but every program writes


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """From one part to another. ``kind``: the last word of its type; ``part``: the name of what it
    leads to, as a package has names, whether there is such a part or not.
    """

    kind: str
    part: str


def relations(package: Package, part: str) -> dict[str, Relation]:
    """Relations of a part by id, those out of the package left out; "": of the package itself.

    Raises ReadError F-02 where there are none, or they are damaged.
    """
    folder, name = posixpath.split(part)
    links: dict[str, Relation] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.endswith("Relationship") and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "").replace("\\", "/")
            full = target if target.startswith("/") else f"{folder}/{target}"
            if "." in full.partition("/")[0] or "./" in full:
                full = posixpath.normpath(full)
            kind = attributes.get("Type", "").rpartition("/")[2]
            links[attributes.get("Id", "")] = Relation(kind=kind, part=full.lstrip("/").lower())

    parse(package.read(posixpath.join(folder, "_rels", name + ".rels")), start=start)
    return links


def sound_relations(package: Package, part: str) -> dict[str, Relation]:
    """The relations of a part by id that lead to a part there is. Programs leave others behind:
    pictures that were taken out, ``NULL``, places within the document. None is no damage.
    """
    try:
        links = relations(package, part)
    except ReadError as error:
        if error.code != "F-02":
            raise
        return {}
    return {key: link for key, link in links.items() if link.part in package.parts}


def main_part(package: Package, roots: frozenset[str]) -> str:
    """The main part of the package, where it has one of these roots; empty where it has not.

    Raises ReadError F-02 for damage, and where there are two such parts.
    """
    links = sound_relations(package, "").values()
    parts = dict.fromkeys(link.part for link in links if link.kind == "officeDocument")
    found = [part for part in parts if _root(package, part) in roots]
    if len(found) > 1:
        # One program would show another document than the next.
        raise ReadError("F-02", "同一文件内有两份正文")
    return found[0] if found else ""


def word_part(package: Package) -> str:
    """The main part of a Word document: by the relations, whatever its name, else at the usual
    place, be it missing there; empty for another kind of package. Raises ReadError as
    ``main_part``.
    """
    found = main_part(package, DOCUMENTS)
    return found or (_USUAL if any(name.startswith("word/") for name in package.parts) else "")


def _root(package: Package, part: str) -> str:
    """The root of a part that is XML; empty for another."""
    xml = package.read(part)
    try:
        return root(xml)[0]
    except ReadError:
        return ""
