"""Returns as the matcher would give them, filled in full, for the tests of what comes after it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Context, Decimal, localcontext
from pathlib import Path
from random import Random
from typing import Any

from xltools.forms import declaration
from xltools.layout.places import lay_out
from xltools.model.findings import Finding
from xltools.model.numbers import Number
from xltools.model.returns import Return, Status

FORM = declaration.load("zfxxgk-2021")
LAYOUT = lay_out(FORM)
REPORTS = Path(__file__).parent.parent / "data" / "real_reports"

COLUMNS = "natural business research welfare legal others".split()
ROWS = [i.row for i in FORM.items if i.table == "t3" and i.column == "total"]
OUTCOMES = ROWS[ROWS.index("granted") : ROWS.index("closed")]
BLOCKS = ("review", "direct", "after")
PARTS = ("upheld", "corrected", "other", "pending")
TOTALS = frozenset(i.index for i in FORM.items if i.formula is not None)


@dataclass(kw_only=True)
class Draft:
    """A return in the making: figures by name of item, what else differs from a plain one."""

    figures: dict[str, Number | None]
    typed: set[str] = field(default_factory=set)
    statuses: dict[str, Status] = field(default_factory=dict)
    found: dict[str, str] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    zero: bool = False
    year: int = 0
    none: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)
    explanations: dict[str, str] = field(default_factory=dict)
    priors: dict[str, Number] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def add(self, name: str, more: Number) -> None:
        old = self.figures[name]
        assert old is not None
        self.figures[name] = old + more

    def blank(self, *names: str) -> None:
        for name in names:
            self.figures[name] = None
            self.statuses[name] = Status.BLANK

    def table(self, key: str) -> list[str]:
        return [n for n in self.figures if n.startswith(f"{key}.")]

    def inputs(self, key: str) -> list[str]:
        return [n for n in self.table(key) if FORM.by_name[n] not in TOTALS]

    def totals(self, key: str) -> list[str]:
        return [n for n in self.table(key) if FORM.by_name[n] in TOTALS]

    def add_up(self) -> None:
        """The totals, worked out from the names alone."""
        self.figures |= totals(self.figures)

    def recalculate(self) -> None:
        """What a spreadsheet program does: formulas show what their inputs give."""
        for name, number in totals(self.figures).items():
            if name not in self.typed and self.statuses.get(name) is None:
                self.figures[name] = number

    def made(self) -> Return:
        index = FORM.by_name
        names = [item.name for item in FORM.items]
        places = [None if i.name in self.absent else LAYOUT.address(i.index) for i in FORM.items]
        return Return(
            identity=None,
            numbers=[self.figures[name] for name in names],
            statuses=[self.statuses.get(name, Status.GIVEN) for name in names],
            places=places,
            typed=frozenset(index[name] for name in self.typed),
            found={index[name]: text for name, text in self.found.items()},
            zero=self.zero,
            none=frozenset(self.none),
            missing=frozenset(self.missing),
            texts=self.texts,
            year=self.year,
            explanations=self.explanations,
            priors={index[name]: number for name, number in self.priors.items()},
            findings=tuple(self.findings),
        )


def totals(figures: dict[str, Number | None]) -> dict[str, Number]:
    """The 34 totals of a return, from its inputs by name; blanks count as zero."""

    def add(names: Iterable[str]) -> Number:
        with localcontext(Context(prec=100)):
            return sum((made[n] if n in made else figures[n] or 0) for n in names)

    made: dict[str, Number] = {}
    for c in COLUMNS:
        made[f"t3.closed.{c}"] = add(f"t3.{r}.{c}" for r in OUTCOMES)
    for r in ROWS:
        made[f"t3.{r}.total"] = add(f"t3.{r}.{c}" for c in COLUMNS)
    for b in BLOCKS:
        made[f"t4.cases.{b}_total"] = add(f"t4.cases.{b}_{p}" for p in PARTS)
    return made


def consistent(seed: int, *, typed: bool) -> Draft:
    """A return in which everything holds; every input is at least 1, 规章 apart, which are 0."""
    random = Random(seed)
    draft = Draft(figures={i.name: random.randint(1, 30) for i in FORM.items})
    for name in draft.table("t2"):
        if ".regulations." in name:
            draft.figures[name] = 0
    draft.figures["t2.fees.charged"] = Decimal(random.randint(1, 10**6)) / 1000 + Decimal("0.0001")
    balance(draft)
    if typed:
        draft.typed = {*draft.totals("t3"), *draft.totals("t4")}
    draft.texts = {text.name: "已按规定公开。" for text in FORM.texts}
    draft.texts["p6.matters"] = "本年度没有收取信息处理费。"
    return draft


def balance(draft: Draft) -> None:
    """Receive as many as were closed and are left; and add up."""
    for c in COLUMNS:
        closed = sum(draft.figures[f"t3.{r}.{c}"] or 0 for r in OUTCOMES)
        out, into = draft.figures[f"t3.carried_out.{c}"], draft.figures[f"t3.carried_in.{c}"]
        assert out is not None and into is not None
        draft.figures[f"t3.received.{c}"] = closed + out - into
    draft.add_up()


def published(name: str) -> Draft:
    """A real published report, its totals as printed."""
    report: dict[str, Any] = json.loads((REPORTS / f"{name}.json").read_text("utf-8"))
    figures: dict[str, Number | None] = {}
    for item in FORM.items:
        if item.table == "t2":
            value = report["t2"][item.rows[-1]][item.columns[-1]]
        elif item.table == "t3":
            row = report["t3"][" > ".join(item.rows)]
            value = row[[*COLUMNS, "total"].index(item.column)]
        else:
            value = report["t4"][sum(i.table == "t4" for i in FORM.items[: item.index])]
        figures[item.name] = value if isinstance(value, int) else Decimal(str(value))
    draft = Draft(figures=figures)
    draft.typed = {*draft.totals("t3"), *draft.totals("t4")}
    return draft


def printed(name: str) -> dict[str, int | float]:
    """The figures of a real published report by item name, totals included, as cells hold them."""
    figures = published(name).figures
    return {n: v if isinstance(v, int) else float(v) for n, v in figures.items() if v is not None}
