"""What a cell shows of its value, by its number format as spreadsheet programs write it.

Format codes are those of Excel (ECMA-376 part 1, 18.8.31), which WPS and LibreOffice save as well:
``0.00``, ``#,##0_);(#,##0)``, ``0%``, ``0!.0,"万"``. Widths, colours and languages do not change a
figure and are ignored.

Neither data validation nor, in every program, formulas can see number formats (``CELL("format")``
works in some). So if somebody types 100% and the program stores 1, this can only be noticed when
the return is collected.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import Final

from xltools.model.numbers import Number, from_float, show

_LONGEST: Final = 255  # characters of a code, the limit of Excel
_MOST: Final = 30  # decimals that a code may show, the limit of Excel
_WIDE: Final = Context(prec=800)  # exact for any float, also times 100 several times
_EPOCH: Final = datetime(1899, 12, 30)

# Names used in place of codes by XML files of Excel 2003 and by programs in other languages.
_NAMES: Final = {
    "": "General",
    "standard": "#,##0.00",
    "fixed": "0.00",
    "percent": "0.00%",
    "scientific": "0.00E+00",
    "currency": '"¥"#,##0.00',
    "euro currency": '"€"#,##0.00',
    "yes/no": '"Yes";"Yes";"No"',
    "true/false": '"TRUE";"TRUE";"FALSE"',
    "on/off": '"On";"On";"Off"',
}
_TOKEN: Final = re.compile(
    r'"(?P<quoted>[^"]*)"?'
    r"|[\\!](?P<escaped>.)"
    r"|_(?P<space>.?)"
    r"|\*(?P<fill>.?)"
    r"|\[(?P<about>[^\]]*)\]"
    r"|(?P<general>G/(?:通用格式|標準|표준)|General|通用格式|Standard)"
    r"|(?P<exponent>E[+-][0#?]+)"
    r"|(?P<fraction>/\s*[0-9?#]+)"
    r"|(?P<moment>AM/PM|A/P|上午/下午|[ymdhse]+)"
    r"|(?P<sign>[;@%.,0#?])"
    r"|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION: Final = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9]+(?:\.[0-9]+)?(?:E[+-]?[0-9]+)?)")
_CURRENCY: Final = re.compile(r"\$([^-]*)")
_ELAPSED: Final = re.compile(r"h+|m+|s+", re.IGNORECASE)
_RED: Final = re.compile(r"red|红色?|紅色?", re.IGNORECASE)
_NONE: Final = re.compile(r"[-‐‑‒–—―−─━/\s]*|无|0(?:\.0*)?")  # texts that a format may show for 0


@dataclass(frozen=True, slots=True)
class _Condition:
    """The values that a section is for: those for which ``value sign bound`` is true; ``sign`` is
    ``<``, ``<=``, ``>``, ``>=``, ``=`` or ``<>``.
    """

    sign: str
    bound: Decimal

    def holds(self, value: Decimal) -> bool:
        """Whether the section is for this value."""
        less, same = value < self.bound, value == self.bound
        return {
            "<": less, "<=": less or same, ">": not less and not same, ">=": not less,
            "=": same, "<>": not same,
        }[self.sign]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _FormatSection:
    """One section of a format code; semicolons separate the sections.

    ``parts``: what it shows, in order, as pairs (kind, text). The kinds: ``text``, shown as it is;
    ``digit``, one of ``0 # ?``; ``point``, the decimal point; ``general``, the number as it is;
    ``at``, the text of the cell; ``exponent``; ``fraction``; ``moment``, a part of a date or time.
    ``condition``: the values that it is for, None if its position decides. ``hundreds`` and
    ``thousands``: how often the value is multiplied by 100 and divided by 1,000; ``grouped``:
    commas separate groups of three digits; ``red``: the figure is shown in red.
    """

    parts: tuple[tuple[str, str], ...]
    condition: _Condition | None = None
    hundreds: int = 0
    thousands: int = 0
    grouped: bool = False
    red: bool = False

    def has(self, *kinds: str) -> bool:
        """Whether it has a part of any of these kinds."""
        return any(kind in kinds for kind, _ in self.parts)

    @property
    def words(self) -> str:
        """The text that it shows besides the figure, without spaces."""
        return "".join("".join(text.split()) for kind, text in self.parts if kind == "text")

    @property
    def between(self) -> bool:
        """Whether it shows text between the digits of the figure."""
        kinds = [kind for kind, text in self.parts if kind != "text" or text.strip()]
        figures = [n for n, kind in enumerate(kinds) if kind in ("digit", "point")]
        return bool(figures) and "text" in kinds[figures[0] : figures[-1]]

    @property
    def bare(self) -> bool:
        """Whether it shows a number by the number's own digits; there may be text before and after
        them.
        """
        odd = self.has("fraction", "moment") or self.hundreds or self.thousands or self.between
        return not odd and self.has("digit", "general", "at")


@lru_cache(maxsize=1 << 12)
def plain(code: str) -> bool:
    """Whether a number format shows every number by its own digits and sign, and nothing else.

    It may cut decimals, show zero as a dash or not at all, and show negative numbers in red or in
    brackets, as accounting formats do.
    """
    if code in ("General", "0", "@"):
        return True
    sections = _sections(code)
    if not sections:
        return False
    if any(section.condition for section in sections):
        return all(section.bare and not section.words for section in sections[:3])
    first, rest = sections[0], sections[1:3]
    if not first.bare or first.words not in ("", "+"):
        return False
    if rest and not (rest[0].bare and (rest[0].words in ("-", "−", "()") or _reddened(rest[0]))):
        return False
    if len(rest) > 1 and not (_NONE.fullmatch(rest[1].words) and _zero(rest[1])):
        return False
    return not any(section.words for section in sections[3:])


def temporal(code: str) -> bool:
    """Whether a number format shows numbers as dates or times."""
    sections = _sections(code)
    return bool(sections) and sections[0].has("moment")


def shown(code: str, value: float | str, *, exact: bool = False) -> str:
    """What a cell with this number format shows of its value, without surrounding spaces.

    ``exact``: show all decimals of the value, including those that the format cuts. Never raises an
    error; if the code cannot be understood, the value is shown as it is.
    """
    sections = _sections(code)
    number = None if isinstance(value, str) else from_float(value)
    if number is None:
        return _text(sections, str(value)).strip()
    exactly = Decimal(number)
    section, signed = _chosen(sections, exactly)
    if section is None:
        return show(number)
    figure = _WIDE.multiply(abs(exactly), Decimal(100) ** section.hundreds)
    figure = _WIDE.scaleb(figure, -3 * section.thousands)
    if section.has("moment"):
        text = _moment(number)
    elif section.has("fraction"):
        text = _fraction(section, figure)
    else:
        text = _digits(section, figure, exact)
    return ("-" if exactly < 0 and signed and text.strip() else "") + text.strip()


def _reddened(section: _FormatSection) -> bool:
    """Whether a section for negative numbers shows them only by its colour: red, and no text."""
    return section.red and not section.words


def _zero(section: _FormatSection) -> bool:
    """Whether a section for 0 shows it by digits or by text, and not as a date, a fraction or the
    like.
    """
    return section.bare or not section.has("general", "at", "moment", "fraction")


@lru_cache(maxsize=1 << 10)
def _sections(code: str) -> tuple[_FormatSection, ...]:
    """The sections of a format code, at most four; empty for a text too long to be one."""
    if len(code) > _LONGEST:
        return ()
    code = _NAMES.get(code.strip().lower(), code)
    tokens: list[list[re.Match[str]]] = [[]]
    for token in _TOKEN.finditer(code):
        if token["sign"] == ";":
            tokens.append([])
        else:
            tokens[-1].append(token)
    return tuple(map(_section, tokens[:4]))


def _section(tokens: Sequence[re.Match[str]]) -> _FormatSection:
    """Build a section from its tokens (matches of ``_TOKEN``)."""
    parts: list[tuple[str, str]] = []
    condition, red, grouped, pointed = None, False, False, False
    hundreds = thousands = commas = 0  # commas: those after a digit whose meaning is still open
    for token in tokens:
        about, sign = token["about"], token["sign"]
        if about is not None:
            bound, currency = _CONDITION.fullmatch(about), _CURRENCY.match(about)
            if bound:
                condition = _Condition(bound[1], Decimal(bound[2]))
            elif currency:
                parts.append(("text", currency[1]))
            elif _ELAPSED.fullmatch(about):
                parts.append(("moment", about))
            red = red or _RED.fullmatch(about) is not None
        elif sign == ",":
            commas += any(kind == "digit" for kind, _ in parts)
        elif sign in ("0", "#", "?"):
            grouped, commas = grouped or (commas > 0 and not pointed), 0
            parts.append(("digit", sign))
        elif sign == ".":
            thousands, commas = thousands + commas, 0
            parts.append(("text" if pointed else "point", "."))
            pointed = True
        elif sign == "%":
            hundreds += 1
            parts.append(("text", "%"))
        elif sign == "@":
            parts.append(("at", ""))
        else:
            parts.append(_part(token, figures=any(kind == "digit" for kind, _ in parts)))
    return _FormatSection(
        parts=tuple(part for part in parts if part[1] or part[0] != "text"),
        condition=condition,
        hundreds=hundreds,
        thousands=thousands + commas,
        grouped=grouped,
        red=red,
    )


def _part(token: re.Match[str], *, figures: bool) -> tuple[str, str]:
    """The part (kind, text) for a token that is neither a digit nor one of the signs that
    `_section` treats itself. ``figures``: there are digits before it.
    """
    if token["general"]:
        return "general", ""
    if token["exponent"] and figures:
        return "exponent", token["exponent"]
    if token["fraction"] and figures:
        return "fraction", token["fraction"][1:].strip()
    if token["moment"]:
        return "moment", token["moment"]
    if token["space"] is not None:
        return "text", " "
    # A character that fills the cell is shown once here; in the cell, the column's width decides.
    texts = (token[name] for name in ("quoted", "escaped", "fill"))
    return "text", next((text for text in texts if text is not None), token[0])


def _chosen(
    sections: Sequence[_FormatSection], value: Decimal
) -> tuple[_FormatSection | None, bool]:
    """The section that shows ``value``, None if no section does; and whether a negative number gets
    a minus sign in front of what the section shows.
    """
    sections = _numeric(sections)
    if not any(section.condition for section in sections):
        at = 0
        if len(sections) > 1 and value < 0:
            at = 1
        elif len(sections) > 2 and value == 0:
            at = 2
        return (sections[at] if sections else None), at == 0
    for section in sections:
        condition = section.condition
        if condition is None:
            if section is sections[-1] or value < 0:
                return section, True
        elif condition.holds(value):
            return section, not (condition.sign.startswith("<") and condition.bound <= 0)
    return None, True


def _numeric(sections: Sequence[_FormatSection]) -> Sequence[_FormatSection]:
    """The sections that are for numbers: without the fourth, and without the last one if that is
    for text.
    """
    if len(sections) > 1 and sections[-1].has("at"):
        sections = sections[:-1]
    return sections[:3]


def _text(sections: Sequence[_FormatSection], text: str) -> str:
    """What is shown of a text: what the fourth section says, or the last one if that is for text;
    else the text itself.
    """
    if len(sections) < 4 and not (sections and sections[-1].has("at")):
        return text
    return "".join(text if kind == "at" else words for kind, words in sections[-1].parts)


def _digits(section: _FormatSection, figure: Decimal, exact: bool) -> str:
    """Show a number of 0 or more in the digits of a section, with the text around them. ``exact``:
    as for `shown`.
    """
    kinds = [kind for kind, _ in section.parts]
    point = kinds.index("point") if "point" in kinds else len(kinds)
    integers = [n for n, kind in enumerate(kinds) if kind == "digit" and n < point]
    decimals = [n for n, kind in enumerate(kinds) if kind == "digit" and n > point]
    if "exponent" in kinds and not exact:
        return f"{figure:.{len(decimals)}E}"
    places = min(len(decimals), _MOST)
    rounded = figure if exact else figure.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _WIDE)
    before, _, after = format(rounded, "f").partition(".")
    after = after.ljust(places, "0")
    shows = dict(zip(decimals, after, strict=False))
    for n in reversed(decimals):  # a # does not show a trailing zero
        if section.parts[n][1] != "#" or shows.get(n) != "0":
            break
        shows[n] = ""
    shows |= _whole(section, "" if before == "0" else before, integers)
    last = (decimals or integers)[-1] if decimals or integers else -1
    text_shown = ""
    for n, (kind, text) in enumerate(section.parts):
        if kind in ("general", "at"):
            text_shown += show(_number(figure))
        elif kind in ("text", "point"):
            text_shown += text
        text_shown += shows.get(n, "")
        if n == last and len(after) > len(decimals):
            rest = after[len(decimals) :].rstrip("0")
            text_shown += rest if "." in text_shown or not rest else "." + rest
    return text_shown


def _whole(section: _FormatSection, digits: str, places: Sequence[int]) -> dict[int, str]:
    """Distribute the digits before the decimal point over the parts that show them. Returns what
    each part shows, by the part's index.

    ``places``: the indexes of these parts; the first of them shows all digits that are left over.
    """
    if not places:
        return {}
    marks = list(reversed(digits))  # from the last digit to the first
    for n in list(reversed(places))[len(marks) :]:
        marks.append({"0": "0", "?": " "}.get(section.parts[n][1], ""))
    if section.grouped:
        marks = [m + "," if n and n % 3 == 0 and m.strip() else m for n, m in enumerate(marks)]
    shows = dict(zip(reversed(places), marks, strict=False))
    shows[places[0]] = "".join(reversed(marks[len(places) - 1 :]))
    return shows


def _fraction(section: _FormatSection, figure: Decimal) -> str:
    """Show a number of 0 or more as a fraction format does: 3.25 as ``3 1/4``, 0.5 as ``1/2``.

    The denominator in the format either is a number, to which the fraction is rounded, or it gives
    the number of digits (at most 5) that the denominator may have. The fraction is shown in lowest
    terms.
    """
    from fractions import Fraction

    denominator = next(text for kind, text in section.parts if kind == "fraction")
    integer, rest = divmod(Fraction(figure), 1)
    if denominator.isdigit() and int(denominator):
        part = Fraction(round(rest * int(denominator)), int(denominator))
    else:
        part = rest.limit_denominator(10 ** max(1, min(len(denominator), 5)) - 1)
    integer, part = (integer + 1, Fraction(0)) if part == 1 else (integer, part)
    return " ".join(str(x) for x in (integer if integer or not part else "", part or "") if x != "")


def _moment(number: Number) -> str:
    """Show a number as a date format does, in ISO notation: from 0 to below 1 as a time, any other
    whole number as a date, else as date and time. A number that is outside the calendar is shown as
    it is.
    """
    try:
        moment = _EPOCH + timedelta(days=float(number))
    except OverflowError:
        return show(number)
    if 0 <= number < 1:
        return f"{moment:%H:%M}"
    return f"{moment:%Y-%m-%d}" if number == int(number) else f"{moment:%Y-%m-%d %H:%M}"


def _number(figure: Decimal) -> Number:
    """The value as an int if it is integral, else as a Decimal without trailing zeros."""
    return int(figure) if figure == int(figure) else _WIDE.normalize(figure)
