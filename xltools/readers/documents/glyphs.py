"""Characters on a page of a PDF and how they look: turn the page so that they are upright, and
recognise those that are struck out, have the colour of the paper, or are raised.

A character or shape is a dictionary as pdfplumber makes it, with lengths in points.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from copy import copy
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from xltools.model.errors import guarded
from xltools.readers.documents.tables import clean
from xltools.readers.looks import Counted

if TYPE_CHECKING:
    from pdfplumber.page import Page

Shape = dict[str, Any]
Point = tuple[float, float]

LEVEL: Final = 0.05  # points; ends of a line that differ by less are at the same level
_FLAT: Final = 0.01  # the greatest slope of text that counts as level


def upright(page: "Page") -> "Page":
    """Return the page turned so that most of its text is upright, whatever rotation the page itself
    states, and with lines that are nearly level or upright made exactly so.
    """
    ways = Counter(
        way for char in page.chars if char["text"].strip() and (way := _way(char)) is not None
    )
    quarter = max(ways, key=lambda way: (ways[way], -way), default=0)
    if quarter:
        page = _turned(page, quarter)
    for shape in (*page.lines, *page.rects, *page.curves):
        _turn(shape)
    boxes = [{**c, "object_type": "rect"} for c in page.curves if _is_box(c)]
    page.objects["rect"] = [*page.rects, *boxes]
    page.objects["curve"] = [c for c in page.curves if not _is_box(c)]
    return page


def is_level(char: Shape) -> bool:
    """Whether a character is upright on a level line."""
    return _way(char) == 0


def _way(char: Shape) -> int | None:
    """Return how many quarter turns clockwise the page needs for this character to be upright; None
    if it is slanted.
    """
    along, up = char["matrix"][:2]
    if abs(up) <= _FLAT * abs(along):
        return 0 if along > 0 else 2
    if abs(along) <= _FLAT * abs(up):
        return 1 if up > 0 else 3
    return None


def level(page: "Page") -> "Page":
    """Return the page without slanted text, as in watermarks; unchanged if most of its text is
    slanted.
    """
    slanted = sum(_way(char) is None for char in page.chars)
    if not slanted or 2 * slanted > len(page.chars):
        return page
    return page.filter(lambda shape: shape["object_type"] != "char" or _way(shape) is not None)


def _turned(page: "Page", quarters: int) -> "Page":
    """Read the page again, turned clockwise by so many quarters."""
    from pdfplumber.page import Page

    turned = copy(page.page_obj)
    turned.rotate = (page.rotation + 90 * quarters) % 360
    turned.attrs = {**turned.attrs, "Rotate": turned.rotate}
    return Page(page.pdf, turned, page.page_number, page.initial_doctop)


def _turn(shape: Shape) -> None:
    """Make the sides of a shape that are very nearly level or upright exactly so; the shape is
    changed in place.
    """
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
    """Whether a shape of straight lines is a rectangle, as one drawn on a turned page is."""
    points = list(dict.fromkeys(shape.get("pts") or ()))
    straight = all(step[0] in ("m", "l", "h") for step in shape.get("path") or ())
    across, down = ({p[axis] for p in points} for axis in (0, 1))
    return straight and len(points) == 4 and len(across) == len(down) == 2


Char = dict[str, Any]

LOOK: Final = "look"
MARK: Final = "mark"
UNSEEN: Final = "unseen"
GROUP: Final = "group"  # of a mark: the text it is on, and the number of the mark

_SMALLER: Final = 0.85  # a mark is smaller than this share of the text it is on
_RAISED: Final = (0.05, 0.9)  # least and greatest distance off the line, in sizes of that text
_RISE: Final = 0.15  # the least distance where only the boxes of characters are known
_GAP: Final = 0.35  # the widest gap between a mark and its text, in sizes of that text
_THIN: Final = 2.0  # points; a shape that is higher is not a line
_THROUGH: Final = (0.12, 0.62)  # lowest and highest place of a strike above the baseline, in sizes
_LIGHT: Final = 0.9
_SAME: Final = 0.04  # a difference between colours that nobody sees
_KNOWN: Final = ("DeviceGray", "DeviceRGB", "DeviceCMYK", "ICCBased", "CalGray", "CalRGB")


def looked_at(page: "Page", chars: list[Char]) -> list[Char]:
    """Return the characters of a page; those that are struck out or have the colour of their
    background get the look UNSEEN.
    """
    unseen = _struck(page, [c for c in chars if is_level(c)]) | _pale(page, chars)
    return [{**c, LOOK: UNSEEN} if id(c) in unseen else c for c in chars]


def marked(chars: Sequence[Char]) -> list[Char]:
    """Return the characters of one cell, or of the prose of a page; the raised marks among them get
    the look MARK, and as GROUP the text that they are on and a number shared by the characters of
    one mark.
    """
    marks = _marks([c for c in chars if LOOK not in c and c["text"].strip() and is_level(c)])
    return [{**c, LOOK: MARK, GROUP: marks[id(c)]} if id(c) in marks else c for c in chars]


def content(chars: Sequence[Char], text: str) -> Counted:
    """Return the content of a cell, divided into what counts, marks, and what cannot be seen.
    ``chars``: its characters with their looks; ``text``: the text of those without a look.
    """
    mark, unseen = (
        clean("".join(c["text"] for c in chars if c.get(LOOK) == look)) for look in (MARK, UNSEEN)
    )
    if not clean(text) and (mark or unseen):
        return Counted("", unseen=unseen + mark)
    return Counted(text, mark=mark, unseen=unseen)


def plain(chars: Sequence[Char]) -> list[Char]:
    """Return the characters of a cell that count: those without a look."""
    return [c for c in chars if LOOK not in c]


def prose(chars: Sequence[Char]) -> list[Char]:
    """Return the characters of prose that count. The mark of a note after a figure is put in
    brackets; other raised characters are text, as in m2.
    """
    groups: dict[int, list[int]] = {}
    kept = [dict(c) for c in marked(chars) if c.get(LOOK) != UNSEEN]
    for at, char in enumerate(kept):
        if char.get(LOOK) == MARK and char[GROUP][0].isdigit():
            groups.setdefault(char[GROUP][1], []).append(at)
    for places in groups.values():
        if all(kept[at]["text"].isdigit() for at in places):
            kept[places[0]]["text"] = "[" + kept[places[0]]["text"]
            kept[places[-1]]["text"] += "]"
    return kept


def _base(char: Char) -> float:
    """Return the distance in points from the top of the page to the baseline of a character."""
    return float(char["bottom"] + char["y0"] - char["matrix"][5])


def _marks(chars: list[Char]) -> dict[int, tuple[str, int]]:
    """Find the characters that are raised or lowered next to larger ones. Returns by their id the
    text that each is a mark on, and a number that all characters of one mark share.
    """
    if not chars:
        return {}
    wide = max(c["size"] for c in chars)
    small = [c for c in chars if c["size"] < _SMALLER * wide]
    marks: dict[int, tuple[str, int]] = {}
    for near_edge, far_edge in (
        ("x0", "x1"),
        ("x1", "x0"),
    ):  # marks behind their text, then before it
        places: dict[tuple[int, int], list[Char]] = {}
        for char in chars if small else ():
            place = int(char[far_edge] // wide), int(_base(char) // wide)
            places.setdefault(place, []).append(char)
        for char in sorted(small, key=lambda c: c[near_edge], reverse=near_edge == "x1"):
            if id(char) in marks:
                continue
            col, row = char[near_edge] / wide, _base(char) / wide
            across = range(int(col - _GAP), int(col + _GAP) + 1)
            near = product(across, range(int(row - 1), int(row + 1) + 1))
            for beside in (c for place in near for c in places.get(place, ())):
                if (
                    beside is char
                    or abs(beside[far_edge] - char[near_edge]) > _GAP * beside["size"]
                ):
                    continue
                if id(beside) in marks and _level(char, beside):
                    marks[id(char)] = marks[id(beside)]
                    break
                if id(beside) not in marks and _lifted(char, beside):
                    marks[id(char)] = beside["text"], id(char)
                    break
    return marks


def _level(char: Char, beside: Char) -> bool:
    """Whether two characters have the same size and the same baseline."""
    near = 0.1 * char["size"]
    return bool(abs(char["size"] - beside["size"]) < near > abs(_base(char) - _base(beside)))


def _lifted(char: Char, beside: Char) -> bool:
    """Whether a character is smaller than the one next to it (``beside``) and off its baseline."""
    size = beside["size"]
    if char["size"] >= _SMALLER * size:
        return False
    off = _base(beside) - _base(char)
    if abs(off) < _RAISED[0] * size:  # the drawing of the glyph is raised, not its baseline
        rise = beside["bottom"] - char["bottom"]
        return bool(_RISE * size + 0.3 * (size - char["size"]) < rise < _RAISED[1] * size)
    return bool(-_RAISED[1] * size / 2 < off < _RAISED[1] * size)


def _struck(page: "Page", chars: list[Char]) -> set[int]:
    """Return the ids of the characters that are struck out, by a line drawn on the page or by an
    annotation.
    """
    struck: set[int] = set()
    order = sorted(chars, key=_base)
    bases = [_base(c) for c in order]
    most = max((c["size"] for c in chars), default=0.0)
    for x0, x1, y in _lines(page):
        near = range(bisect_left(bases, y), bisect_right(bases, y + _THROUGH[1] * most))
        crossed = []
        for c, base in ((order[n], bases[n]) for n in near):
            low, high = (share * c["size"] for share in _THROUGH)
            if low <= base - y <= high and x0 - 0.5 <= (c["x0"] + c["x1"]) / 2 <= x1 + 0.5:
                crossed.append(c)
        if not any(c["text"].strip() for c in crossed):
            continue
        size = max(c["size"] for c in crossed)
        # A rule of a table extends beyond the text, or from one rule to another.
        if min(c["x0"] for c in crossed) - x0 > size or x1 - max(c["x1"] for c in crossed) > size:
            continue
        if not _between_rules(page, x0, x1, y):
            struck |= {id(c) for c in crossed}
    for x0, top, x1, bottom in _crossed_out(page):
        for c in chars:
            if (
                x0 <= (c["x0"] + c["x1"]) / 2 <= x1
                and top <= (c["top"] + c["bottom"]) / 2 <= bottom
            ):
                struck.add(id(c))
    return struck


def _lines(page: "Page") -> list[tuple[float, float, float]]:
    """Return the thin level lines that are visible: left end, right end, and distance from the top,
    in points.
    """
    level_lines = []
    for thing in (*page.lines, *page.rects):
        high, wide = thing["bottom"] - thing["top"], thing["x1"] - thing["x0"]
        stroke = thing["object_type"] == "line" or thing.get("stroke")
        colour = thing["stroking_color" if stroke else "non_stroking_color"]
        if high <= _THIN < wide and (thing.get("linewidth") or 0) <= _THIN + 1:
            shade = _shade(colour)
            if shade is None or min(shade) < _LIGHT:
                level_lines.append((thing["x0"], thing["x1"], (thing["top"] + thing["bottom"]) / 2))
    return level_lines


def _between_rules(page: "Page", x0: float, x1: float, y: float) -> bool:
    """Whether a line extends from one upright rule to another, as the rules of tables do. ``x0``,
    ``x1``: its ends; ``y``: its distance from the top.
    """
    rules = [
        e["x0"]
        for e in page.edges
        if e["orientation"] == "v"
        and e["bottom"] - e["top"] > _THIN
        and e["top"] - 1 <= y <= e["bottom"] + 1
    ]
    return all(any(abs(rule - end) < 1 for rule in rules) for end in (x0, x1))


def _crossed_out(page: "Page") -> list[tuple[float, float, float, float]]:
    """Return the boxes that annotations strike out: left, top, right and bottom, in points."""
    boxes = []
    for annot in guarded(lambda: page.annots) or ():
        data = annot.get("data") or {}
        if getattr(data.get("Subtype"), "name", "") != "StrikeOut":
            continue
        quads = [float(x) for x in data.get("QuadPoints") or ()]
        for at in range(0, len(quads) - 7, 8):
            xs, ys = quads[at : at + 8 : 2], quads[at + 1 : at + 8 : 2]
            boxes.append((min(xs), page.height - max(ys), max(xs), page.height - min(ys)))
        if len(quads) < 8:
            boxes.append((annot["x0"], annot["top"], annot["x1"], annot["bottom"]))
    return boxes


def _pale(page: "Page", chars: list[Char]) -> set[int]:
    """Return the ids of the light characters whose background has the same colour. The result is
    empty if most characters are light, because then pdfplumber must have missed something behind
    them.
    """
    light = []
    for char in chars:
        shade = _shade(char.get("non_stroking_color")) if _told(char) else None
        if shade is not None and min(shade) >= _LIGHT and char["text"].strip():
            light.append((char, shade))
    if not light or 2 * len(light) > len(chars):
        return set()
    grounds = [r for r in page.rects if r.get("fill")]
    hiding = [*page.images, *(c for c in page.curves if c.get("fill"))]
    blended: set[int] = set()
    for char, shade in light:
        if any(_under(thing, char) for thing in hiding):
            continue
        ground = next((r for r in reversed(grounds) if _under(r, char)), None)
        under = (1.0, 1.0, 1.0) if ground is None else _ground(ground)
        if under and all(abs(a - b) <= _SAME for a, b in zip(shade, under, strict=True)):
            blended.add(id(char))
    return blended


def _told(char: Char) -> bool:
    """Whether the colour space of a character defines what the numbers of its colour look like."""
    return str(char.get("ncs") or "DeviceGray") in _KNOWN


def _under(thing: dict[str, Any], char: Char) -> bool:
    """Whether a shape or picture is under a character."""
    x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    return bool(thing["x0"] <= x <= thing["x1"] and thing["top"] <= y <= thing["bottom"])


def _ground(rect: dict[str, Any]) -> tuple[float, ...] | None:
    """Return the colour of a shape that is the background of text; None if it is a single number
    for a light colour, which may mean the amount of light or of ink, or if it is a pattern.
    """
    colour = rect.get("non_stroking_color")
    shade = _shade(colour)
    single = not isinstance(colour, (tuple, list)) or len(colour) == 1
    return None if single and shade is not None and min(shade) >= _LIGHT else shade


def _shade(colour: object) -> tuple[float, ...] | None:
    """Convert a colour to red, green and blue from 0 to 1; None for a pattern or an unknown colour
    space.
    """
    parts = colour if isinstance(colour, (tuple, list)) else (colour,)
    if not all(isinstance(p, (int, float)) for p in parts):
        return None
    if len(parts) == 1:
        return (float(parts[0]),) * 3
    if len(parts) == 3:
        return tuple(float(p) for p in parts)
    if len(parts) == 4:
        c, m, y, k = (float(p) for p in parts)
        return tuple((1 - p) * (1 - k) for p in (c, m, y))
    return None
