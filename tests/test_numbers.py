"""Numbers as people write them: what is taken, what is void, and what is left for a person."""

from __future__ import annotations

import math
import time
from decimal import Context, Decimal
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xltools.model.numbers import (
    LIBERTIES,
    MEASURES,
    MONEY,
    Number,
    NumberKind,
    from_float,
    read,
    show,
)

WAN = "万元"


def taken(text: str, unit: str = "") -> tuple[Number, str]:
    """Read a text that must be a number; its liberties besides `text` as one string."""
    reading = read(text, unit)
    assert reading is not None and reading.kind is NumberKind.NUMBER and reading.number is not None
    assert reading.how[0] == "text"
    assert isinstance(reading.number, int) or reading.number != int(reading.number)
    return reading.number, " ".join(reading.how[1:])


def kind(text: str, unit: str = "") -> NumberKind | None:
    reading = read(text, unit)
    return reading.kind if reading else None


@pytest.mark.parametrize(
    ("text", "unit", "number", "how"),
    [
        ("0", "", 0, ""),
        ("3985758", "", 3985758, ""),
        ("25.10", WAN, Decimal("25.1"), ""),
        ("3.0", "", 3, ""),
        (" 12\n", "", 12, "spaces"),
        ("\u00a012\u3000", "", 12, "spaces"),
        ("\u200b12\ufeff", "", 12, "spaces"),
        ("１２", "", 12, "fullwidth"),
        ("１2．５", WAN, Decimal("12.5"), "fullwidth"),
        ("1,234", "", 1234, "thousands"),
        ("1，234", "", 1234, "fullwidth thousands"),
        ("12,345,678.9", WAN, Decimal("12345678.9"), "thousands"),
        ("3件", "", 3, "unit"),
        ("3 件", "", 3, "spaces unit"),
        ("120人次", "", 120, "unit"),
        ("1.2万", "", 12000, "unit converted"),
        ("3万件", "", 30000, "unit converted"),
        ("0.5亿", "", 50000000, "unit converted"),
        ("251000元", WAN, Decimal("25.1"), "unit converted"),
        ("1.2万元", WAN, Decimal("1.2"), "unit"),
        ("1.2万", WAN, Decimal("1.2"), "unit"),
        ("0.3亿元", WAN, 3000, "unit converted"),
        ("1.2万元", "元", 12000, "unit converted"),
        ("1，000 元", WAN, Decimal("0.1"), "spaces fullwidth thousands unit converted"),
        ("55（含自然失效29件）", "", 55, "remark"),
        ("55件 (其中：撤销3件，废止2件)", "", 55, "spaces unit remark"),
        ("+2", "", 2, "sign"),
        ("＋2", "", 2, "fullwidth sign"),
        ("-3", "", -3, ""),
        ("−3", "", -3, "sign"),
        ("－3", "", -3, "fullwidth"),
        ("-0", "", 0, ""),
        ("-2.5件", "", Decimal("-2.5"), "unit"),
        ("3平方米", "平方米", 3, "unit"),
        ("3件", "件", 3, "unit"),
        ("9" * 99 + "件", "", int("9" * 99), "unit"),
    ],
)
def test_plainly_a_number(text: str, unit: str, number: Number, how: str) -> None:
    assert taken(text, unit) == (number, how)


VOID = """
/ // ／ \\ - -- — —— – －－ ─ ― ﹣ 无 无。 没有 暂无 不适用 不涉及 本年无 N/A n/a Ｎ／Ａ NA
"""


@pytest.mark.parametrize("text", [*VOID.split(), " — — ", "\u200b/", "不 适 用"])
@pytest.mark.parametrize("unit", ["", WAN])
def test_void(text: str, unit: str) -> None:
    assert kind(text, unit) is NumberKind.VOID


@pytest.mark.parametrize("text", ["", " ", "\u00a0\u3000\n\t", "\u200b\ufeff", " " * 500])
def test_blank_is_neither(text: str) -> None:
    assert read(text) is None


