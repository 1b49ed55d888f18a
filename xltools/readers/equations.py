"""Equations as text: a figure written as one is read, and nothing in it is joined or dropped.

MathML of pages and OpenDocument, and the Office Math of Word, whose elements are told by their own
names alone.
"""

import re
from collections.abc import Iterator
from typing import Final, Protocol

MATHML: Final = "http://www.w3.org/1998/Math/MathML"
WHOLE: Final = ("math", "omath")
# Elements whose parts stand side by side; any other is named, so that no figure is made of it.
_ROWS: Final = frozenset(
    (
        "math mrow mstyle mpadded semantics mn mi mo mtext ms omath omathpara r t i b em span e num"
        " den sup sub deg fname ins moveto"
    ).split()
)
_SIGNS: Final = {"msup": "^", "msub": "_", "mfrac": "/", "ssup": "^", "ssub": "_", "f": "/"}
# What is no text, or is there no longer; properties end with pr.
_APART: Final = frozenset(("", *"annotation annotation-xml mphantom del movefrom".split()))
_DEEP: Final = 100  # parts of an equation within each other


class Node(Protocol):
    """An element of whatever parser."""

    @property
    def tag(self) -> object:
        """Its name, in its namespace."""

    @property
    def text(self) -> str | None:
        """What stands in it before its first child."""

    def __iter__(self) -> Iterator["Node"]: ...


def name(tag: object) -> str:
    """An element's own name, without namespace or prefix; empty for a comment."""
    return re.split(r"[}: ]", tag)[-1].lower() if isinstance(tag, str) else ""


def text(element: Node, deep: int = 0) -> str:
    """What an equation says, on one line: ``29351``, ``10^2``, ``1/2``, ``msqrt(4)``."""
    if deep > _DEEP:
        return "…"
    own, parts = name(element.tag), list[str]()
    for child in element:
        inner = name(child.tag)
        if inner not in _APART and not inner.endswith("pr"):
            parts.append(text(child, deep + 1))
    leaf = "".join((element.text or "").split())
    parts = [part for part in parts if part]
    if own in _ROWS:
        return leaf + "".join(parts)
    if own in _SIGNS:
        return leaf + _SIGNS[own].join(parts)
    said = leaf + " ".join(parts)
    return f"{own}({said})" if said else ""
