"""Returns of any declared form, made of figures in which everything holds."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from xltools.forms.declaration import load
from xltools.layout.places import Layout, lay_out
from xltools.model.form import Form
from xltools.model.numbers import Number, tidy

REPORTS = Path(__file__).parent.parent / "data" / "real_reports"
YEARS = {"zfxxgk-2019": 2020, "zfxxgk-2021": 2025, "sangong-2024": 2025}
NEW = ("zfxxgk-2019", "sangong-2024")
COLUMNS = "natural business research welfare legal others".split()


@dataclass(kw_only=True)
class Figures:
    """A return's inputs and last year's figures, by name of item."""

    form: Form
    layout: Layout
    inputs: dict[str, Number]
    priors: dict[str, Number] = field(default_factory=dict)

    def all(self) -> dict[str, Number]:
        """The totals too, worked out from what the form declares."""
        return totals(self.form, self.inputs)

    def numbered(self, names: Mapping[str, Number]) -> dict[int, Number]:
        return {self.form.by_name[name]: number for name, number in names.items()}


def totals(form: Form, inputs: Mapping[str, Number]) -> dict[str, Number]:
    made: dict[str, Number] = {}

    def value(item: int) -> Number:
        one = form.items[item]
        if one.formula is None:
            return inputs[one.name]
        found = sum((o.sign * value(o.item) for o in one.formula.operands), start=Decimal(0))
        return tidy(Decimal(found))

    for item in form.items:
        made[item.name] = value(item.index)
    return made


def laid_out(name: str) -> Layout:
    return lay_out(load(name))


def consistent(name: str, seed: int) -> Figures:
    """Figures of a form with which every one of its rules holds."""
    layout = laid_out(name)
    made = Figures(form=layout.form, layout=layout, inputs={})
    rng = random.Random(seed)
    (_money if name.startswith("sangong") else _cases)(made, rng)
    return made


def _money(made: Figures, rng: random.Random) -> None:
    for row in ("abroad", "reception", "purchase", "running"):
        final = rng.randrange(100, 9000)
        made.inputs[f"s.{row}.final"] = tidy(Decimal(final) / 100)
        made.inputs[f"s.{row}.budget"] = tidy(Decimal(final + rng.randrange(300)) / 100)
        made.inputs[f"s.{row}.before"] = tidy(Decimal(final + rng.randrange(300)) / 100)
    for name, number in made.all().items():
        if name.endswith(".before"):
            made.priors[name.replace("before", "final")] = number


def _cases(made: Figures, rng: random.Random) -> None:
    form, inputs = made.form, made.inputs
    for item in form.inputs():
        inputs[item.name] = rng.randint(1, 30)
        if item.table == "t2" and item.row == "regulations":
            inputs[item.name] = 0
        elif item.signed:
            inputs[item.name] = rng.randint(-int(inputs[f"t2.{item.row}.before"]), 9)
        elif not item.whole:
            inputs[item.name] = tidy(Decimal(rng.randint(1, 10**6)) / 1000)
    if form.edition == "2019":
        inputs["t2.normative.open"] = inputs["t2.normative.opened"] + rng.randint(0, 9)
    rows = list(dict.fromkeys(i.row for i in form.inputs("t3")))
    for column in COLUMNS:
        closed = sum(inputs[f"t3.{r}.{column}"] for r in rows[2:-1])
        out, into = (inputs[f"t3.{r}.{column}"] for r in ("carried_out", "carried_in"))
        inputs[f"t3.received.{column}"] = closed + out - into
    _last_year(made)


def _last_year(made: Figures) -> None:
    """Last year's figures such that what is compared with them is right."""
    now = made.all()
    for item in (made.form.items[i] for i in made.form.priors):
        source = {
            "carried_out": f"t3.carried_in.{item.column}",
            "in_force": f"t2.{item.row}.in_force",
        }.get(item.row if item.table == "t3" else item.column, item.name)
        made.priors[item.name] = 0 if item.column == "change" else now[source]
    for name in ("regulations", "normative"):
        if f"t2.{name}.issued" in now:
            more = now[f"t2.{name}.issued"] - now[f"t2.{name}.repealed"]
            made.priors[f"t2.{name}.in_force"] -= more


def published_2019() -> dict[str, Number | str | None]:
    """The real report on the 2019 form, by item name, as it was published."""
    report = json.loads((REPORTS / "shanghai_fuban_2019.json").read_text("utf-8"))
    form = load("zfxxgk-2019")
    cases, found = iter(report["t4"]), dict[str, Number | str | None]()
    for item in form.items:
        if item.table == "t2":
            found[item.name] = report["t2"][item.rows[-1]][item.columns[-1]]
        elif item.table == "t3":
            row = report["t3"][" > ".join(item.rows)]
            found[item.name] = row[[*COLUMNS, "total"].index(item.column)]
        else:
            found[item.name] = next(cases)
    return found
