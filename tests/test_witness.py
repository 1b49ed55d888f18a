"""Whose a return is: what witnesses say, when they contradict, and each answer to a stranger."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from support.filled import FORM, LAYOUT
from support.jobs import FULL, GOOD, bare, codes, filled, outcomes, run
from support.summaries import summary_bytes
from xltools.identify.identify import Recognised, recognise, years_of
from xltools.identify.unit_names import Naming, area_of, shared_area
from xltools.identify.witnesses import Witnesses
from xltools.model.findings import Words, acceptable
from xltools.model.identity import (
    IDENTITY,
    Identity,
)
from xltools.model.record import Origin, ReturnRecord
from xltools.model.returns import Return, Status
from xltools.model.roster import Roster, Unit
from xltools.model.wording import NamingPlace, in_words

DISTRICT = Roster(
    units=(
        Unit(name="宿城区人民政府办公室", aliases=("区政府办公室",), email="zfb@sc.cn"),
        Unit(name="宿城区民政局", aliases=("民政局", "区民政局"), email="mzj@sc.cn"),
        Unit(name="宿城区教育局", aliases=("教育局",), email="jyj@sc.cn；jy2@sc.cn"),
        Unit(name="宿城区教育局招生办", email="jyj@sc.cn"),
        Unit(name="宿城区卫生健康委员会", email="wjw@sc.cn", predecessors=("宿城区卫生局",)),
        Unit(name="宿城区卫生局", aliases=("卫生局",)),
        Unit(name="城东街道", email="cd@sc.cn"),
        Unit(name="城东街道卫生院", files_through="城东街道"),
        Unit(name="宿城区文化和旅游局"),
        Unit(name="宿城区交通运输局"),
    )
)
CITY = Roster(
    units=tuple(
        Unit(name=n)
        for n in "市政府 沭阳县 泗阳县 泗洪县 宿城区 市民政局 宿迁经济技术开发区".split()
    )
)


def returned(unit: str = "", title: str = "", *, year: int = 2025) -> Return:
    size = len(FORM.items)
    identity = Identity(
        kind="return", form=FORM.form, edition=FORM.edition, unit=unit, year=year
    )  # fmt: skip
    return Return(
        identity=identity if unit else None,
        numbers=[1] * size,
        statuses=[Status.GIVEN] * size,
        places=[None] * size,
        unit=unit,
        year=year,  # on the cover, so that only the unit is in question
        title=title,
    )


def reading(path: str, unit: str = "", senders: str = "", title: str = "") -> ReturnRecord:
    source = Origin(path=path, senders=tuple(senders.split()))
    return ReturnRecord(source=source, ret=returned(unit, title))


def known(one: ReturnRecord, roster: Roster = DISTRICT, *others: ReturnRecord) -> Recognised:
    return recognise(LAYOUT, one, Witnesses(FORM, roster, [one, *others]), 2025)


def said(found: Recognised) -> list[str]:
    return [f.code for f in found.findings]


@pytest.mark.parametrize(
    ("path", "unit", "senders", "contradicted"),
    [
        ("2025年政府信息公开年报统计表_宿城区民政局.xlsx", "宿城区民政局", "", False),
        ("附件2.xls", "宿城区民政局", "", False),
        ("民政局（定稿）.xlsx", "宿城区民政局", "", False),
        ("区民政局.xlsx", "宿城区民政局", "", False),
        ("宿城区民政局.xlsx", "民政局", "", False),
        ("文旅局.xlsx", "宿城区文化和旅游局", "", False),
        ("民政局.xlsx", "宿城区教育局", "", True),
        ("2025年政府信息公开年报统计表_教育局.xlsx", "宿城区民政局", "", True),
        # two named, and this is one of them; or neither: who knows
        ("区政府办公室转民政局.xlsx", "宿城区民政局", "", False),
        ("区政府办公室转民政局.xlsx", "宿城区教育局", "", False),
        # a name within another's: a copied template of 教育局 is not excused by it
        ("教育局招生办.xlsx", "宿城区教育局", "", False),
        ("宿城区教育局招生办.xlsx", "宿城区教育局", "", True),
        ("宿城区教育局招生办.xlsx", "宿城区教育局招生办", "", False),
        ("教育局.xlsx", "宿城区教育局招生办", "", True),
        # loosely this one: its name with a mark in it, its contraction, beside another's name
        ("城东街道+卫生院.xlsx", "城东街道卫生院", "", False),
        ("民政局转卫健委.xlsx", "宿城区卫生健康委员会", "", False),
        ("民政局转文旅局.xlsx", "宿城区文化和旅游局", "", False),
        # filing together, and what was there before
        ("城东街道卫生院.xlsx", "城东街道", "", False),
        ("卫生局.xlsx", "宿城区卫生健康委员会", "", False),
        ("宿城区卫生健康委员会.xlsx", "卫生局", "", False),
        # what the form is called names nobody, nor does another district's office of that name
        ("宿城区政府信息公开年报统计表.xlsx", "宿城区民政局", "", False),
        ("泗洪县民政局.xlsx", "宿城区教育局", "", False),
        ("宿迁市宿城区民政局.xlsx", "宿城区教育局", "", True),
        # folders and containers count where the file's own name names none
        ("教育局/附件2.xls", "宿城区民政局", "", True),
        ("教育局.zip/民政局.xls", "宿城区民政局", "", False),
        ("教育局.zip/民政.xls", "宿城区民政局", "", False),
        ("民政局.zip/表/附件2.xls", "宿城区民政局", "", False),
        # senders
        ("附件2.xls", "宿城区民政局", "mzj@sc.cn", False),
        ("附件2.xls", "宿城区民政局", "MZJ@sc.cn", False),
        ("附件2.xls", "宿城区民政局", "jyj@sc.cn", True),
        ("附件2.xls", "宿城区民政局", "jy2@sc.cn", True),
        ("附件2.xls", "宿城区民政局", "someone@qq.com", False),
        ("附件2.xls", "宿城区教育局招生办", "jyj@sc.cn", False),
        ("附件2.xls", "城东街道卫生院", "cd@sc.cn", False),
        ("附件2.xls", "宿城区民政局", "zfb@sc.cn mzj@sc.cn", False),
        ("附件2.xls", "宿城区民政局", "zfb@sc.cn someone@qq.com", False),
        ("附件2.xls", "宿城区民政局", "mzj@sc.cn jyj@sc.cn", True),
        ("民政局.xlsx", "宿城区民政局", "jyj@sc.cn", True),
    ],
)
def test_what_contradicts_a_workbook(
    path: str, unit: str, senders: str, contradicted: bool
) -> None:
    found = known(reading(path, unit, senders))
    wanted = DISTRICT.find(unit)
    assert wanted is not None
    assert found.unit == wanted
    tell = [f for f in found.findings if f.code == "I-10"]
    assert bool(tell) is contradicted
    if tell:
        assert f"“{wanted.name}”" in in_words(tell[0].detail)
        assert acceptable(tell[0])
        words = Words().message(tell[0])
        assert wanted.name in words
        assert "@" not in words


@pytest.mark.parametrize(
    ("path", "unit", "contradicted"),
    [
        ("2023年政府信息公开年报统计表_泗洪县.xlsx", "泗洪县", False),
        ("2023年政府信息公开年报统计表_市政府.xlsx", "市政府", False),
        ("2023年政府信息公开年报统计表_泗洪县.xlsx", "泗阳县", True),
        ("泗洪县政府信息公开年报.xlsx", "沭阳县", True),
        ("泗洪县青阳镇.xlsx", "沭阳县", False),
        ("宿迁市政府信息公开年报统计表.xlsx", "泗洪县", False),
        ("宿迁经济技术开发区（更正）.xlsx", "宿迁经济技术开发区", False),
    ],
)
def test_a_city_of_counties(path: str, unit: str, contradicted: bool) -> None:
    assert ("I-10" in said(known(reading(path, unit), CITY))) is contradicted


def test_names_in_letters_and_digits_end_where_they_end() -> None:
    roster = Roster(units=(Unit(name="unit-1"), Unit(name="unit-10"), Unit(name="甲")))
    named = Naming(FORM, roster).named
    assert [u.name for u in named("unit-10")] == ["unit-10"]
    assert [u.name for u in named("unit-100")] == []
    assert [u.name for u in named("unit-1甲")] == ["unit-1"]


def test_a_folder_of_several_units_says_nothing() -> None:
    one, other = (
        reading("区政府办公室/1.xls", "宿城区民政局"),
        reading("区政府办公室/2.xls", "教育局"),
    )
    assert said(known(one)) == ["I-10"]
    assert said(known(one, DISTRICT, other)) == []


def test_an_address_that_collects_from_many_says_nothing() -> None:
    units = ("宿城区民政局", "宿城区教育局", "城东街道")
    ones = [reading(f"{n}.xls", unit, "zfb@sc.cn") for n, unit in enumerate(units)]
    assert said(known(ones[0], DISTRICT, ones[1])) == ["I-10"]
    assert said(known(ones[0], DISTRICT, *ones[1:])) == []


@pytest.mark.parametrize(
    ("path", "senders", "title", "unit", "expected"),
    [
        ("民政局.xls", "mzj@sc.cn", "", "宿城区民政局", "文件名和发件人"),
        ("民政局.xls", "", "填报单位：宿城区民政局", "宿城区民政局", "文件名和表的标题"),
        ("1.xls", "mzj@sc.cn", "宿城区民政局2025年", "宿城区民政局", "发件人和表的标题"),
        ("民政局/1.xls", "mzj@sc.cn", "", "宿城区民政局", "所在文件夹或压缩包的名称和发件人"),
        ("宿城区教育局招生办.xls", "jyj@sc.cn", "", "宿城区教育局招生办", "文件名和发件人"),
        ("区政府办公室转民政局.xls", "mzj@sc.cn", "", "宿城区民政局", "文件名和发件人"),
    ],
)
def test_two_witnesses_that_agree_are_enough(
    path: str, senders: str, title: str, unit: str, expected: str
) -> None:
    found = known(reading(path, "", senders, title))
    assert (found.name, said(found)) == (unit, ["I-07"])
    assert in_words(found.findings[0].found) == expected


@pytest.mark.parametrize(
    ("path", "senders", "title", "unit", "told"),
    [
        ("民政局.xls", "", "", "宿城区民政局", "只有文件名指向“宿城区民政局”"),
        ("1.xls", "mzj@sc.cn", "", "宿城区民政局", "只有发件人指向“宿城区民政局”"),
        ("1.xls", "", "宿城区民政局", "宿城区民政局", "只有表的标题指向“宿城区民政局”"),
        ("1.xls", "jyj@sc.cn", "", "", "发件人指向“宿城区教育局”或“宿城区教育局招生办”"),
        ("民政局.xls", "jy2@sc.cn", "", "", "文件名指向“宿城区民政局”，发件人指向“宿城区教育局”"),
        ("1.xls", "", "", "", ""),
        ("交通运输局.xls", "", "", "", "像是“宿城区交通运输局”"),
        ("1.xls", "someone@qq.com", "", "", ""),
    ],
)
def test_one_witness_only_proposes(
    path: str, senders: str, title: str, unit: str, told: str
) -> None:
    found = known(reading(path, "", senders, title))
    assert (found.name, said(found)) == (unit, ["I-03"])
    assert told in in_words(found.findings[0].detail)


def test_two_against_one_are_known_and_contradicted() -> None:
    found = known(reading("民政局.xls", "", "jy2@sc.cn", "宿城区民政局"))
    assert (found.name, said(found)) == ("宿城区民政局", ["I-07", "I-10"])


@pytest.mark.parametrize(
    ("name", "code", "proposed"),
    [
        ("文旅局", "I-04", "宿城区文化和旅游局"),
        ("宿城区卫健委", "I-04", "宿城区卫生健康委员会"),
        ("交通局", "I-04", "宿城区交通运输局"),
        ("宿城区民证局", "I-04", ""),
        ("宿城区交通运瑜局", "I-04", "宿城区交通运输局"),
        ("城东街道办事处", "I-04", "城东街道"),
        ("体育局", "I-04", ""),
        ("审计局", "I-04", ""),
        ("泗洪县民政局", "I-11", ""),
        ("江苏省泗洪县交通运输局", "I-11", ""),
        ("宿迁市宿城区审计局", "I-04", ""),
        ("宿迁市审计局", "I-11", ""),
        ("开发区管委会", "I-04", ""),
        ("城市管理局", "I-04", ""),
    ],
)
def test_names_that_the_roster_has_not(name: str, code: str, proposed: str) -> None:
    found = known(reading("1.xls", name))
    assert said(found) == [code]
    assert found.unit is None
    if code == "I-04":
        assert in_words(found.findings[0].expected) == proposed
        assert ("别名" in Words().message(found.findings[0])) is bool(proposed)
    else:
        assert not acceptable(found.findings[0])


def test_what_the_file_is_called_is_a_proposal_too() -> None:
    found = known(reading("教育局.xls", "区教体办公室"))
    assert said(found) == ["I-04"]
    assert "宿城区教育局" in in_words(found.findings[0].expected)


def test_areas() -> None:
    assert shared_area(DISTRICT) == "宿城区"
    assert shared_area(CITY) == ""
    assert area_of("武汉市硚口区教育局") == "武汉市硚口区"
    for none in (
        "市政府",
        "区教育局",
        "城市管理局",
        "市场监督管理局",
        "社区服务中心",
        "开发区管委会",
    ):
        assert area_of(none) == ""
    assert said(known(reading("1.xls", "东海县民政局"), CITY)) == ["I-04"]


@pytest.mark.parametrize(
    ("title", "years"),
    [
        ("某局2024年政府信息公开年报统计表", (2024,)),
        ("某局２０２４年度报告\n填报日期：2025年1月12日", (2024,)),
        ("国办公开办函〔2021〕30号", ()),
        ("2021年版", ()),
        ("2023年、2024年对比", ()),
    ],
)
def test_the_year_of_a_title(title: str, years: tuple[int, ...]) -> None:
    one = returned("", title, year=0)
    assert years_of(one) == years
    assert years_of(replace(one, year=2020)) == (2020,)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("宿城区教育局", ["I-10"]),
        ("教育局", ["I-10"]),
        ("宿城区民政局", []),
        ("民政局", []),
        ("宿城区民政局办公室", []),
        ("政务公开办公室", []),
    ],
)
def test_a_body_that_another_place_of_a_document_names(name: str, codes: list[str]) -> None:
    one = reading("1.docx", "宿城区民政局")
    assert one.ret is not None
    signed = replace(one, ret=replace(one.ret, named={NamingPlace.AGENCY: name}))
    assert said(known(signed)) == codes


# ---- through real files


UNITS = (
    Unit(name="宿城区民政局", aliases=("民政局",)),
    Unit(name="宿城区教育局", aliases=("教育局",)),
    Unit(name="宿城区交通运输局"),
)


def test_a_copied_template_waits_for_a_decision_and_supersedes_nothing(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    own = filled(inbox / "民政局.xlsx", "宿城区民政局", GOOD)
    filled(inbox / "教育局.xlsx", "宿城区民政局", GOOD | {"t3.received.natural": 4,
                                                  "t3.granted.natural": 3})  # fmt: skip
    summary = run(inbox, *UNITS)
    assert outcomes(summary) == {"教育局.xlsx": "rejected", "民政局.xlsx": "merged"}
    assert [(f.code, f.path) for f in summary.findings] == [("I-10", "教育局.xlsx")]
    # Even a decision for the unit does not let the doubtful one in beside the certain one.
    accept = frozenset({"民政局"})
    assert outcomes(run(inbox, *UNITS, accept=accept)) == outcomes(summary)
    own.unlink()
    assert outcomes(run(inbox, *UNITS)) == {"教育局.xlsx": "rejected"}
    summary = run(inbox, *UNITS, accept=accept)
    assert outcomes(summary) == {"教育局.xlsx": "merged"}
    assert [(e.unit.name, e.accepted) for e in summary.entries] == [("宿城区民政局", True)]


def test_a_title_is_read_and_is_a_witness(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    bare(filled(inbox / "民政局.xlsx", "", FULL), "宿城区民政局2025年政府信息公开年报统计表")
    bare(filled(inbox / "教育局.xlsx", "", FULL), "宿城区教育局2024年政府信息公开年报统计表")
    bare(filled(inbox / "交通运输局.xlsx", "", FULL))
    summary = run(inbox, *UNITS, year=2025)
    assert outcomes(summary) == {"交通运输局.xlsx": "rejected", "教育局.xlsx": "rejected",
                                 "民政局.xlsx": "merged"}  # fmt: skip
    assert {(f.path, f.code) for f in summary.findings if f.code[0] == "I"} == {
        ("民政局.xlsx", "I-07"), ("教育局.xlsx", "I-07"), ("教育局.xlsx", "I-02"),
        ("交通运输局.xlsx", "I-03"), ("交通运输局.xlsx", "I-14"),
    }  # fmt: skip


def test_a_print_out_as_csv_names_its_unit_and_year(tmp_path: Path) -> None:
    """One sheet with title, unit and tables, as a program saves 打印稿."""
    inbox = tmp_path / "in"
    source = load_workbook(filled(tmp_path / "源.xlsx", "", FULL))
    inbox.mkdir()
    lines: list[list[object]] = [["2025年政府信息公开年报统计表"], ["填报单位：宿城区民政局"]]
    for table in LAYOUT.tables:
        for row in source[table.sheet].iter_rows(max_row=len(table.drawing.heights)):
            lines.append(["" if str(c.value)[0] == "=" else c.value for c in row])
    width = max(map(len, lines))
    with (inbox / "民政局.csv").open("w", newline="", encoding="utf-8-sig") as out:
        csv.writer(out).writerows(line + [""] * (width - len(line)) for line in lines)
    summary = run(inbox, *UNITS)
    assert summary.year == 2025
    assert [f.code for f in summary.findings if f.code[0] == "I"] == ["I-07"]
    assert [d.unit for d in summary.documents] == ["宿城区民政局"]


def test_each_stranger_has_its_own_answer(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    filled(inbox / "1.xlsx", "宿城区民政局", GOOD)
    filled(inbox / "2.xlsx", "宿城区教育局", GOOD, year=2024)
    filled(inbox / "3.xlsx", "泗洪县民政局", GOOD)
    filled(inbox / "4.xlsx", "交通局", GOOD)
    filled(inbox / "5.xlsx", "宿城区教育局", {}, zero=False)
    book = load_workbook(filled(inbox / "6.xlsx", "宿城区教育局", GOOD))
    edition = next(r[1] for r in book[IDENTITY].iter_rows() if r[0].value == "edition")
    edition.value = "2019"
    book.save(inbox / "6.xlsx")
    Workbook().save(inbox / "7.xlsx")
    aside = tmp_path / "aside"
    aside.mkdir()
    shutil.copy(inbox / "1.xlsx", aside / "1.xlsx")
    (inbox / "8.xlsx").write_bytes(summary_bytes(run(aside, *UNITS), LAYOUT, aside))
    summary = run(inbox, *UNITS, year=2025)
    answers = {d.path: [f.code for f in summary.findings if f.path == d.path] or in_words(d.reason)
               for d in summary.documents}  # fmt: skip
    assert answers == {
        "1.xlsx": "", "2.xlsx": ["I-02"], "3.xlsx": ["I-11"], "4.xlsx": ["I-04"],
        "5.xlsx": ["B-05"], "6.xlsx": ["I-01"], "7.xlsx": ["I-08"], "8.xlsx": "本程序生成的汇总表",
    }  # fmt: skip


def test_without_a_roster_no_witness_is_heard(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    filled(inbox / "教育局.xlsx", "民政局", GOOD)
    bare(filled(inbox / "卫健局.xlsx", "", GOOD), "卫健局2025年")
    summary = run(inbox)
    assert outcomes(summary) == {"卫健局.xlsx": "rejected", "教育局.xlsx": "merged"}
    assert codes(summary) == ["I-03"]
