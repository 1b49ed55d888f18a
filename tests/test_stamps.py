"""Workbooks made from a stamp have the same parts as those built one by one."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest

from support.client import Office
from support.filled import LAYOUT
from support.fills import FORMS, LAYOUTS
from xltools.excel.stamp import Stamp, same_parts
from xltools.layout.places import Layout
from xltools.match.matcher import Matcher
from xltools.model.form import Form
from xltools.model.identity import COVER, FIELDS, UNIT
from xltools.model.numbers import Number
from xltools.model.previous import Previous
from xltools.model.roster import Roster, Texts, Unit
from xltools.readers.workbook import open_book
from xltools.template import stamps
from xltools.template.build import build
from xltools.template.opening import Issues, Start, Subject
from xltools.template.outbox import Fate, fill_outbox
from xltools.template.stamps import Stamps

YEAR = 2025
NAMES = (
    "甲局", "乙&丙局", "<丁>局", "“戊”'己'\"庚\"局", "辛　局", "😀局", "癸" * 70, "&" * 40 + "局",
    "A&B]局", "单位名称局", "局_x0041", "T&lt;局",
)  # fmt: skip
ODD_NAMES = (
    " 前局", "后局 ", "末局　", "上\n下局", "局_x0041_", "X&[Page]局", "<r>局</r>", "单位名称",
    "填报状态", "局\x07", "长" * 300,
)  # fmt: skip
"""Names that XlsxWriter writes in its own way, or that stand in the workbook anyhow."""


def parts(workbook: bytes) -> list[tuple[str, bytes]]:
    """The parts of a workbook; their checksums are verified."""
    with zipfile.ZipFile(BytesIO(workbook)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def check(layout: Layout, subjects: list[Subject]) -> None:
    made, password = Stamps(layout, "secret"), "secret"
    for subject in subjects:
        assert parts(made.build(subject)) == parts(build(layout, subject, password)), subject.unit


class Builds:
    """Counts the workbooks that are built in full."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        monkeypatch.setattr(stamps, "build", self.build)

    def build(self, layout: Layout, subject: Subject, password: str) -> bytes:
        self.count += 1
        return build(layout, subject, password)


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> Builds:
    return Builds(monkeypatch)


def figure(form: Form, item: int, rng: random.Random) -> Number:
    whole = rng.choice((0, 0, 1, rng.randint(2, 400), 45_999, 10**11 + rng.randint(0, 9)))
    if form.items[item].whole or rng.random() < 0.3:
        return whole
    return Decimal(rng.randint(1, 10**6)).scaleb(-2).normalize()


def last_year(form: Form, rng: random.Random, items: list[int]) -> dict[int, Number]:
    return {item: figure(form, item, rng) for item in items}


def units(form: Form, rng: random.Random, items: list[int]) -> Iterator[Subject]:
    """A unit of each name, with figures of these items for last year."""
    for number, name in enumerate(NAMES + ODD_NAMES):
        yield Subject(
            year=YEAR,
            unit=name,
            code=f"A&{number}",
            category=("工作机构", "派出机构")[number % 2],
            priors=last_year(form, rng, items),
        )


def least(form: Form) -> int:
    """How many of `units` are built: the first of each kind, one on trial, and odd names. Where
    rules are for some categories only, units of another category are of another kind.
    """
    kinds = 2 if any(one.rule.categories for one in form.instances) else 1
    return 2 * kinds + len(ODD_NAMES)


@pytest.mark.parametrize("form", FORMS)
def test_without_last_year(form: str, builds: Builds) -> None:
    layout = LAYOUTS[form]
    check(layout, list(units(layout.form, random.Random(form), [])))
    assert builds.count == least(layout.form)


@pytest.mark.parametrize("form", FORMS)
def test_with_what_rules_compare(form: str, builds: Builds) -> None:
    layout, rng = LAYOUTS[form], random.Random(form)
    check(layout, list(units(layout.form, rng, list(layout.form.priors))))
    assert builds.count == least(layout.form)


@pytest.mark.parametrize("form", FORMS)
def test_with_all_figures(form: str, builds: Builds) -> None:
    layout, rng = LAYOUTS[form], random.Random(form)
    check(layout, list(units(layout.form, rng, [i.index for i in layout.form.inputs()])))
    assert builds.count == least(layout.form)


