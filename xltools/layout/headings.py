"""The merged headings of a table: labels of several levels over neighbouring lines, as boxes.

Each line of a table (a column, for headings that stand above it; a row, for those beside it) has
labels from the outermost to the innermost. Neighbours that share their outer labels share a box.
All tables that are printed take their headings from here: a form's own, the list of a summary and
the workbook for last year's figures.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One label of a line: its text, and how many levels it takes.

    ``mark``: what tells it from a label of the same text beside it, which would otherwise share
    its box, as an innermost label never does.
    """

    text: str
    levels: int = 1
    mark: Hashable = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadingBox:
    """A printed heading: its first and last level, and the first and last line it stands over, all
    counted from 0; its text; and whether it is the innermost of its lines.
    """

    top: int
    bottom: int
    left: int
    right: int
    text: str
    innermost: bool = False

    @property
    def count(self) -> int:
        """How many lines it stands over."""
        return self.right - self.left + 1


def labelled(texts: Sequence[str], levels: int, mark: Hashable = None) -> list[Label]:
    """The labels of one line as they fill a number of levels: the innermost takes all that is left.

    ``mark``: of the innermost.
    """
    *outer, last = texts
    left = levels - len(outer)
    return [*(Label(text=text) for text in outer), Label(text=last, levels=left, mark=mark)]


def merged(lines: Iterable[Sequence[Label]]) -> list[HeadingBox]:
    """The boxes of the labels of neighbouring lines: those of a line from the outermost to the
    innermost, before those that begin in a later line.

    Two neighbours share a box where that label and all outer ones are equal.
    """
    boxes: list[HeadingBox] = []
    above: Sequence[Label] = ()  # the labels of the line before
    at: list[int] = []  # and where their boxes stand in the list
    for number, labels in enumerate(lines):
        shared = _shared(above, labels)
        at = at[:shared]
        for box in at:
            boxes[box] = replace(boxes[box], right=number)
        top = sum(label.levels for label in labels[:shared])
        for label in labels[shared:]:
            bottom = top + label.levels - 1
            innermost = label is labels[-1]
            at.append(len(boxes))
            boxes.append(
                HeadingBox(
                    **{"top": top, "bottom": bottom, "left": number, "right": number},
                    text=label.text,
                    innermost=innermost,
                )
            )
            top = bottom + 1
        above = labels
    return boxes


def _shared(above: Sequence[Label], labels: Sequence[Label]) -> int:
    """How many of the outermost labels of two lines are the same."""
    count = 0
    while count < min(len(above), len(labels)) and above[count] == labels[count]:
        count += 1
    return count


def split(boxes: Iterable[HeadingBox], breaks: Iterable[int]) -> list[HeadingBox]:
    """The boxes cut before some lines: so each piece, on its own page, says what it is."""
    pieces = list(boxes)
    for cut in breaks:
        for box in [b for b in pieces if b.left < cut <= b.right]:
            pieces.remove(box)
            pieces += [replace(box, right=cut - 1), replace(box, left=cut)]
    return pieces


def by_level(boxes: Iterable[HeadingBox]) -> Iterator[HeadingBox]:
    """The boxes level by level, from the outermost; those of a level in the order of the lines."""
    return iter(sorted(boxes, key=lambda box: (box.top, box.left)))
