"""What the workbook shows while it is filled in, and what the collector says of it, are the same:
whatever is typed or pasted into a cell.

What they cannot agree on is named here (`SAID`), and in docs/tests.md.
"""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest

from support.client import Office
from support.engines import Engine, Job
from support.fills import FORMS, LAYOUTS, at, values
from xltools.checks.run import check
from xltools.layout.places import Layout
from xltools.match.matcher import Matcher
from xltools.model.assessment import judge
from xltools.model.cells import Address
from xltools.model.form import Severity
from xltools.model.identity import (
    CHECKS,
    CHECKS_TOP,
    COVER,
    DATE,
    FILLER,
    LIGHT_ROW,
    PHONE,
    STATE,
    VALUE_COLUMN,
    WHY,
    YES,
    ZERO,
)
from xltools.model.numbers import Number, show
from xltools.model.returns import Return, RuleState, Status
from xltools.readers.workbook import open_book
from xltools.template.build import KEYS, build
from xltools.template.cell_entry import CellEntry
from xltools.template.draft import field_cell
from xltools.template.opening import Subject, opening

ODD: Final = int(os.environ.get("XLTOOLS_FILLS", "20")) * 2  # odd entries a form and program
CELLS: Final = 20  # of them in a workbook, at most

ENTRIES: Final = (
    # texts, text numbers, marks for nothing
    "3件", "三十", "'12", "'0.5", "'1,234", "'１２", "无", "/", "——", "不适用", "55（含3件）",
    "'2025-1-5", "'50%", "'TRUE", "￥5", "5 6", "1.2.3", "'+5", "abc",
    # dates, times, booleans, errors
    "2025-1-5", "2026-01-15", "1/2", "1月5日", "12:30", "=TODAY()", "=DATE(2026,1,5)", "TRUE",
    "FALSE", "=1=1", "=1/0", "=NA()", "#N/A",
    # numbers of all kinds
    "-3", "-0.5", "1.5", "0.001", "1e3", "1E-3", "1,234", "100%", "999999999", "1000000000",
    "-1000000000", "123456789012345", "1e15", "0.1", "0", "-0", "46024", "+5",
    # formulas, blanks
    "=1+1", "=2.5", "=-1", "=10^10", '="5"', '="3件"', '=""', "=0", "=3*0.1", " ", "   ", "\u3000",
    "\u3000 ", "\u00a0", "",
)  # fmt: skip

SAID: Final = {"V-01", "V-03", "V-09", "V-12"}
"""Text that reads as a number is red in the workbook, whose totals cannot add it up, and taken by
the collector, which says so in one of these notes."""
DAYS: Final = {"V-04"}
"""No formula sees that a number is shown as a date. The light asks about the numbers that the days
of these years are; the collector knows any date by its format."""


def odd(layout: Layout, rng: random.Random) -> dict[int, str]:
    """Some inputs, and something odd for each."""
    inputs = [i.index for i in layout.form.inputs()]
    items = rng.sample(inputs, min(CELLS, len(inputs)))
    return {item: rng.choice(ENTRIES) for item in items}


def states(layout: Layout, path: Path) -> dict[int, CellEntry]:
    """What the workbook's hidden cells say of every figure."""
    from xltools.excel.book import WorkbookWriter
    from xltools.template.draft import WorkbookDraft

    subject = Subject(year=2025, unit="甲局")
    with WorkbookWriter(BytesIO(), created=datetime(2000, 1, 1)) as book:
        draft = WorkbookDraft(
            book=book,
            layout=layout,
            subject=subject,
            password="",
            opening=opening(layout, subject),
            keys=KEYS,
        )
    sheets, found = values(path.read_bytes()), {}
    for item in layout.form.items:
        place = draft.entry(item.index)
        value = at(sheets, place.sheet, place.row, place.col)
        assert isinstance(value, float | int), f"{place} {value!r}"
        found[item.index] = CellEntry(int(value))
    return found


