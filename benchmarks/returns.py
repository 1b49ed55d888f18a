"""What the made-up returns of a district say: figures, texts, and what is wrong with some.

Of twenty returns sixteen are clean, three have one mistake and one has one query. Everything
follows from the number of the return, so that any of them can be made again by itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Final

from xltools.forms.declaration import load
from xltools.layout.places import TEXT_SHEET, lay_out
from xltools.model.cells import Address
from xltools.model.evaluate import with_totals
from xltools.model.form import CATEGORIES, Item
from xltools.model.identity import DATE, FILLER, PHONE, YES, ZERO
from xltools.model.numbers import Number, stored
from xltools.model.roster import Roster, Unit
from xltools.template.draft import field_cell
from xltools.template.opening import Start, Subject

YEAR: Final = 2025
FORM: Final = load("zfxxgk-2021")
LAYOUT: Final = lay_out(FORM)
_LEAST, _STEP = 45, 20  # characters of a text, and by how many a text is longer
TEXT_LENGTH: Final = 500  # characters of all texts together

CLEAN, MISTAKE, QUERY = "clean", "mistake", "query"
_MISTAKES: Final = (
    ("T3-01", "V-02", "T3-01"),
    ("T3-01", "T3-01", "V-08"),
    ("V-07", "T3-01", "T3-01"),
    ("T3-01", "V-02", "T3-01"),
)
_QUERIES: Final = ("P-03", "T2-01", "B-02", "P-03", "T2-01")
_AT: Final = (3, 10, 16)  # of twenty, those with a mistake
_ASKED: Final = 7  # the one with a query

_TOWNS: Final = "东城 西城 南湖 北山 清河 白云 金水 龙泉 临江 石桥 新港 古田 长丰 永安".split()
_AREAS: Final = "教育 民政 财政 水务 商务 审计 统计 文旅 卫健 应急 住建 交通 农业 林业".split()
_LEVELS: Final = "局 办公室 委员会 中心".split()
_CLAUSES: Final = (
    "坚持以公开为常态、不公开为例外",
    "围绕中心工作梳理公开事项",
    "及时更新政府网站信息公开专栏",
    "规范信息发布审核流程",
    "严格落实先审查后公开制度",
    "明确专人负责日常维护",
    "按时更新机构职能和权责清单",
    "做好重点领域信息公开",
    "对历史文件开展清理并标注有效性",
    "组织业务培训{n}场",
    "召开工作例会{n}次",
    "通过政务新媒体发布信息{n}条",
    "回应社会关切{n}次",
    "编印工作简报{n}期",
    "接受社会评议{n}次",
    "部分栏目更新还不够及时",
    "解读形式较为单一",
    "基层工作人员业务能力有待提高",
    "下一步将加强业务指导",
    "拓宽公众参与渠道",
    "完善考核和问责机制",
    "健全政府信息管理动态调整机制",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledReturn:
    """A return as a unit fills it in.

    ``kind``: CLEAN, MISTAKE or QUERY; ``code``: of the finding that it is made to have, empty for
    none. ``figures``: of the inputs that hold a number, by item number; ``wrong``: what stands in
    an input as text instead, by item number. ``texts``: paragraphs of each text, by its name.
    ``zero``: whether blanks are declared to be zero.
    """

    unit: Unit
    kind: str
    code: str
    figures: dict[int, Number]
    wrong: dict[int, str]
    texts: dict[str, list[str]]
    filler: str
    phone: str
    date: str
    zero: bool

    def subject(self) -> Subject:
        """The workbook for which the generator gives what every cell shows; a text in place of a
        figure counts as 0 there, as in sums.
        """
        return Subject(
            year=YEAR,
            unit=self.unit.name,
            code=self.unit.code,
            category=self.unit.category or "",
            start=Start(
                figures=self.figures | dict.fromkeys(self.wrong, 0),
                zero=self.zero,
                texts={name: "\n".join(lines) for name, lines in self.texts.items()},
                filler=self.filler,
                phone=self.phone,
                date=self.date,
            ),
        )


def unit(number: int) -> Unit:
    """The unit of a return. Names are of different lengths, and no two are alike."""
    rng = Random(f"unit {number}")
    name = f"{rng.choice(_TOWNS)}区{rng.choice(_AREAS)}{rng.choice(_LEVELS)}第{number + 1}所"
    return Unit(
        name=name, code=f"{number + 1:06}", category=CATEGORIES[1 + number % (len(CATEGORIES) - 1)]
    )


def roster(count: int) -> Roster:
    return Roster(units=tuple(unit(number) for number in range(count)))


def intent(pattern: int) -> tuple[str, str]:
    """Kind and code of finding of the returns of a pattern, a number from 0 on."""
    place, turn = pattern % 20, pattern // 20
    if place in _AT:
        return MISTAKE, _MISTAKES[turn % len(_MISTAKES)][_AT.index(place)]
    if place == _ASKED:
        return QUERY, _QUERIES[turn % len(_QUERIES)]
    return CLEAN, ""


def filled(number: int, pattern: int, *, blanks: float = 0) -> FilledReturn:
    """The return of unit ``number``, with the finding that ``pattern`` is to have.

    ``blanks``: the share of inputs that are left blank; these are then declared to be zero.
    """
    rng = Random(f"return {number}")
    kind, code = intent(pattern)
    whose = unit(number)
    figures = _figures(rng)
    if blanks and code == "B-02":  # no query where blanks are declared to be zero
        code = "P-03"
    empty = {item for item in figures if rng.random() < blanks}
    figures |= dict.fromkeys(empty, 0)
    _balance(figures)
    wrong: dict[int, str] = {}
    t3 = [i for i in FORM.inputs("t3") if i.row not in ("received", "carried_in")]
    at = rng.choice(t3).index
    if code == "V-02":  # the generator does not know what formulas show of texts: see copies.py
        at = Random(f"place {pattern}").choice(t3).index
    if code == "T3-01":
        at = FORM.by_name[f"t3.received.{FORM.items[at].column}"]
        figures[at] += rng.randint(1, 9)
    elif code == "V-08":
        figures[at] += Decimal("0.5")
    elif code == "V-07":
        figures[at] = -3
    elif code in ("V-02", "B-02"):  # all else is in balance without the figure
        if code == "V-02":
            wrong[at] = f"约{figures[at] + 1}"
        else:
            empty.add(at)
        figures[at] = 0
        _balance(figures)
    elif code == "T2-01":
        figures[FORM.by_name["t2.regulations.in_force"]] = 1
    empty -= {i for i, n in figures.items() if n != 0} | wrong.keys()
    texts = _texts(rng, figures, told=1 if code == "P-03" else 0)
    for item in (*empty, *wrong):
        del figures[item]
    day = rng.randint(5, 28)
    return FilledReturn(
        unit=whose,
        kind=kind,
        code=code,
        figures=figures,
        wrong=wrong,
        texts=texts,
        filler=rng.choice("赵钱孙李周吴郑王") + rng.choice("明芳伟敏静丽强磊"),
        phone=f"0527-8{rng.randint(100000, 999999)}",
        date=f"2026-01-{day:02}",
        zero=bool(blanks),
    )


def _figures(rng: Random) -> dict[int, Number]:
    """The inputs: many zeros, small numbers mostly, as real returns have them."""
    figures: dict[int, Number] = {}
    for item in FORM.inputs():
        if item.row == "regulations":
            figures[item.index] = 0
        elif not item.whole:
            figures[item.index] = Decimal(rng.randint(1, 10**6)) / 10**4
        else:
            figures[item.index] = rng.choice((0, 0, 0, 1, 2, rng.randint(3, 60), _large(item, rng)))
    return figures


def _large(item: Item, rng: Random) -> int:
    return rng.randint(100, 40_000) if item.table == "t2" else rng.randint(10, 900)


def _balance(figures: dict[int, Number]) -> None:
    """As many are received and carried in as are closed and carried out, in each column."""
    index = FORM.by_name
    for column in {i.column for i in FORM.inputs("t3")}:
        gone = sum(
            figures[i.index]
            for i in FORM.inputs("t3")
            if i.column == column and i.row not in ("received", "carried_in")
        )
        carried = index[f"t3.carried_in.{column}"]
        figures[carried] = min(figures[carried], gone)
        figures[index[f"t3.received.{column}"]] = gone - figures[carried]


def _texts(rng: Random, figures: dict[int, Number], *, told: int) -> dict[str, list[str]]:
    """Texts of TEXT_LENGTH characters together, which say what the tables say.

    ``told``: by how much the applications received are given wrongly.
    """
    known = with_totals(FORM, figures)

    def said(name: str) -> Number:
        return known[FORM.by_name[name]]

    received, carried = said("t3.received.total") + told, said("t3.carried_in.total")
    first = {
        "p1.on_request": f"{YEAR}年，本机关新收政府信息公开申请{received}件，上年结转{carried}件。",
        "p1.supervision": f"因政府信息公开被申请行政复议{said('t4.cases.review_total')}件。",
        "p6.matters": "本年度没有收取信息处理费。",
    }
    lengths = [_LEAST] * len(FORM.texts)
    for _ in range((TEXT_LENGTH - sum(lengths)) // _STEP):
        lengths[rng.randrange(len(lengths))] += _STEP
    lengths[-1] += TEXT_LENGTH - sum(lengths)
    return {
        text.name: list(_paragraphs(rng, first.get(text.name, f"{YEAR}年，本机关"), length))
        for text, length in zip(FORM.texts, lengths, strict=True)
    }


def _paragraphs(rng: Random, first: str, length: int) -> Iterator[str]:
    """Paragraphs of so many characters together, at most three, which begin with ``first``."""
    text = first
    while len(text) < length - 1:
        text += rng.choice(_CLAUSES).format(n=rng.randint(2, 40)) + rng.choice("，，。；")
    text = text[: length - 1].rstrip("，。；0123456789") + "。"
    ends = [at + 1 for at, character in enumerate(text[:-1]) if character == "。"]
    cuts = [0, *sorted(rng.sample(ends, min(len(ends), rng.randint(0, 2)))), len(text)]
    for begin, end in pairwise(cuts):
        yield text[begin:end]


def typed(filled: FilledReturn) -> dict[str, str | int | float]:
    """What a clerk types into the blank template, by cell ("表三!C5")."""
    cells: dict[str, str | int | float] = {
        str(field_cell(FILLER)): filled.filler,
        str(field_cell(PHONE)): filled.phone,
        str(field_cell(DATE)): filled.date,
    }
    if filled.zero:
        cells[str(field_cell(ZERO))] = YES
    for item, number in filled.figures.items():
        cells[str(LAYOUT.address(item))] = stored(number)
    for item, text in filled.wrong.items():
        cells[str(LAYOUT.address(item))] = text
    for place in LAYOUT.texts:
        for row, line in enumerate(filled.texts[place.text.name], place.first):
            cells[str(Address(TEXT_SHEET, row, 0))] = line
    return cells


def without_texts(*, mistakes: bool) -> FilledReturn:
    """A clean return without texts, whose check is cheapest; or, with six ``mistakes``, one in
    which no column of table 三 is in balance, each for a figure of another row.
    """
    content = filled(0, 0)
    figures, index = dict(content.figures), FORM.by_name
    if mistakes:
        columns = list(dict.fromkeys(i.column for i in FORM.inputs("t3")))
        rows = list(dict.fromkeys(i.row for i in FORM.inputs("t3")))
        for number, column in enumerate(columns):
            figures[index[f"t3.{rows[4 * number]}.{column}"]] += (1, 2, 9, 30, 70, 300)[number]
    return replace(content, figures=figures, texts={name: [] for name in content.texts})
