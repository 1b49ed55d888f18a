"""The commands ``form``, which lists, shows and checks forms, and ``rules``, which lists all codes
of findings.
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xltools.cli.console import expected_errors, folded, say, write_json
from xltools.cli.options import FormOption, JsonFlag
from xltools.settings.fields import FORM

if TYPE_CHECKING:
    from xltools.layout.places import Layout
    from xltools.model.form import Form, Item

_SEVERITIES = {"fatal": "必须平衡", "query": "需核实"}


def described(layout: "Layout") -> Iterator[str]:
    """A form in words, line by line: its head, its tables row by row, its texts and its rules."""
    form = layout.form
    first, last = form.years
    years = f" {first} 年及以后" if last == 9999 else f" {first} 至 {last} 年"
    yield f"{form.name}  {form.title}"
    yield f"依据：{form.authority}" + ("" if first == 1 else f"；用于{years}的报告")
    for table in layout.tables:
        yield ""
        yield from folded(f"【{table.sheet}】{table.table.title}", "", "  ")
        items = [i for i in form.items if i.table == table.table.key]
        shared, wide = _shared(items), max(len(i.name) for i in items)
        for rows, group in groupby(items, key=lambda i: i.rows):
            if rows:
                yield from folded(" > ".join(rows), "  ", "    ")
            for item in group:
                kind = "合计" if item.formula is not None else "填报"
                head = f"    {layout.address(item.index).a1:<5}{kind} {item.name:<{wide}}  "
                label = " > ".join(item.columns[shared:]) + _type(item)
                yield from folded(label, head, " " * 10)
    if form.texts:
        yield ""
        yield "【文字】"
        for place in layout.texts:
            head = f"    A{place.first + 1:<4}填报 {place.text.name:<20} "
            yield from folded(place.text.label, head, " " * 10)
    if form.rules:
        yield ""
        yield "【勾稽关系】"
        for rule in form.rules:
            head = f"  {rule.code} {_SEVERITIES[rule.severity.value]} "
            yield from folded(rule.message, head, "    ")
            yield from folded(rule.assertion, "    ", "      ")
            if rule.categories:
                yield from folded(f"只用于：{'、'.join(rule.categories)}", "    ", "      ")


def _shared(items: "list[Item]") -> int:
    """How many outer labels all columns of a table have in common; these need not be shown."""
    shortest = min(len(i.columns) for i in items)
    same = 0
    while same < shortest - 1 and len({i.columns[: same + 1] for i in items}) == 1:
        same += 1
    return same


def _type(item: "Item") -> str:
    """What kind of number an item takes, in brackets; empty for a count, and for an amount whose
    column label already gives the unit.
    """
    if item.signed:
        return "（增减，可为负）"
    if item.whole:
        return ""
    places = "" if item.decimals is None else f"，小数{item.decimals}位"
    return f"（{item.unit}{places}）" if item.unit not in item.columns[-1] else ""


def counted(form: "Form") -> str:
    """The number of items, texts and rules of a form, in one phrase."""
    computed = sum(i.formula is not None for i in form.items)
    return (
        f"{len(form.items)} 个数据项（{computed} 个为合计），{len(form.texts)} 段文字，"
        f"{len(form.instances)} 条勾稽关系"
    )


app = typer.Typer(
    help="表式：列出、查看、检查。 / Declared forms: list, show, check.", no_args_is_help=True
)


@app.command("list")
def list_forms() -> None:
    """列出自带的表式。 / List the forms that come with xltools."""
    from xltools.forms.declaration import available, load

    for name in available():
        form = load(name)
        say(f"{name}  {form.title}（{form.authority}）")


@app.command("check")
def check(file: Annotated[Path, typer.Argument(help="表式文件 / form file (TOML)")]) -> None:
    """检查一个表式文件。 / Check a form file."""
    from xltools.forms.declaration import load
    from xltools.layout.places import lay_out

    with expected_errors():
        form = load(file)
        lay_out(form)
        say(f"{file}：正确。{form.name} {form.title}：{counted(form)}。")


@app.command("show")
def show(
    form: Annotated[str, typer.Argument(help="表式名称或文件 / name or file")],
    json: JsonFlag = False,
) -> None:
    """列出一个表式的全部数据项及其位置。 / Print every item of a form with its place."""
    from xltools.forms.declaration import load
    from xltools.layout.places import lay_out
    from xltools.output.data import items_of

    with expected_errors():
        layout = lay_out(load(form))
        if json:
            write_json(Path("-"), items_of(layout))
            return
        for line in described(layout):
            say(line)


def rules(
    form: FormOption = FORM,
    json: JsonFlag = False,
) -> None:
    """列出全部问题编码：性质、含义、怎样处理。 / Print every code with its remedy."""
    from xltools.forms.declaration import load
    from xltools.output.catalogue import data, lines

    with expected_errors():
        declared = load(form)
        if json:
            write_json(Path("-"), data(declared))
            return
        for line in lines(declared):
            say(line)