def light(path: Path) -> str:
    return str(at(values(path.read_bytes()), COVER, LIGHT_ROW, VALUE_COLUMN))


def read(layout: Layout, path: Path) -> Return:
    return Matcher(layout).match(open_book(path))


def codes_of(layout: Layout, ret: Return, item: int) -> tuple[set[str], bool]:
    """The codes of what was said of a figure when it was read, and whether one was fatal."""
    name = layout.form.items[item].name
    own = [f for f in ret.findings if name in f.items]
    return {f.code for f in own}, any(f.severity is Severity.FATAL for f in own)


def agree(layout: Layout, path: Path, entries: Mapping[int, str]) -> None:
    ret, seen = read(layout, path), states(layout, path)
    for item, text in entries.items():
        codes, fatal = codes_of(layout, ret, item)
        told = f"{text!r} in {layout.address(item)}: {seen[item].name}, {sorted(codes)}"
        if seen[item] >= CellEntry.WRONG:
            assert fatal or codes & SAID, told
        elif seen[item] is CellEntry.BLANK:
            assert ret.statuses[item] is Status.BLANK, told
            assert not codes, told
        elif not codes & DAYS:
            assert not fatal, told
            assert ret.statuses[item] is Status.GIVEN, told
    text = light(path)
    worst = max(seen.values())
    if worst is CellEntry.NO_NUMBER:
        assert text.startswith("有格子填的不是数字"), text
    elif worst is CellEntry.WRONG:
        assert text.startswith("须改正"), text
    elif text.endswith("可以发回"):
        assert not {f.code for f in check(layout, ret) if f.severity is Severity.FATAL} - DAYS, text


def whole(layout: Layout) -> dict[str, str]:
    """A return that is balanced and filled in, before anything odd is typed over it."""
    inputs: dict[int, Number] = dict.fromkeys((i.index for i in layout.form.inputs()), 0)
    cells = {str(layout.address(i)): show(n) for i, n in inputs.items()}
    return cells | fields()


def fields() -> dict[str, str]:
    """The fields of 填报; blanks are declared zero."""
    texts = {ZERO: YES, FILLER: "张三", PHONE: "0527-84390000", DATE: "2026-01-15"}
    return {str(field_cell(name)): text for name, text in texts.items()}


def rows_shown(layout: Layout, path: Path) -> list[str]:
    """How 校验 says that the rules stand, in words."""
    sheets, found = values(path.read_bytes()), []
    for one in layout.form.instances:
        state = at(sheets, CHECKS, CHECKS_TOP + one.index, STATE)
        if isinstance(state, float | int):
            state = RuleState.OFF.value if state else RuleState.BALANCED.value
        found.append(str(state))
    return found


def workbook(layout: Layout, folder: Path, **more: object) -> Path:
    path = folder / "下发.xlsx"
    subject = Subject(**{"year": 2025, "unit": "甲局", **more})  # type: ignore[arg-type]  # because the fields are given as they are
    path.write_bytes(build(layout, subject, "x"))
    return path


