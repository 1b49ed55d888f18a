"""Headings that are broken over lines of a text whose columns are lost: each line has the next
part of those headings that the lines above left unfinished.
"""

from collections.abc import Set
from itertools import groupby
from typing import Final

from xltools.match.labels import core
from xltools.match.lines import Place

MANY: Final = 80  # texts before figures that may be parts of headings


def rejoined(texts: list[tuple[Place, str]], known: Set[str]) -> list[str]:
    """Texts in their order with the parts of headings put together, empty where none are.

    ``texts``: with their places, a line of text being a row; ``known``: keys of the headings.
    """
    made: list[list[str]] = []
    joined = False
    for _, line in groupby(texts, key=lambda at_text: at_text[0][0]):
        parts = [text for _, text in line]
        whole = _continued(made[-1], parts, known) if made else None
        if whole is None:
            made.append(parts)
        else:
            made[-1], joined = whole, True
    return [text for line in made for text in line] if joined else []


def _continued(above: list[str], parts: list[str], known: Set[str]) -> list[str] | None:
    """A line whose unfinished headings go on with the parts of the next, all of which are used."""
    whole, rest = [], list(parts)
    for text in above:
        own = core(text)
        if own in known or not rest:
            whole.append(text)
        elif _begins(own + core(rest[0]), known):
            whole.append(text + rest.pop(0))
        else:
            whole.append(text)
    return None if rest else whole


def _begins(own: str, known: Set[str]) -> bool:
    return any(label.startswith(own) for label in known)