@pytest.mark.parametrize("form", FORMS)
def test_with_blanks_in_last_year(form: str, builds: Builds) -> None:
    """Blanks among the figures that rules use make kinds of their own; others do not."""
    layout, rng = LAYOUTS[form], random.Random(form)
    compared = {*layout.form.priors, *layout.form.carried.values()}
    others = [i.index for i in layout.form.inputs() if i.index not in compared]
    subjects = []
    for known in (sorted(compared), sorted(compared)[1:], []):
        for name in "甲乙丙丁":
            some = [item for item in others if rng.random() < 0.6]
            figures = last_year(layout.form, rng, [*known, *some])
            subjects.append(Subject(year=YEAR, unit=name, priors=figures))
    check(layout, subjects)
    assert builds.count <= len(subjects) - 3 if len(others) > 1 else builds.count


@pytest.mark.parametrize("form", FORMS)
def test_templates_for_any_unit(form: str, builds: Builds) -> None:
    check(LAYOUTS[form], [Subject(year=YEAR)] * 4)
    assert builds.count == 2


def test_kinds_are_kept_apart() -> None:
    """Whether a unit has a code, what is asked of it, and the year make other workbooks."""
    plain = Subject(year=YEAR, unit="甲")
    kinds = [
        plain,
        replace(plain, code="A1"),
        replace(plain, category="派出机构"),
        replace(plain, text=Texts.REQUIRED),
        replace(plain, text=Texts.NONE),
        replace(plain, limit=0),
        replace(plain, limit=900),
        replace(plain, year=YEAR + 1),
        replace(plain, unit=""),
        replace(plain, priors=dict.fromkeys(LAYOUT.form.priors, 0)),
    ]
    later = [replace(kind, unit=kind.unit and "乙") for kind in kinds * 2]
    check(LAYOUT, [*kinds, *later])


def test_names_that_are_alike() -> None:
    """XlsxWriter writes a text once, however many cells hold it."""
    plain = Subject(year=YEAR, unit="甲", code="A1", category="派出机构")
    same = [replace(plain, code="甲"), replace(plain, unit="派出机构"), replace(plain, code="校验")]
    check(LAYOUT, [plain, plain, *same, plain])


def test_what_holds_more_than_last_year_is_built(builds: Builds) -> None:
    plain = Subject(year=YEAR, unit="甲")
    more = [
        replace(plain, start=Start(figures={LAYOUT.form.inputs()[0].index: 3})),
        replace(plain, issues=Issues(lines=())),
        replace(plain, answers=("0" * 64,)),
        replace(plain, marks={LAYOUT.form.inputs()[0].name: "请看"}),
    ]
    check(LAYOUT, [plain, plain, *more, *more])
    assert builds.count == 2 + 2 * len(more)


def test_many_kinds(builds: Builds) -> None:
    """More than are remembered: those used last are kept."""
    kinds = [Subject(year=YEAR, unit="甲", limit=limit) for limit in range(20)]
    check(LAYOUT, [*kinds, *kinds, *kinds[-4:]])
    assert builds.count == 2 * len(kinds) + 4


def test_a_stamp_that_fails_its_trial_is_not_used(
    monkeypatch: pytest.MonkeyPatch, builds: Builds
) -> None:
    filled = Stamp.filled
    monkeypatch.setattr(Stamp, "filled", lambda self, _: filled(self, ["？"] * 4))
    check(LAYOUT, [Subject(year=YEAR, unit=name, code="1", category="2") for name in "甲乙丙丁"])
    assert builds.count == 5, "each of the four, and one on trial"


