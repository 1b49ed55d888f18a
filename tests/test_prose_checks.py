"""What the prose says, against the tables; and the slips of the hand that rules explain."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.filled import COLUMNS, FORM, LAYOUT, REPORTS, Draft, balance, consistent, published
from xltools.checks.quantities import numeral, plain, quantities
from xltools.checks.run import check
from xltools.checks.texts import personal, says_nothing, wrong_year
from xltools.forms import declaration
from xltools.layout.places import lay_out
from xltools.model.cells import Address
from xltools.model.findings import Finding, Words
from xltools.model.form import Severity
from xltools.model.numbers import Number
from xltools.model.returns import Status
from xltools.model.roster import Texts
from xltools.model.wording import in_words

DECISIONS = ("licences", "penalties", "coercion")
NAMES = [
    "huaian_shi_2024",
    "qiaokou_jiguanshiwu_2022",
    "shuyang_2025",
    "suqian_shi_2023",
    "suqian_shi_2024",
]


def told(draft: Draft, *codes: str, **texts: str) -> list[Finding]:
    """The findings of some codes about a return with these texts."""
    draft.texts |= {name.replace("_", ".", 1): said for name, said in texts.items()}
    made = check(LAYOUT, draft.made(), text=Texts.OPTIONAL)
    assert not [f for f in made if f.code[0] == "P" and f.severity is Severity.FATAL]
    return [f for f in made if f.code in codes]


def suqian(said: str) -> list[str]:
    """What is told of a text beside the report of a real city.

    3511 received, 96 carried in, 3486 closed, 121 carried out; 440 reviews, 24 + 89 lawsuits.
    """
    return [
        in_words(f.found) for f in told(published("suqian_shi_2023"), "P-03", p1_on_request=said)
    ]


@pytest.mark.parametrize(
    "said",
    [
        "2023年，全市新收政府信息公开申请3511件，上年结转96件，办结3486件，结转下年度继续办理121件。",
        "共受理依申请公开3607件",  # with what was carried in
        "共受理依申请公开3511件",
        "收办政府信息公开申请 ３６０７ 件；答复３，４８６件",
        "新收3,511件",
        "新收申请三千五百一十一件，上年结转九十六件",
        "结转96件。结转121件。",  # into this year, or out of it
        "发生行政复议440件、行政诉讼113件",
        "行政复议和行政诉讼共553件",
        "行政复议、行政诉讼案件440件",
        "复议后起诉89件，未经复议直接起诉24宗",
        "予以公开和部分公开1519件",
        # Nothing that can be compared.
        "新收申请约3500件，收到申请近四千件，答复3000余件，办结3000件以上",
        "收到网民留言300件，收到来信12件，其中收到网上申请9件，办结1件",
        "通过网络收到2000件，信函收到1511件",
        "行政复议维持309件，被纠正17件",
        "办结率100%，答复时间缩短5个工作日，收到锦旗3面",
        "收到申请同比增长20件",
        "新收自然人申请3402件",
        "每一件申请都认真答复，第一件申请及时办结",
        "收到第3511件申请",
        "召开会议3次，培训35人次",
        "收到申请后于15日内答复，共转办5件",
        "答复群众关于三公经费等的许多问题之后又处理了其他各类比较复杂的历史遗留问题总共5件",
        "未发生败诉的行政复议",
    ],
)
def test_prose_that_agrees_or_cannot_be_compared(said: str) -> None:
    assert suqian(said) == []


@pytest.mark.parametrize(
    ("said", "quoted"),
    [
        ("新收政府信息公开申请3510件，办结3486件。", "新收政府信息公开申请3510件"),
        ("共收到申请３５１２件", "收到申请3512件"),
        ("受理申请3608件", "受理申请3608件"),
        ("受理申请三千六百件", "受理申请三千六百件"),
        ("上年度结转 97 件，结转至下年 122 宗", "上年度结转97件；结转至下年122宗"),
        ("结转100件", "结转100件"),
        ("答复申请0件", "答复申请0件"),
        ("行政复议442起，行政诉讼115件", "行政复议442起；行政诉讼115件"),
        ("行政复议、行政诉讼均为1件", "行政复议、行政诉讼均为1件"),
        ("本年度未收到政府信息公开申请。", "未收到"),
        ("未发生行政复议、行政诉讼案件。", "未发生行政复议；未发生行政复议、行政诉讼"),
        ("没有收到行政复议申请", "没有收到行政复议"),
        ("收到1万件", "收到1万件"),
    ],
)
def test_prose_that_contradicts_the_tables(said: str, quoted: str) -> None:
    assert suqian(said) == [quoted]


def test_a_mismatch_names_the_text_and_the_figures() -> None:
    draft = published("suqian_shi_2023")
    draft.texts["p1.on_request"] = "规范办理。\n受理申请3600件，上年结转96件。"
    (one,) = told(draft, "P-03")
    assert one.items == ("p1.on_request", "t3.received.total", "t3.carried_in.total")
    assert (one.severity, in_words(one.expected)) == (Severity.QUERY, "3511或3607")
    first = LAYOUT.texts[1].first
    assert (one.sheet, one.cells) == ("文字", (f"A{first + 1}",))
    # Where the lines stand is known of what was read from a workbook.
    ret = replace(
        draft.made(),
        lines={"p1.on_request": [Address("文字", first, 0), Address("文字", first + 4, 0)]},
    )
    made = check(LAYOUT, ret)
    assert [f.cells for f in made if f.code == "P-03"] == [(f"A{first + 5}",)]


def test_figures_that_are_not_known_contradict_nothing() -> None:
    draft = published("suqian_shi_2023")
    draft.texts["p1.on_request"] = "新收1件"
    assert told(draft, "P-03")
    for status in (Status.BLANK, Status.UNREADABLE):
        for name in ("t3.received.total", *(f"t3.received.{c}" for c in COLUMNS)):
            draft.figures[name], draft.statuses[name] = None, status
        assert not told(draft, "P-03")
    draft = published("suqian_shi_2023")
    draft.texts["p1.on_request"] = "新收1件"
    draft.absent = {f"t3.received.{c}" for c in COLUMNS}
    assert not told(draft, "P-03")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("一", 1), ("十", 10), ("十二", 12), ("二十", 20), ("两百零五", 205), ("一百二十三", 123),
        ("三千五百一十一", 3511), ("一万二千", 12000), ("二〇二三", 2023), ("两千", 2000),
        ("一百零三万", 1030000), ("一百五", None), ("一万五", None), ("百", None), ("十百", None),
        ("一二十", None), ("", None), ("零", 0), ("一千零一十", 1010), ("万", None),
    ],
)  # fmt: skip
def test_chinese_numerals(text: str, number: int | None) -> None:
    assert numeral(text) == number


def chinese(number: int) -> str:
    """A number below 10,000 as it is spoken, worked out the other way round."""
    if number == 0:
        return "零"
    digits = [int(d) for d in f"{number:04}"]
    text = "".join(
        "零一二三四五六七八九"[d] + unit if d else "零"
        for d, unit in zip(digits, ("千", "百", "十", ""), strict=True)
    )
    return re.sub("零+", "零", text).strip("零")


@given(st.integers(0, 9999), st.integers(1, 9999))
def test_chinese_numerals_are_read_as_spoken(low: int, high: int) -> None:
    assert numeral(chinese(low)) == low
    between = "" if low >= 1000 or not low else "零"
    whole = chinese(high) + "万" + between + (chinese(low) if low else "")
    assert numeral(whole) == high * 10_000 + low


@settings(max_examples=200)
@given(st.text(alphabet="新收到答复行政复议约一二十百万0123，,.件宗 无未其中", max_size=60))
def test_no_prose_breaks_the_reading(said: str) -> None:
    list(quantities(said))
    suqian(said)


def test_a_very_long_text_is_read_in_time() -> None:
    suqian("未收到" * 20_000 + "1" * 50_000 + "，" * 20_000 + "百" * 20_000 + "件")


# The fee, part 五, the year.


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("2025年，本机关没有收取信息处理费。", ""),
        ("本年度收取信息处理费0元。", ""),
        ("本年度未收取信息处理费，没有其他需要报告的事项。", ""),
        ("信息处理费：无。", ""),
        ("本年度收取信息处理费1200元。", ""),
        ("按规定收取信息处理费0.03万元。", ""),
        ("本机关没有其他需要报告的事项。", "P-05"),
        ("本年度未收取任何费用。", ""),
        ("未向申请公开政府信息的公民、法人和其他组织收取任何费用。", ""),
        ("依申请公开政府信息没有收费。", ""),
        ("收费情况：无。", ""),
        ("本机关免费提供政府信息。", ""),
        ("全年没有产生处理费。", ""),
        ("发出收费通知0件，收取金额0元。", ""),
        ("发出收费通知的件数、总金额及实际收取的总金额均为0。", ""),
        ("依申请公开收取检索、复制费用12元。", ""),
        ("收费公示栏已更新。", "P-05"),
        ("按要求公开行政事业性收费目录。", "P-05"),
        ("无", "P-05"),
        ("", "P-05"),
    ],
)
def test_part_six_must_say_what_was_collected(said: str, code: str) -> None:
    made = told(consistent(1, typed=False), "P-05", "P-06", p6_matters=said)
    assert [f.code for f in made] == [code][: bool(code)]


def test_the_fee_may_be_told_of_in_another_part() -> None:
    told_of = "全年未因信息公开收取任何费用。"
    assert told(consistent(1, typed=False), "P-05", p1_on_request=told_of, p6_matters="无") == []


def test_the_form_of_2019_asks_for_no_fee() -> None:
    """The fee and the duty to report it came with 国办函〔2020〕109号, from 2021 on."""
    form = declaration.load("zfxxgk-2019")
    assert form.prose.fee is None
    assert form.prose.mentions
    assert form.prose.bound == FORM.prose.bound


def test_a_fee_collected_in_one_part_and_denied_in_another() -> None:
    draft = consistent(2, typed=False)
    collected = "对超量申请收取信息处理费300元。"
    made = told(draft, "P-05", "P-06", p1_on_request=collected, p6_matters="未收取信息处理费。")
    assert [f.code for f in made] == ["P-06"]
    made = told(draft, "P-05", "P-06", p6_matters="本年收取信息处理费300元。")
    assert made == []
    made = told(draft, "P-06", p1_on_request="收取信息处理费0元", p6_matters="未收取信息处理费")
    assert made == []


@pytest.mark.parametrize(
    "said", ["无", "无。", "没有", "/", "——", "不存在问题。", " 暂无 \n", "０", "N/A"]
)
def test_nothing_said(said: str) -> None:
    assert says_nothing(said) is (said != "０")
    made = told(consistent(3, typed=False), "P-04", p5_problems=said)
    assert bool(made) is (said != "０")


def test_part_five_may_be_empty_where_no_texts_are_asked_for() -> None:
    draft = consistent(4, typed=False)
    draft.texts = {}
    assert check(LAYOUT, draft.made(), text=Texts.OPTIONAL) == ()
    assert check(LAYOUT, draft.made(), text=Texts.NONE) == ()
    draft.texts = {"p1.active": "主动公开。", "p6.matters": "未收取信息处理费。"}
    assert [f.code for f in check(LAYOUT, draft.made(), text=Texts.OPTIONAL)] == ["P-04"]
    assert [f.code for f in check(LAYOUT, draft.made(), text=Texts.REQUIRED)] == ["P-01"]
    assert check(LAYOUT, draft.made(), text=Texts.NONE) == ()


@pytest.mark.parametrize(
    ("said", "other"),
    [
        ("2024年，我局主动公开信息30条。", 2024),
        ("２０２６年度，我局主动公开信息。", 2026),
        ("自2024年1月1日起至2024年12月31日止。", 0),  # 自20…: a span, not told apart
        ("2025年，我局新收申请3件，比2024年少2件。", 0),
        ("与2024年相比，公开更加及时。", 0),
        ("2026年，我局将继续做好公开工作。", 0),
        ("根据2019年修订的条例。", 0),
        ("2024年结转的2件已办结。", 0),
        ("按照2024年印发的要点，规范公开。", 0),
        ("主动公开信息2024条。", 0),
        ("对照《2024年政务公开工作要点》逐项落实。", 0),
        ("落实2024年国家、省、市政务公开工作要点。", 0),
        ("按照2024年度政府信息公开工作年度报告有关事项的通知要求。", 0),
        ("在2024年度政务公开考核中位列第一。", 0),
        ("及时公开2024年度部门决算。", 0),
        ("编制并发布2024年政府信息公开年报。", 0),
        ("修订“2024年基层政务公开标准目录”。", 0),
        ("2024年，我局落实《条例》，主动公开信息30条。", 2024),
        ("对照《2023年要点》，2024年我局主动公开30条。", 2024),
        ("2024年我局按照要点公开信息30条。", 2024),
    ],
)
def test_a_text_about_another_year(said: str, other: int) -> None:
    assert wrong_year(plain(said), 2025) == other
    draft = consistent(5, typed=False)
    draft.year = 2025
    made = told(draft, "P-07", p1_active=said)
    assert [(in_words(f.found), in_words(f.expected)) for f in made] == [(str(other), "2025")][
        : bool(other)
    ]
    draft.year = 0
    assert told(draft, "P-07") == []


# Personal data. The identity numbers are made up: 110105 is a district, 9999 no year of birth.


def identity(seventeen: str) -> str:
    """With its check, computed by the other formula of the standard (ISO 7064, MOD 11-2)."""
    rest = 0
    for digit in seventeen:
        rest = (rest + int(digit)) * 2 % 11
    return seventeen + "0123456789X"[(12 - rest) % 11]


@given(st.from_regex(r"[1-9][0-9]{16}", fullmatch=True), st.integers(1, 10))
def test_identity_numbers_are_known_by_their_check(seventeen: str, shift: int) -> None:
    right = identity(seventeen)
    wrong = right[:17] + "0123456789X"[("0123456789X".index(right[17]) + shift) % 11]
    assert [in_words(kind) for _, kind in personal(f"证号{right}。")] == ["身份证号码"]
    assert [kind for _, kind in personal(f"编号{wrong}。") if in_words(kind) == "身份证号码"] == []


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ("电话13800138000", ["手机号码"]),
        ("电话１３８００１３８０００", ["手机号码"]),
        ("电话138-0013-8000", ["手机号码"]),
        ("电话+86 138 0013 8000", ["手机号码"]),
        ("电话027-83773232", []),
        ("订单113800138000", []),
        ("共138001380001件", []),
        ("电话12800138000", []),
    ],
)
def test_mobile_numbers(said: str, kinds: list[str]) -> None:
    assert [in_words(kind) for _, kind in personal(plain(said))] == kinds


@pytest.mark.parametrize("text", list(Texts))
def test_personal_data_is_named_by_its_cells_and_never_repeated(text: Texts) -> None:
    draft = consistent(6, typed=False)
    secret, phone = identity("11010599990101001"), "13912345678"
    draft.texts["p1.supervision"] = f"甲。\n投诉人{secret}。\n乙。\n电话{phone}，证号{secret}"
    lines = [Address("文字", 200 + n, 0) for n in range(4)]
    ret = replace(draft.made(), lines={"p1.supervision": lines})
    (one,) = [f for f in check(LAYOUT, ret, text=text) if f.code == "P-08"]
    assert one.cells == ("A202", "A204")
    assert in_words(one.found) == "身份证号码、手机号码"
    for part in (secret, phone, secret[:6]):
        assert part not in Words().message(one)


# A case under the wrong kind of applicant, a figure in two cells, 元 for 万元.


def test_the_wrong_column_is_one_finding_that_marks_both() -> None:
    draft = consistent(7, typed=False)
    draft.add("t3.partial.natural", 2)
    draft.add("t3.partial.legal", -2)
    draft.add("t3.partial.research", 5)
    draft.add("t3.partial.others", -5)
    draft.add_up()
    made = check(LAYOUT, draft.made())
    assert [f.code for f in made] == ["X-02", "X-02"]
    assert [{n.split(".")[2] for n in f.items} for f in made] == [
        {"natural", "legal"},
        {"research", "others"},
    ]
    assert all(len(f.items) == 8 for f in made)


@pytest.mark.parametrize(
    "changes",
    [
        {"natural": 1, "legal": -2},  # the total column is off
        {"natural": 2, "legal": -1, "others": -1},  # three columns: which belong together?
        {"natural": 1, "business": 1, "legal": -1, "others": -1},  # so may any two of four
    ],
)
def test_columns_that_do_not_cancel_out_in_pairs_stay_single(changes: dict[str, int]) -> None:
    draft = consistent(8, typed=False)
    for column, by in changes.items():
        draft.add(f"t3.partial.{column}", by)
    draft.add_up()
    assert {f.code for f in check(LAYOUT, draft.made())} == {"T3-01"}


OTHER = """
form = "other"
edition = "1"
title = "另表"
authority = "测试"

