"""A return as other programs save it, in each of their formats, and what collect makes of it.

A program that can be typed into fills in a blank template, with the unit's name; the others open
the template filled in and save it anew. docs/formats.md has the answers as a table.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from support import client
from support.engines import EngineError, Gnumeric, IronCalc
from support.engines import Job as Typing
from support.filled import FORM, LAYOUT
from support.inboxes import YEAR, figures, template, values
from support.onlyoffice import OnlyOffice
from support.openxml import NODE
from xltools.model.identity import UNIT, YES, ZERO
from xltools.model.numbers import stored
from xltools.model.roster import Roster, Unit
from xltools.model.summary import OUTCOMES
from xltools.steps import Job, collect
from xltools.template.build import build
from xltools.template.draft import field_cell
from xltools.template.opening import Start, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A blank template, a unit's filled in, what is typed into the blank, and where to save it."""

    blank: Path
    filled: Path
    cells: Mapping[str, int | float | str]
    target: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program or a library, the suffixes of what it saves, and how it does; `missing` says why
    it cannot be used here.
    """

    name: str
    suffixes: Sequence[str]
    missing: Callable[[], str | None]
    save: Callable[[Sequence[Task]], None]
    types: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What collect made of a return in a format."""

    program: str
    suffix: str
    outcome: str
    codes: tuple[str, ...]


# The programs


def _office(tasks: Sequence[Task]) -> None:
    with client.Office() as office:
        for task in tasks:
            typed = task.target.with_name(f"{task.target.stem}-typed.xlsx")
            office.fill(task.blank, typed, task.cells)
            office.convert(typed, task.target)
            typed.unlink()


def _typed(engine: IronCalc | OnlyOffice) -> Callable[[Sequence[Task]], None]:
    def save(tasks: Sequence[Task]) -> None:
        engine.run(
            [
                Typing(
                    source=task.blank,
                    target=task.target,
                    cells={place: str(value) for place, value in task.cells.items()},
                )
                for task in tasks
            ]
        )

    return save


def _gnumeric(tasks: Sequence[Task]) -> None:
    Gnumeric().run([Typing(source=task.filled, target=task.target) for task in tasks])


def _node(library: str) -> Callable[[Sequence[Task]], None]:
    def save(tasks: Sequence[Task]) -> None:
        jobs = [{"source": str(t.filled), "target": str(t.target)} for t in tasks]
        done = subprocess.run(
            ["node", Path(__file__).with_name("clients.cjs"), library],
            input=json.dumps(jobs),
            env={**os.environ, "NODE_PATH": str(NODE / "node_modules")},
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )
        if done.returncode:
            raise EngineError(f"{library}: {done.stderr.strip()[-500:]}")

    return save


def _no_node(folder: str) -> Callable[[], str | None]:
    def missing() -> str | None:
        found = shutil.which("node") and (NODE / "node_modules" / folder).exists()
        return None if found else f"{folder} is missing (make .node-engines; needs Node.js, npm)"

    return missing


def _openpyxl(tasks: Sequence[Task]) -> None:
    from openpyxl import load_workbook

    for task in tasks:
        book = load_workbook(task.blank)
        for place, value in task.cells.items():
            sheet, _, address = place.rpartition("!")
            book[sheet][address] = value
        book.save(task.target)


def _pandas(tasks: Sequence[Task]) -> None:
    import pandas

    for task in tasks:
        sheets = pandas.read_excel(task.filled, sheet_name=None, header=None, engine="openpyxl")
        with pandas.ExcelWriter(task.target, engine="xlsxwriter") as writer:
            for name, frame in sheets.items():
                frame.to_excel(writer, sheet_name=name, header=False, index=False)


def _always() -> str | None:
    return None


