"""Equations of a Word document on one line, so that none is dropped or taken for plain digits."""

import re
from typing import TYPE_CHECKING, Final

from xltools.readers.documents.looks import W

if TYPE_CHECKING:
    from lxml.etree import _Element

_GONE: Final = (f"{W}del", f"{W}moveFrom")
M: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_SIGNS: Final = {"f": "/", "sSup": "^", "sSub": "_"}  # between the two parts of what is built so
_GUIDE: Final = re.compile(
    r"EQ\s.*\\o\s*(?:\\a[lcrd])?\s*\(\s*\\s\s*\\up\s*-?[0-9.]+\s*\((?P<guide>[^()]*)\)\s*[,;，；]"
    r"\s*(?P<base>[^()\\]*)\)\s*",
    re.IGNORECASE | re.DOTALL,
)
_DEEP: Final = 50  # parts of an equation within each other


def is_equation(element: "_Element") -> bool:
    """Whether an embedded object is an equation of an older editor."""
    return any(
        str(part.get("ProgID", "")).startswith("Equation") for part in element.iter("{*}OLEObject")
    )


def shown(text: str) -> str:
    """How an equation that is no figure stands in a text: never to be read as one."""
    return f"{text}［公式］"


def linear(element: "_Element", deep: int = 0) -> str:
    """An equation (``m:oMath``) on one line: 29351, 1/2, 10^3; what is built in another way
    is named after its element.
    """
    parts = []
    for child in element:
        if child.tag in _GONE:
            continue
        tag = str(child.tag)  # a comment's is no text
        name = tag.removeprefix(M)
        if name in ("oMath", "r", "e", "num", "den", "sup", "sub", "deg", "fName"):
            parts.append(linear(child, deep + 1) if deep < _DEEP else "…")
        elif name == "t":
            parts.append(child.text or "")
        elif name in _SIGNS:
            inner = [linear(p, deep + 1) for p in child if not str(p.tag).endswith("Pr")]
            parts.append(_SIGNS[name].join(inner) if deep < _DEEP else "…")
        elif not name.endswith("Pr"):
            parts.append(_named(child, name, deep))
    return "".join(parts)


def _named(child: "_Element", name: str, deep: int) -> str:
    """A part that is built in a way of its own; what is no part of equations but text counts."""
    if not str(child.tag).startswith(M):  # properties, bookmarks, insertions
        return linear(child, deep + 1) if deep < _DEEP and len(child) else ""
    return f"{name}({linear(child, deep + 1)})" if deep < _DEEP else "…"


def guided(code: str) -> tuple[str, str] | None:
    """A phonetic guide that an ``EQ`` field draws: the text and the guide above it."""
    found = _GUIDE.fullmatch(code.strip())
    return (found["base"], found["guide"]) if found else None