UNREADABLE = """
约30 30左右 3-5 3～5 3至5 1/2 12. .5 1e3 1E3 O o 〇 零 一 三 十 10多件 10余 ３。５ 5² ① ½ ٣ 𝟑
05 00 007 2025-1-5 2025年 1月5日 2025/1/5 12,34 1,2345 1234,567 0,123 ,123 1,,234 1,234, 1.2.3
1.234,5 ++2 +-2 —3 –3 3元 3万元 1.23456万 3% 3页 3天 3‰ ¥5 $5 0x10 =1+1 TRUE NaN inf -inf None
null () （） 3() 3（） （3） 3（含） 3（其中） 55（不含失效9件） 55（自然失效） 55（含2件）（其中1）
55（含2件 55(含(2)件) 55（含29）件 3件4 3件4件 3;4 3、4 3和4 共3件 3件。 3! '3 3_000 1'234 #REF! ? *
… 空 同上 见附件 待定 3万万 万 件 亿元
"""
SPACED = [
    "1 234",
    "1\u00a0234",
    "1, 234",
    "- 3",
    "3 4",
    "1\n2",
    "3\u200b4",
    "\u202e21",  # shown as 12
    "无 3",
    "１ ２",
    "N/A 3",
]
TOO_LONG = ["9" * 101, "本" * 101, "-" * 101]


@pytest.mark.parametrize("text", [*UNREADABLE.split(), *SPACED, *TOO_LONG])
def test_unreadable_in_a_count(text: str) -> None:
    assert kind(text) is NumberKind.UNREADABLE


@pytest.mark.parametrize(
    "text", ["3件", "3万件", "3人次", "25万元人民币", "3角", "3美元", "3元5角"]
)
def test_unreadable_in_an_amount(text: str) -> None:
    assert kind(text, WAN) is NumberKind.UNREADABLE


def test_unit_of_another_column_is_unreadable() -> None:
    assert kind("3件", "平方米") is NumberKind.UNREADABLE
    assert kind("3元", "件") is NumberKind.UNREADABLE


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (0.1, Decimal("0.1")),
        (0.1 + 0.2, Decimal("0.3")),
        (3440.0000000000005, 3440),
        (72701.25780000002, Decimal("72701.2578")),
        (-0.7999999999999998, Decimal("-0.8")),
        (123456.789012345, Decimal("123456.789012345")),
        (3.0, 3),
        (-0.0, 0),
        (7, 7),
        (1e16, 10**16),
        (1e-7, Decimal("0.0000001")),
        (math.nan, None),
        (math.inf, None),
        (-math.inf, None),
        (True, None),
    ],
)
def test_numeric_cell(cell: float, number: Number | None) -> None:
    found = from_float(cell)
    assert found == number and type(found) is type(number)


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("72701.25780000002", "万元", Decimal("72701.2578")),
        ("72,701.257800000007", "万元", Decimal("72701.2578")),
        ("3440.0000000000005", "", 3440),
        ("0.30000000000000004元", "元", Decimal("0.3")),
        ("251000.00000000003元", "万元", Decimal("25.1")),
        ("123456.789012345", "万元", Decimal("123456.789012345")),
        ("12345678901234567890", "", 12345678901234567890),
        ("1234567890123456.5", "", Decimal("1234567890123456.5")),
    ],
)
def test_digits_that_no_spreadsheet_shows_are_left_over_from_its_sums(
    text: str, unit: str, number: Number
) -> None:
    found, _ = taken(text, unit)
    assert found == number and type(found) is type(number)


def test_show_has_no_exponent() -> None:
    assert show(Decimal("1E-9")) == "0.000000001"
    assert show(Decimal("1E+3")) == "1000"
    assert show(-12) == "-12"


# Properties

figures = st.one_of(
    st.integers(-(10**30), 10**30),
    # Not more digits than spreadsheets show: those of longer fractions are rounded.
    st.decimals(-(10**9) + 1, 10**9 - 1, allow_nan=False, places=6),
)


@st.composite
def dressed(draw: st.DrawFn) -> tuple[str, str, Number, set[str]]:
    """A number as a person may write it: (text, unit of the column, the number, liberties)."""
    value = Decimal(draw(figures))
    number: Number = int(value) if value == int(value) else value
    how: set[str] = set()
    text = show(number)
    whole, point, part = text.partition(".")
    if draw(st.booleans()) and len(whole.lstrip("-")) > 3:
        text, how = f"{int(whole):,}" + point + part, how | {"thousands"}
    if number > 0 and draw(st.booleans()):
        text, how = "+" + text, how | {"sign"}
    elif number < 0 and draw(st.booleans()):
        text, how = text.replace("-", "−"), how | {"sign"}
    if draw(st.booleans()):
        wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
        how |= {"fullwidth"} if wide != text else set()
        text = wide
    unit = draw(st.sampled_from(["", WAN, "元"]))
    word = draw(st.sampled_from(["", *sorted(MONEY if unit else MEASURES | {"万", "万件"})]))
    power = MONEY[word] - MONEY[unit] if unit and word else 4 if word[:1] == "万" else 0
    scaled = Decimal(number).scaleb(power, Context(prec=99))
    if word:
        gap = draw(st.sampled_from(["", " ", "\u00a0"]))
        text += gap + word
        how |= {"unit"} | ({"spaces"} if gap else set()) | ({"converted"} if power else set())
    if draw(st.booleans()):
        text += draw(st.sampled_from(["（含自然失效2件）", "(其中3件)"]))
        how |= {"remark"}
    if draw(st.booleans()):
        text, how = draw(st.sampled_from([" ", "\u3000", "\u200b\n"])) + text, how | {"spaces"}
    return text, unit, int(scaled) if scaled == int(scaled) else scaled, how


