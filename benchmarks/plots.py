"""The two plots of the results, as SVG."""

from collections.abc import Iterator, Sequence
from math import log10
from statistics import median
from xml.sax.saxutils import escape

from benchmarks.lines import Growth, Pair

INK, PALE, GREY, LIGHT, OURS = "#1f2933", "#52606d", "#9aa5b1", "#e4e7eb", "#c2410c"
FONT = "font-family='Helvetica, Arial, sans-serif'"


def _svg(width: int, height: int, body: Iterator[str]) -> str:
    return "\n".join(
        (
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' "
            f"width='{width}' height='{height}' {FONT} font-size='13' fill='{INK}'>",
            f"<rect width='{width}' height='{height}' fill='white'/>",
            *body,
            "</svg>\n",
        )
    )


def _text(x: float, y: float, text: str, **more: object) -> str:
    """A text; ``more``: its attributes, with _ for -."""
    attributes = "".join(f" {k.replace('_', '-')}='{v}'" for k, v in more.items())
    return f"<text x='{x:.1f}' y='{y:.1f}'{attributes}>{escape(text)}</text>"


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1) -> str:
    return (
        f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' stroke='{colour}' "
        f"stroke-width='{width}'/>"
    )


def comparison(count: int, found: Sequence[tuple[str, Sequence[Pair]]]) -> str:
    """Bars of the seconds that each way took for ``count`` returns. ``found``: for each of the
    others its name and the pairs (ours, the other).
    """
    ours = median(pair[0] for _, pairs in found for pair in pairs)
    bars = [(name, median(pair[1] for pair in pairs)) for name, pairs in found]
    bars = [*sorted(bars, key=lambda bar: -bar[1]), ("xltools collect", ours)]
    longest = max(seconds for _, seconds in bars)
    left, right, top, step = 190, 150, 74, 38
    width, height = 760, top + step * len(bars) + 14

    def body() -> Iterator[str]:
        yield _text(20, 28, f"Time to add up {count:,} returns", font_size=17, font_weight="bold")
        yield _text(
            20, 50, "xltools also checks every return and writes the whole summary workbook; "
            "the others add up the cells", fill=PALE,
        )  # fmt: skip
        for row, (name, seconds) in enumerate(bars):
            mine = name == bars[-1][0]
            y = top + row * step
            length = max(2.0, (width - left - right) * seconds / longest)
            weight = "bold" if mine else "normal"
            yield _text(left - 12, y + 18, name, text_anchor="end", font_weight=weight)
            yield (
                f"<rect x='{left}' y='{y}' width='{length:.1f}' height='26' "
                f"fill='{OURS if mine else GREY}'/>"
            )
            end = left + length + 8
            yield _text(end, y + 18, f"{_short(seconds)} s", font_weight=weight)
            if not mine:
                beside = end + 9 * len(_short(seconds)) + 18
                yield _text(beside, y + 18, f"{_short(seconds / ours)} × as long", fill=PALE)
        yield _line(left, top - 6, left, top + step * len(bars) - 6, INK)

    return _svg(width, height, body())


def growth(points: Sequence[Growth]) -> str:
    """What a return costs and how much memory is taken, against the number of returns."""
    points = sorted(points, key=lambda point: point.count)
    width, height = 760, 350

    def body() -> Iterator[str]:
        counts = [point.count for point in points]
        yield from _panel(
            60, counts, "Processor time of each return, ms",
            [
                ("xltools, with summary", OURS, [1000 * p.processor / p.count for p in points]),
                ("calamine loop", GREY, [1000 * p.loop / p.count for p in points]),
            ],
        )  # fmt: skip
        yield from _panel(
            440, counts, "Memory of the largest process, MB",
            [("xltools, with summary", OURS, [p.memory for p in points])],
        )  # fmt: skip

    return _svg(width, height, body())


def _panel(
    left: float,
    counts: Sequence[int],
    title: str,
    lines: Sequence[tuple[str, str, Sequence[float]]],
) -> Iterator[str]:
    """Lines over the number of returns, which doubles in equal steps; the height begins at 0."""
    wide, top, tall = 270.0, 84.0, 200.0
    bottom = top + tall
    marks = _marks(max(value for _, _, values in lines for value in values))
    first, last = log10(counts[0]), log10(counts[-1])

    def x(count: int) -> float:
        return left + wide * ((log10(count) - first) / (last - first) if last > first else 0.5)

    def y(value: float) -> float:
        return bottom - tall * value / marks[-1]

    yield _text(left - 36, 30, title, font_size=15, font_weight="bold")
    beside = left - 30
    for name, colour, _ in lines:
        yield f"<circle cx='{beside:.1f}' cy='50' r='4' fill='{colour}'/>"
        yield _text(beside + 10, 54.5, name, fill=INK if colour == OURS else PALE)
        beside += 165
    for mark in marks:
        yield _line(left, y(mark), left + wide, y(mark), LIGHT if mark else INK)
        yield _text(left - 8, y(mark) + 4, f"{mark:g}", text_anchor="end", fill=PALE)
    for count in counts:
        yield _line(x(count), bottom, x(count), bottom + 5, INK)
        yield _text(x(count), bottom + 20, f"{count:,}", text_anchor="middle", fill=PALE)
    yield _text(left + wide / 2, bottom + 44, "returns", text_anchor="middle", fill=PALE)
    for _, colour, values in lines:
        places = [(x(c), y(v)) for c, v in zip(counts, values, strict=True)]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
        yield f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='2.5'/>"
        for a, b in places:
            yield f"<circle cx='{a:.1f}' cy='{b:.1f}' r='4' fill='{colour}'/>"


def _marks(largest: float) -> list[float]:
    """Round numbers from 0 to at least the largest value, at most six of them."""
    step = 10.0 ** int(log10(largest) - 1)
    for factor in (1, 2, 5, 10, 20, 50, 100):
        if step * factor * 5 >= largest * 1.1:
            step *= factor
            break
    return [step * n for n in range(int(largest * 1.1 / step) + 2)][:6]


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 20 else f"{value:.1f}"