def trials(layout: Layout, name: str, folder: Path) -> list[tuple[Job, dict[int, str]]]:
    """Each has a template of its own: a date typed leaves its format in the cell."""
    rng, sent = random.Random(f"odd {name}"), workbook(layout, folder)
    made = []
    for number in range(-(-ODD // min(CELLS, len(layout.form.inputs())))):
        entries = odd(layout, rng)
        source = folder / f"{number}-out.xlsx"
        source.write_bytes(sent.read_bytes())
        cells = {str(field_cell(n)): t for n, t in ((ZERO, YES), (FILLER, "张三"))}
        cells |= {str(layout.address(item)): text for item, text in entries.items()}
        made.append((Job(source=source, target=folder / f"{number}.xlsx", cells=cells), entries))
    return made


@pytest.mark.parametrize("name", FORMS)
def test_odd_entries_are_seen_alike(engine: Engine, tmp_path: Path, name: str) -> None:
    made = trials(LAYOUTS[name], name, tmp_path)
    engine.run([job for job, _ in made])
    for job, entries in made:
        agree(LAYOUTS[name], job.target, entries)


@pytest.mark.parametrize("name", FORMS)
def test_odd_entries_are_seen_alike_in_libreoffice(
    office: Office, tmp_path: Path, name: str
) -> None:
    for job, entries in trials(LAYOUTS[name], name, tmp_path):
        office.fill(job.source, job.target, job.cells, paste=True)
        agree(LAYOUTS[name], job.target, entries)


# ---- explanations

CARRIED: Final = 3  # in every column of last year; this year 5 are said to be
EXPLANATIONS: Final = {
    "机构撤并": True,
    " 机构撤并 ": True,
    "5": True,
    "TRUE": True,
    " ": False,
    "\u3000\u3000": False,
    "\u00a0": False,
    "=1/0": False,
    "=NA()": False,
    '=""': False,
    "": False,
}


def carried(layout: Layout) -> tuple[dict[int, Number], dict[str, str], list[int]]:
    """Last year's figures, a return that says otherwise, and the instances that ask why: those of
    the columns, then that of the total.
    """
    form = layout.form
    asking = [one for one in form.instances if one.rule.code == "Y-01"]
    priors: dict[int, Number] = {p: CARRIED for one in asking for p in one.priors}
    total = form.by_name["t3.carried_out.total"]
    priors[total] = CARRIED * (len(asking) - 1)
    cells = fields()
    for column in "natural business research welfare legal others".split():
        for row in ("carried_in", "carried_out"):
            cells[str(layout.address(form.by_name[f"t3.{row}.{column}"]))] = "5"
    return priors, cells, [one.index for one in asking]


def explained_as(layout: Layout, path: Path) -> list[str]:
    """How the rules stand by the collector."""
    return [one.state.value for one in judge(layout.form, read(layout, path))]


def explanation_jobs(folder: Path) -> list[tuple[Job, bool]]:
    """One explanation tried on the first column, the others explained; whether it is one."""
    layout = LAYOUTS["zfxxgk-2021"]
    priors, cells, asking = carried(layout)
    source = workbook(layout, folder, priors=priors)
    first, *others, _ = [str(Address(CHECKS, CHECKS_TOP + row, WHY)) for row in asking]
    return [
        (
            Job(
                source=source,
                target=folder / f"{number}.xlsx",
                cells=cells
                | dict.fromkeys(others, "统计口径调整")
                | ({first: text} if text else {}),
            ),
            good,
        )
        for number, (text, good) in enumerate(EXPLANATIONS.items())
    ]


def explanations_agree(jobs: list[tuple[Job, bool]]) -> None:
    """The columns explain their total; what is none leaves both to be explained."""
    layout = LAYOUTS["zfxxgk-2021"]
    *columns, total = carried(layout)[2]
    for job, good in jobs:
        rows = rows_shown(layout, job.target)
        assert rows == explained_as(layout, job.target), job.target.name
        wanted = RuleState.EXPLAINED.value if good else RuleState.OFF.value
        assert [rows[columns[0]], rows[total]] == [wanted, wanted]
        assert {rows[row] for row in columns[1:]} == {RuleState.EXPLAINED.value}
        assert light(job.target).startswith("平衡" if good else "须改正 2 处"), job.target.name
        asked = [f for f in check(layout, read(layout, job.target)) if f.code == "Y-01"]
        assert any(not f.explanation for f in asked) == (not good), job.target.name


def test_explanations_are_seen_alike(engine: Engine, tmp_path: Path) -> None:
    jobs = explanation_jobs(tmp_path)
    engine.run([job for job, _ in jobs])
    explanations_agree(jobs)


def test_explanations_are_seen_alike_in_libreoffice(office: Office, tmp_path: Path) -> None:
    jobs = explanation_jobs(tmp_path)
    for job, _ in jobs:
        office.fill(job.source, job.target, job.cells, paste=True)
    explanations_agree(jobs)


def test_explaining_the_total_does_not_explain_its_columns(engine: Engine, tmp_path: Path) -> None:
    layout = LAYOUTS["zfxxgk-2021"]
    priors, cells, asking = carried(layout)
    total = str(Address(CHECKS, CHECKS_TOP + asking[-1], WHY))
    job = Job(
        source=workbook(layout, tmp_path, priors=priors),
        target=tmp_path / "out.xlsx",
        cells=cells | {total: "机构撤并"},
    )
    engine.run([job])
    rows = rows_shown(layout, job.target)
    assert rows == explained_as(layout, job.target)
    assert {rows[row] for row in asking[:-1]} == {RuleState.OFF.value}
    assert rows[asking[-1]] == RuleState.EXPLAINED.value


# ---- what is done to an unlocked workbook


def test_a_blank_row_put_in_is_no_blank_cell(office: Office, tmp_path: Path) -> None:
    layout = LAYOUTS["zfxxgk-2021"]
    cells, out = whole(layout), tmp_path / "out.xlsx"
    del cells[str(field_cell(ZERO))]
    cells[str(layout.address(layout.form.by_name["t2.licences.decisions"]))] = "7"
    full = tmp_path / "full.xlsx"
    office.fill(workbook(layout, tmp_path), full, cells)
    assert light(full) == "平衡，可以发回"
    office.fill(full, out, {}, do=["unprotect 表三 x", "insert-rows 表三 10 1"])
    assert light(out) == "平衡，可以发回"
    ret = read(layout, out)
    assert {f.code for f in check(layout, ret)} == {"M-03"}
    assert rows_shown(layout, out) == explained_as(layout, out)


def test_answers_of_a_list_take_blanks_around_them(engine: Engine, tmp_path: Path) -> None:
    """Pasted 是 with a space: both take it. An error in the cell of a list is no answer."""
    layout = LAYOUTS["zfxxgk-2021"]
    filled = {str(layout.address(layout.form.by_name["t2.licences.decisions"])): "7"}
    for text, zero in (("是 ", True), ("\u3000是", True), ("否", False), ("=1/0", False)):
        job = Job(
            source=workbook(layout, tmp_path),
            target=tmp_path / "out.xlsx",
            cells=filled | {str(field_cell(ZERO)): text},
        )
        engine.run([job])
        assert read(layout, job.target).zero == zero, text
        assert light(job.target).startswith("平衡" if zero else "未"), text


FEES: Final = ((200_000, 7), (200_000, 199_999), (200_000, 200_001), (316_441, 4_500_000))


def test_amounts_in_yuan_are_asked_alike(engine: Engine, office: Office, tmp_path: Path) -> None:
    """A large amount is asked about only where it is plausible as 元 beside the decisions."""
    layout = LAYOUTS["zfxxgk-2021"]
    names = layout.form.by_name
    fee, decided = names["t2.fees.charged"], names["t2.penalties.decisions"]
    source = workbook(layout, tmp_path)
    jobs = []
    for number, (amount, decisions) in enumerate(FEES):
        cells = {
            str(layout.address(fee)): str(amount),
            str(layout.address(decided)): str(decisions),
        }
        jobs.append(Job(source=source, target=tmp_path / f"{number}.xlsx", cells=cells | fields()))
    engine.run(jobs)
    for job, (amount, decisions) in zip(jobs, FEES, strict=True):
        paths = [job.target, tmp_path / "office.xlsx"]
        office.fill(source, paths[1], job.cells)
        for path in paths:
            ret = read(layout, path)
            asked = {f.code for f in check(layout, ret)} & {"X-04"}
            assert bool(asked) == (amount >= decisions)
            assert (states(layout, path)[fee] is CellEntry.YUAN) == bool(asked)