[a]
title = "一、甲"
columns = [["x", "甲"], ["y", "乙"]]
rows = [
  ["one", "一"], ["two", "二"], ["less", "减"], ["sum", "和", "one + two - less"],
]

[rules]
A-1 = ["fatal", "a.x == a.y", "两列相等"]
"""


def test_the_wrong_line_follows_from_the_form_alone() -> None:
    """Rows instead of columns, and a row that is taken off: there equal errors cancel out."""
    form = declaration.read(OTHER, Path("other.toml"))
    layout = lay_out(form)
    for row, by, code in (("two", -3, "X-02"), ("less", 3, "X-02"), ("less", -3, "A-1")):
        figures = {"one": 5 + 3, "two": 5, "less": 5}
        figures[row] += by
        numbers: list[Number] = []
        for item in form.items:
            other = {"one": 5, "two": 5, "less": 5} if item.column == "y" else figures
            total = other["one"] + other["two"] - other["less"]
            numbers.append(total if item.row == "sum" else other[item.row])
        ret = replace(
            consistent(0, typed=False).made(),
            numbers=numbers,
            statuses=[Status.GIVEN] * len(numbers),
            places=layout.addresses,
            texts={},
        )
        assert {f.code for f in check(layout, ret)} == {code}


@pytest.mark.parametrize("typed", [False, True])
@pytest.mark.parametrize(("whole", "one", "other"), [(10, 1, 0), (70, 7, 0), (123, 12, 3)])
@pytest.mark.parametrize("into", ["first", "second"])
def test_a_split_figure_is_one_finding(
    whole: int, one: int, other: int, into: str, typed: bool
) -> None:
    draft = consistent(9, typed=typed)
    cells = ("t3.not_held.natural", "t3.not_held.business")
    right, left = cells if into == "first" else cells[::-1]
    draft.figures[right], draft.figures[left] = whole, 0
    balance(draft)
    assert check(LAYOUT, draft.made()) == ()
    draft.figures[cells[0]], draft.figures[cells[1]] = one, other
    draft.recalculate()
    made = check(LAYOUT, draft.made())
    assert [f.code for f in made] == ["X-03"]
    assert made[0].items[:2] == cells
    assert (made[0].severity, in_words(made[0].expected)) == (Severity.FATAL, str(whole))


def test_a_split_that_could_be_two_is_not_guessed() -> None:
    """Either of two pairs in one row of table 四, joined, gives the total that was typed."""
    draft = consistent(10, typed=True)
    for part, number in zip(("upheld", "corrected", "other", "pending"), (1, 0, 1, 0), strict=True):
        draft.figures[f"t4.cases.review_{part}"] = number
    draft.figures["t4.cases.review_total"] = 11
    assert [f.code for f in check(LAYOUT, draft.made())] == ["T4-01"]
    draft.figures["t4.cases.review_other"] = 3
    draft.figures["t4.cases.review_total"] = 13
    assert [f.code for f in check(LAYOUT, draft.made())] == ["X-03"]


def charged(amount: str, last: str = "") -> list[str]:
    draft = consistent(11, typed=False)
    draft.figures["t2.fees.charged"] = Decimal(amount)
    prior: list[Number | None] = [None] * len(FORM.items)
    if last:
        prior[FORM.by_name["t2.fees.charged"]] = Decimal(last)
    made = check(LAYOUT, draft.made(), prior=prior)
    assert {f.code for f in made} <= {"X-04"}
    assert all(in_words(f.detail).startswith("万元") for f in made)
    return [in_words(f.expected) for f in made]


@pytest.mark.parametrize(
    ("amount", "last", "expected"),
    [
        ("251000", "", ["25.1"]),
        ("99999", "", []),
        ("0", "", []),
        ("25.1", "", []),
        ("30000", "2.9", ["3"]),  # ten thousand times last year's
        ("30000", "12.1", []),
        ("96171.6", "90000", []),
        ("251000", "240000", []),  # as large as last year: it was asked then
        ("251000", "0", ["25.1"]),
        ("1e20", "1", ["10000000000000000"]),
        ("0.5", "0.00001", []),
    ],
)
def test_yuan_for_ten_thousand_yuan(amount: str, last: str, expected: list[str]) -> None:
    if amount == "0.5":  # half a 万元 is 50,000 times ten fen: too much of a jump to be 元
        assert charged(amount, last) == []
        return
    assert charged(amount, last) == expected


@pytest.mark.parametrize("seed", range(60))
def test_fills_in_yuan_are_asked_about(seed: int) -> None:
    """From 10 万元 on, with as many decisions as a unit makes that charges so much."""
    random = Random(seed)
    draft = consistent(seed, typed=False)
    amount = random.randint(100_000, 20_000_000)
    for row in DECISIONS:
        draft.figures[f"t2.{row}.decisions"] = random.randint(0, amount // 30)
    draft.figures["t2.fees.charged"] = Decimal(amount)
    assert [(f.code, in_words(f.detail)) for f in check(LAYOUT, draft.made())] == [("X-04", "万元")]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("factor", "codes"), [(1, []), (10_000, ["X-04"])])
def test_whole_cities_may_charge_much(name: str, factor: int, codes: list[str]) -> None:
    """The published reports as they are, and as if they had been filled in in 元."""
    draft = published(name)
    charged = draft.figures["t2.fees.charged"]
    assert charged is not None
    draft.figures["t2.fees.charged"] = charged * factor
    assert [f.code for f in check(LAYOUT, draft.made())] == (codes if charged else [])
    if charged and factor == 1:
        draft.figures["t2.fees.charged"] = Decimal(316_441)
        decisions = sum(draft.figures[f"t2.{r}.decisions"] or 0 for r in DECISIONS)
        assert decisions > 1_000_000
        assert check(LAYOUT, draft.made()) == ()


def test_the_unit_of_the_form_is_named() -> None:
    text = OTHER.replace('columns = [["x"', 'type = "amount"\nunit = "千元"\n@columns = [["x"', 1)
    text = text.replace("@", "yuan_from = { one = 5000 }\n")
    form = declaration.read(text, Path("other.toml"))
    layout = lay_out(form)
    numbers: list[Number] = [0] * len(form.items)
    for item in form.items:
        numbers[item.index] = 8000 if item.row in ("one", "sum") else 0
    ret = replace(
        consistent(0, typed=False).made(),
        numbers=numbers,
        statuses=[Status.GIVEN] * len(numbers),
        places=layout.addresses,
        texts={},
    )
    first, _ = check(layout, ret)
    assert (
        first.code,
        in_words(first.found),
        in_words(first.expected),
        in_words(first.detail),
    ) == ("X-04", "8000", "8", "千元")
    message = Words().message(first)
    assert "千元" in message
    assert "万元" not in message


# Real reports.


def seed() -> dict[str, str]:
    """The prose of a real return: a district office that had no case at all, in 2022."""
    lines = (REPORTS.parent / "qiaokou-2022.txt").read_text("utf-8").splitlines()
    marks = ["（1）", "（2）", "（3）", "（4）", "（5）", "二、主", "五、", "六、"]
    at = [next(n for n, t in enumerate(lines) if t.startswith(m)) for m in marks]
    parts = ["\n".join(lines[a + 1 : b]) for a, b in pairwise(at)]
    last = [t for t in lines[at[-1] + 1 :] if t.strip()]
    texts = [*parts[:5], parts[6], "\n".join(last)]
    return dict(zip((t.name for t in FORM.texts), texts, strict=True))


# What the prose beside each report says, the queries that come of it, and why each is right.
TRUE_CASES: list[tuple[str, dict[str, str], int, list[tuple[str, str, str]]]] = [
    # The whole prose of a real return, in its own year: nothing is wrong with it.
    ("qiaokou_jiguanshiwu_2022", seed(), 2022, []),
    # The same prose handed in a year later: it still tells of 2022.
    (
        "qiaokou_jiguanshiwu_2022", seed(), 2023,
        [("P-07", "2022", "2023")],
    ),
    # 上海市人民政府办公厅 2019: the text has 258 for 予以公开 and 部分公开 together, the table
    # 272 + 3; 无法提供 265 is the first of its three rows alone, which add up to 337. Both are
    # really in the published report.
    (
        "shanghai", {"p1.on_request": "予以公开及部分公开258件，无法提供265件。"}, 2019,
        [("P-03", "予以公开及部分公开258件；无法提供265件", "272或275或3；337")],
    ),
    # A city whose text counts 134 filings where the table counts 170 cases of review: a question
    # of counting, which only the unit can answer.
    (
        "suqian_shi_2024", {"p1.supervision": "收到行政复议134件。"}, 2024,
        [("P-03", "行政复议134件", "170")],
    ),
    # The figures of 宿迁 2023 as its own eleven reporters give them: 3607 handled in all.
    ("suqian_shi_2023", {"p1.on_request": "全市共受理3607件。"}, 2023, []),
]  # fmt: skip


def shanghai() -> Draft:
    """The 2019 report of a city's office in the rows of today: （六）其他处理 had nothing in it."""
    import json

    report = json.loads((REPORTS / "shanghai_fuban_2019.json").read_text("utf-8"))
    draft = consistent(0, typed=False)
    for item in FORM.items:
        value = 0
        if item.table == "t3" and item.formula is None:
            row = report["t3"].get(" > ".join(item.rows), [0] * 7)
            value = row[[*COLUMNS, "total"].index(item.column)] or 0
        draft.figures[item.name] = value
    draft.add_up()
    return draft


@pytest.mark.parametrize(("name", "texts", "year", "queries"), TRUE_CASES)
def test_every_query_on_a_real_report_is_right(
    name: str, texts: dict[str, str], year: int, queries: list[tuple[str, str, str]]
) -> None:
    draft = shanghai() if name == "shanghai" else published(name)
    filler = {"p5.problems": "公开深度不够，将加强培训。", "p6.matters": "未收取信息处理费。"}
    draft.texts, draft.year = filler | texts, year
    made = check(LAYOUT, draft.made(), text=Texts.OPTIONAL)
    assert [(f.code, in_words(f.found), in_words(f.expected)) for f in made] == queries
    assert not [f for f in made if f.severity is Severity.FATAL]


@pytest.mark.parametrize("name", NAMES)
def test_real_reports_without_prose_raise_nothing(name: str) -> None:
    """Not even against themselves a year later, but for what then really does not follow."""
    draft = published(name)
    assert check(LAYOUT, draft.made(), text=Texts.OPTIONAL) == ()
    prior = draft.made().numbers
    later = check(LAYOUT, draft.made(), prior=prior)
    assert {f.code for f in later} <= {"Y-01", "Y-02"}
