"""Every formula of our workbooks as Excel computes it, against its cached value and the collector.

Excel itself is not at hand: two engines that order values as it does compute what goes out.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from support import districts
from support.engines import Engine, Gnumeric, Job
from support.fills import (
    FILLS,
    FORMS,
    LAYOUTS,
    Value,
    at,
    correction,
    differences,
    errors,
    filled,
    fresh,
    subject,
    typed,
    uncalculated,
    values,
)
from support.summaries import summary_bytes
from xltools.layout.places import Layout
from xltools.match.matcher import Matcher
from xltools.model.assessment import judge
from xltools.model.form import Form
from xltools.model.identity import CHECKS, CHECKS_TOP, STATE
from xltools.model.numbers import show
from xltools.model.returns import RuleState
from xltools.readers.workbook import open_book
from xltools.steps import Job as Collecting
from xltools.steps import collect
from xltools.template.build import build
from xltools.template.opening import Subject


def stood(layout: Layout, path: Path, category: str) -> list[str]:
    """How the rules stand by the collector, in the words of 校验."""
    ret = Matcher(layout).match(open_book(path))
    return [
        f"差{show(j.difference or 0)}" if j.state is RuleState.OFF else j.state.value
        for j in judge(layout.form, ret, category=category)
    ]


def shown(form: Form, sheets: Mapping[str, list[list[Value]]]) -> list[str]:
    """The same as 校验 shows it: a state is a number with a format that reads as words."""
    texts = []
    for one in form.instances:
        state = at(sheets, CHECKS, CHECKS_TOP + one.index, STATE)
        if isinstance(state, float | int):
            number = Decimal(repr(round(state, 6))).normalize()
            state = f"差{number:f}" if state else RuleState.BALANCED.value
        texts.append(str(state))
    return texts


@pytest.mark.parametrize("name", FORMS)
def test_fills_come_to_what_is_cached_and_collected(
    engine: Engine, tmp_path: Path, name: str
) -> None:
    """Every formula comes to what the generator says it does, and 校验 to what the collector says.

    Most are typed into a fresh workbook, as programs calculate otherwise while somebody types
    than when they open a file; the others are opened filled in, without results.
    """
    layout, rng = LAYOUTS[name], random.Random(name)
    jobs: list[Job] = []
    cached: list[tuple[Subject, bytes]] = []
    sent, template = Subject(year=2025), tmp_path
    for number in range(FILLS):
        if number % 10 == 0:
            sent, template = fresh(layout.form, rng, number // 10), tmp_path / f"{number}-out.xlsx"
            template.write_bytes(build(layout, sent, "x"))
        one = filled(layout.form, rng, number, sent)
        source, target = tmp_path / f"{number}-in.xlsx", tmp_path / f"{number}.xlsx"
        expected = build(layout, one, "x")
        if number % 10 < 9:
            jobs.append(Job(source=template, target=target, cells=typed(layout, one)))
        else:
            source.write_bytes(uncalculated(expected))
            jobs.append(Job(source=source, target=target))
        cached.append((one, expected))
    engine.run(jobs)
    for job, (one, expected) in zip(jobs, cached, strict=True):
        made = job.target.read_bytes()
        assert not errors(made), job.target.name
        assert not differences(expected, made), job.target.name
        states = stood(layout, job.target, one.category)
        assert shown(layout.form, values(made)) == [
            RuleState.NOT_APPLICABLE.value if j.rule.trial else s
            for j, s in zip(layout.form.instances, states, strict=True)
        ], job.target.name


@pytest.mark.parametrize("name", FORMS)
def test_correction_workbooks_come_to_what_is_cached(
    engine: Engine, tmp_path: Path, name: str
) -> None:
    layout, rng = LAYOUTS[name], random.Random(f"{name} back")
    jobs, cached = [], []
    for number in range(max(2, FILLS // 30)):
        data = build(layout, correction(layout, subject(layout.form, rng, number), rng), "x")
        source, target = tmp_path / f"{number}.xlsx", tmp_path / f"{number}-back.xlsx"
        source.write_bytes(uncalculated(data))
        jobs.append(Job(source=source, target=target))
        cached.append(data)
    engine.run(jobs)
    for job, data in zip(jobs, cached, strict=True):
        made = job.target.read_bytes()
        assert not errors(made), job.target.name
        assert not differences(data, made), job.target.name


def summaries(folder: Path) -> dict[str, bytes]:
    """A summary workbook of each form, one of them of a district with all that can happen."""
    made = {}
    for name in FORMS:
        layout, rng, inbox = LAYOUTS[name], random.Random(name), folder / name
        inbox.mkdir()
        for number in range(3):
            one = replace(subject(layout.form, rng, number), unit=f"{'甲乙丙'[number]}局")
            (inbox / f"{one.unit}.xlsx").write_bytes(build(layout, one, "x"))
        units = frozenset({"甲局", "乙局", "丙局"})
        job = Collecting(layout=layout, inbox=inbox, year=2025, accept=units)
        made[name] = summary_bytes(collect(job), layout, folder)
    made["district"] = summary_bytes(districts.district(), districts.layout(), folder)
    return made


def test_summaries_come_to_what_is_cached(engine: Engine, tmp_path: Path) -> None:
    made = summaries(tmp_path)
    jobs = []
    for name, data in made.items():
        source = tmp_path / f"{name}.xlsx"
        source.write_bytes(uncalculated(data))
        jobs.append(Job(source=source, target=tmp_path / f"{name}-done.xlsx"))
    engine.run(jobs)
    for job, data in zip(jobs, made.values(), strict=True):
        done = job.target.read_bytes()
        assert not errors(done), job.target.name
        assert not differences(data, done), job.target.name


def test_gnumeric_computes_the_same(gnumeric: Gnumeric, tmp_path: Path) -> None:
    made = summaries(tmp_path)
    for name in FORMS:
        layout, rng = LAYOUTS[name], random.Random(name)
        made |= {f"{name}-{n}": build(layout, subject(layout.form, rng, n), "x") for n in range(4)}
        made[f"{name}-fresh"] = build(layout, Subject(year=2025, unit="甲局"), "x")
    for name, data in made.items():
        source, target = tmp_path / f"{name}.xlsx", tmp_path / f"{name}-done.xlsx"
        source.write_bytes(data)
        gnumeric.run([Job(source=source, target=target)])
        done = target.read_bytes()
        assert not errors(done), name
        assert not differences(data, done), name
