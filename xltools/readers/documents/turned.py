"""Pages whose text runs up, down or upside down, turned so that it reads from left to right, and
lines made level that are off by less than anyone can see.
"""

from collections import Counter
from copy import copy
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pdfplumber.page import Page

Shape = dict[str, Any]
Point = tuple[float, float]

LEVEL: Final = 0.05  # points; ends of a line that are less apart are on one level
_FLAT: Final = 0.01  # how much of its run a level text may rise


def upright(page: "Page") -> "Page":
    """A page turned as most of its text reads, whatever it says of itself; its lines level."""
    ways = Counter(
        way for char in page.chars if char["text"].strip() and (way := _way(char)) is not None
    )
    quarter = max(ways, key=lambda way: (ways[way], -way), default=0)
    if quarter:
        page = _turned(page, quarter)
    for shape in (*page.lines, *page.rects, *page.curves):
        _level(shape)
    boxes = [{**c, "object_type": "rect"} for c in page.curves if _is_box(c)]
    page.objects["rect"] = [*page.rects, *boxes]
    page.objects["curve"] = [c for c in page.curves if not _is_box(c)]
    return page


def is_level(char: Shape) -> bool:
    """Whether a character stands upright on a level line."""
    return _way(char) == 0


def _way(char: Shape) -> int | None:
    """How many quarters a page has to be turned clockwise for a character to stand upright; None
    for one that is slanted.
    """
    along, up = char["matrix"][:2]
    if abs(up) <= _FLAT * abs(along):
        return 0 if along > 0 else 2
    if abs(along) <= _FLAT * abs(up):
        return 1 if up > 0 else 3
    return None


def level(page: "Page") -> "Page":
    """A page without the slanted text of a watermark; where most is slanted, as it is."""
    slanted = sum(_way(char) is None for char in page.chars)
    if not slanted or 2 * slanted > len(page.chars):
        return page
    return page.filter(lambda shape: shape["object_type"] != "char" or _way(shape) is not None)


def _turned(page: "Page", quarters: int) -> "Page":
    """A page read anew, turned clockwise."""
    from pdfplumber.page import Page

    made = copy(page.page_obj)
    made.rotate = (page.rotation + 90 * quarters) % 360
    made.attrs = {**made.attrs, "Rotate": made.rotate}
    return Page(page.pdf, made, page.page_number, page.initial_doctop)


def _level(shape: Shape) -> None:
    """Make the sides of a shape level and upright that very nearly are."""
    if 0 < shape["bottom"] - shape["top"] < LEVEL < shape["x1"] - shape["x0"]:
        shape["bottom"] = shape["top"]
    if 0 < shape["x1"] - shape["x0"] < LEVEL < shape["bottom"] - shape["top"]:
        shape["x1"] = shape["x0"]
    points = list[Point]()
    for point in shape.get("pts") or ():
        near = (points[-1], points[0]) if points else ()
        x, y = (
            next((p[axis] for p in near if abs(p[axis] - point[axis]) < LEVEL), point[axis])
            for axis in (0, 1)
        )
        points.append((x, y))
    if points:
        shape["pts"] = points


def _is_box(shape: Shape) -> bool:
    """Whether a shape of straight lines is a rectangle, as one drawn by turned numbers is."""
    points = list(dict.fromkeys(shape.get("pts") or ()))
    straight = all(step[0] in ("m", "l", "h") for step in shape.get("path") or ())
    across, down = ({p[axis] for p in points} for axis in (0, 1))
    return straight and len(points) == 4 and len(across) == len(down) == 2
