"""Equations (MathML) as text: a figure written as one is read, and nothing in it is joined."""

import re
from collections.abc import Iterator
from typing import Final, Protocol

MATHML: Final = "http://www.w3.org/1998/Math/MathML"
WHOLE: Final = ("math", "omath")
# Elements whose parts stand side by side; those of all others stand in some relation, which a
# sign tells, so that no number is made of two.
_ROWS: Final = frozenset(
    ("math mrow mstyle mpadded semantics mn mi mo mtext ms omath omathpara r t i b em span").split()
)
_SIGNS: Final = {"msup": "^", "msub": "_", "mfrac": "/", "ssup": "^", "ssub": "_", "f": "/"}
_APART: Final = frozenset(
    ("", *"annotation annotation-xml mphantom ssuppr ssubpr fpr ctrlpr rpr".split())
)
_DEEP: Final = 100  # parts of an equation within each other


class Node(Protocol):
    """An element of whatever parser."""

    tag: str
    text: str | None

    def __iter__(self) -> Iterator["Node"]: ...


def name(tag: object) -> str:
    """An element's own name, without namespace or prefix; empty for a comment."""
    return re.split(r"[}: ]", tag)[-1].lower() if isinstance(tag, str) else ""


def text(element: Node, deep: int = 0) -> str:
    """What an equation says, on one line: ``29351``, ``10^2``, ``1/2``."""
    if deep > _DEEP:
        return "…"
    own = name(element.tag)
    parts = []
    for child in element:
        if name(child.tag) not in _APART:
            parts.append(text(child, deep + 1))
    leaf = "".join((element.text or "").split())
    sign = "" if own in _ROWS else _SIGNS.get(own, " ")
    return leaf + sign.join(part for part in parts if part)