def test_the_zip(tmp_path: Path) -> None:
    """What readers of zips look at is as in any other workbook."""
    subjects = list(units(LAYOUT.form, random.Random(1), list(LAYOUT.form.priors)))[:4]
    first, second = Stamps(LAYOUT, "secret"), Stamps(LAYOUT, "secret")
    *_, last = map(first.build, subjects)
    assert list(map(second.build, subjects))[-1] == last, "the same bytes each time"
    built = build(LAYOUT, subjects[-1], "secret")
    with zipfile.ZipFile(BytesIO(last)) as made, zipfile.ZipFile(BytesIO(built)) as plain:
        assert made.testzip() is None
        for ours, theirs in zip(made.infolist(), plain.infolist(), strict=True):
            for name in ("filename", "date_time", "compress_type", "external_attr", "flag_bits",
                         "create_system", "extract_version", "CRC", "file_size"):  # fmt: skip
                assert getattr(ours, name) == getattr(theirs, name), (ours.filename, name)
        assert made.start_dir == sum(
            30 + len(entry.filename) + entry.compress_size for entry in made.infolist()
        ), "no gap between the entries"
    assert len(last) < 1.2 * len(built)
    path = tmp_path / "甲.xlsx"
    path.write_bytes(last)
    ret = Matcher(LAYOUT).match(open_book(path))
    assert ret.identity is not None
    assert ret.identity.unit == subjects[-1].unit


def test_contents_are_compared_not_bytes() -> None:
    plain = build(LAYOUT, Subject(year=YEAR), "secret")
    stored = BytesIO()
    with zipfile.ZipFile(stored, "w") as archive:
        for name, part in parts(plain):
            archive.writestr(name, part)
    assert stored.getvalue() != plain
    assert same_parts(stored.getvalue(), plain)
    assert not same_parts(plain, build(LAYOUT, Subject(year=YEAR), "other"))
    assert not same_parts(b"no zip", plain)
    cut = BytesIO()
    with zipfile.ZipFile(cut, "w") as archive:
        for name, part in parts(plain)[:-1]:
            archive.writestr(name, part)
    assert not same_parts(cut.getvalue(), plain)


def roster(*names: str) -> Roster:
    return Roster(units=tuple(Unit(name=name, code=name) for name in names))


def test_units_added_later_leave_the_others_as_they_are(tmp_path: Path) -> None:
    """The first run builds what the second one stamps."""
    fill_outbox(LAYOUT, roster("甲"), year=YEAR, out=tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("2025*")}
    outbox = fill_outbox(LAYOUT, roster("丙", "乙", "甲"), year=YEAR, out=tmp_path)
    fates = {workbook.unit: workbook.fate for workbook in outbox.workbooks}
    assert fates == {"丙": Fate.WRITTEN, "乙": Fate.WRITTEN, "甲": Fate.SAME}
    forced = fill_outbox(LAYOUT, roster("丙", "乙", "甲"), year=YEAR, out=tmp_path, force=True)
    assert {workbook.fate for workbook in forced.workbooks} == {Fate.WRITTEN}
    assert before.items() <= {p.name: p.read_bytes() for p in tmp_path.glob("2025*")}.items()
    assert len(list(tmp_path.glob("2025*"))) == 3, "and none is kept beside"


def test_units_without_figures_of_last_year_are_told(tmp_path: Path) -> None:
    known = last_year(LAYOUT.form, random.Random(2), list(LAYOUT.form.priors))
    before = Previous(year=2024, figures={"乙": known, "丙": {}}, path=Path("上年.xlsx"))
    outbox = fill_outbox(LAYOUT, roster("甲", "乙", "丙"), year=YEAR, out=tmp_path, previous=before)
    assert outbox.bare == ("甲", "丙")


@pytest.mark.parametrize("form", FORMS)
def test_libreoffice_reads_a_stamped_workbook(office: Office, tmp_path: Path, form: str) -> None:
    """Saved again, it says the same as the one that was built."""
    layout, rng = LAYOUTS[form], random.Random(form)
    made = Stamps(layout, "secret")
    for subject in list(units(layout.form, rng, list(layout.form.priors)))[:3]:
        stamped = made.build(subject)
    texts = []
    for name, data in (("甲", stamped), ("乙", build(layout, subject, "secret"))):
        path = tmp_path / f"{name}.xlsx"
        path.write_bytes(data)
        sheets = office.dump(path)
        cells = {(s.name, at): cell.text for s in sheets for at, cell in s.cells.items()}
        assert cells[COVER, f"C{FIELDS[UNIT] + 1}"] == subject.unit
        texts.append(cells)
    assert texts[0] == texts[1]