PROGRAMS: Final = (
    Program(
        name="LibreOffice",
        suffixes="xlsx xlsm xltx xls xlt et ods ots fods html slk dif".split(),
        missing=client.missing,
        save=_office,
        types=True,
    ),
    Program(
        name="ONLYOFFICE",
        suffixes="xlsx xltx xlsm xlsb ods".split(),
        missing=OnlyOffice().missing,
        save=_typed(OnlyOffice()),
        types=True,
    ),
    Program(
        name="Gnumeric",
        suffixes="xlsx xls ods gnumeric html slk dif".split(),
        missing=Gnumeric().missing,
        save=_gnumeric,
    ),
    Program(
        name="SheetJS",
        suffixes="xlsx xlsm xlsb xls xml ods fods html slk dif".split(),
        missing=_no_node("xlsx"),
        save=_node("sheetjs"),
    ),
    Program(name="ExcelJS", suffixes=("xlsx",), missing=_no_node("exceljs"), save=_node("exceljs")),
    Program(
        name="IronCalc",
        suffixes=("xlsx",),
        missing=IronCalc().missing,
        save=_typed(IronCalc()),
        types=True,
    ),
    Program(name="openpyxl", suffixes=("xlsx",), missing=_always, save=_openpyxl, types=True),
    Program(name="pandas", suffixes=("xlsx",), missing=_always, save=_pandas),
)


# What collect makes of them


def typed(unit: str, seed: int) -> dict[str, int | float | str]:
    """What a clerk types: the unit, that blank cells are zero, and the inputs."""
    cells: dict[str, int | float | str] = {str(field_cell(UNIT)): unit, str(field_cell(ZERO)): YES}
    for item in FORM.inputs():
        figure = figures(seed)[item.name]
        cells[str(LAYOUT.address(item.index))] = (
            float(figure) if isinstance(figure, Decimal) else figure
        )
    return cells


def filled(unit: str, seed: int) -> bytes:
    """The template filled in, with the results of its formulas."""
    inputs = {item.index: figures(seed)[item.name] for item in FORM.inputs()}
    start = Start(
        figures=inputs, zero=True, none=frozenset(), texts={}, explanations={},
        filler="", phone="", date="",
    )  # fmt: skip
    return build(LAYOUT, Subject(year=YEAR, unit=unit, start=start), "secret")


def answers(program: Program, folder: Path) -> list[Answer]:
    """A unit's return in each format of a program, in one inbox.

    Every return that is merged has all its figures right; every other one has a finding.
    """
    inbox, made = folder / "inbox", folder / "made"
    inbox.mkdir()
    made.mkdir()
    units = [f"{suffix.upper()}局" for suffix in program.suffixes]
    blank = made / "blank.xlsx"
    blank.write_bytes(template(""))
    tasks = []
    for seed, (suffix, unit) in enumerate(zip(program.suffixes, units, strict=True)):
        task = Task(
            blank=blank,
            filled=made / f"{unit}.xlsx",
            cells=typed(unit, seed),
            target=inbox / f"{unit}.{suffix}",
        )
        if not program.types:
            task.filled.write_bytes(filled(unit, seed))
        tasks.append(task)
    program.save(tasks)
    roster = Roster(units=tuple(Unit(name=unit) for unit in units))
    job = Job(layout=LAYOUT, inbox=inbox, year=YEAR, roster=roster)
    summary = collect(job)
    merged = {entry.document.path: entry for entry in summary.entries}
    told = []
    for seed, task in enumerate(tasks):
        (document,) = [d for d in summary.documents if d.path.startswith(task.target.name)]
        codes = dict.fromkeys(f.code for f in summary.findings if f.path == document.path)
        if entry := merged.get(document.path):
            read = {item.name: stored(entry.numbers[item.index]) for item in FORM.items}
            assert read == values(seed), f"{program.name} {document.path}"
        else:
            assert codes, f"{program.name} {document.path}: {document.outcome} without a finding"
        told.append(
            Answer(
                program=program.name,
                suffix=task.target.suffix,
                outcome=OUTCOMES[document.outcome],
                codes=tuple(codes),
            )
        )
    return told