@given(dressed())
def test_every_dressing_comes_off(case: tuple[str, str, Number, set[str]]) -> None:
    text, unit, number, how = case
    if unit == "" and "converted" in how and not isinstance(number, int):
        assert kind(text, unit) is NumberKind.UNREADABLE
        return
    found, liberties = taken(text, unit)
    assert found == number
    assert set(liberties.split()) == how
    assert liberties.split() == [code for code in LIBERTIES if code in how]


@given(figures)
def test_plain_digits_come_back(value: int | Decimal) -> None:
    found, how = taken(show(value))
    assert found == value and how == ""
    assert taken(show(found)) == (found, "")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numeric_cell_gives_what_spreadsheets_show(x: float) -> None:
    found = from_float(x)
    assert found == Context(prec=15).create_decimal(x)


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(0, 20))
def test_what_was_typed_comes_back_exactly(digits: int, places: int) -> None:
    typed = Decimal(digits).scaleb(-places)
    assert from_float(float(typed)) == typed


def plain_parse(text: str, unit: str) -> Decimal | None:
    """Parse by hand, character by character, and as openly as could be: the first number there is.

    Anything that `read` takes must have this value, whatever dressing it accepts.
    """
    digits = point = ""
    minus = False
    rest = text
    for at, found in enumerate(text):
        char = chr(ord(found) - 0xFEE0) if "！" <= found <= "～" else found
        if "0" <= char <= "9":
            digits, point = digits + char, point + char if point else ""
        elif char == "." and digits:
            point += char
        elif char in "-−" and not digits:
            minus = True
        elif char != "," and digits:
            rest = text[at:].replace("（", "(").partition("(")[0].strip()
            break
    else:
        rest = ""
    if not digits:
        return None
    power = 1 - len(point) if point else 0
    if unit:
        power += {"元": -4, "千元": -1, "亿": 4, "亿元": 4}.get(rest, 0)
    else:
        power += {"万": 4, "亿": 8}.get(rest[:1], 0)
    return Decimal((int(minus), tuple(map(int, digits)), power))


characters = "0123456789０５９,，.．+-−－—/ \u00a0\u200b()（）含约O一e件元万亿"
snippets = st.lists(st.sampled_from([*characters, "其中"]), max_size=12).map("".join)


@given(st.one_of(st.text(), snippets), st.sampled_from(["", WAN, "平方米"]))
@example("5²", "")
@example("−１，234．５万元（含3）", WAN)
def test_any_text_is_answered_and_never_with_another_number(text: str, unit: str) -> None:
    reading = read(text, unit)
    if reading is None:
        assert not any(c.isprintable() and not c.isspace() for c in text)
        return
    assert (reading.number is not None) == (reading.kind is NumberKind.NUMBER) == bool(reading.how)
    if reading.number is not None:
        expected = plain_parse(text, unit if unit in MONEY else "")
        assert expected is not None and reading.number == expected


def test_time_grows_with_the_length_only() -> None:
    def seconds(text: str) -> float:
        # Of the processor: what else runs on the machine does not count.
        start = time.process_time()
        for _ in range(20):
            read(text)
        return time.process_time() - start

    for part in ["1", "1,", " ", "1 ", "1,234", "(含", "-", "\u200b", "3件（含", "万"]:
        times = [seconds(part * n) for n in (20_000, 200_000)]
        assert all(late < 100 * early + 0.5 for early, late in pairwise(times)), part
    for part in ["1" * 98, "1,234" * 19, "1" + " " * 98, "1件" + " " * 97, "3(含" + "(" * 90]:
        assert seconds(part + "!") < 0.5
