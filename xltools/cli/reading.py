"""The commands ``read``, which shows what a file contains as it was understood, and ``diff``, which
shows what changed between two.
"""

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from xltools.cli.console import (
    CLEAN,
    OPEN,
    expected_errors,
    fail,
    say,
    warn,
    write_json,
)
from xltools.cli.options import (
    FormOption,
    JsonFlag,
    JsonOption,
    LimitOption,
    PasswordOption,
    check_present,
    check_writable,
    option,
)
from xltools.settings.fields import FORM

if TYPE_CHECKING:
    from xltools.layout.places import Layout
    from xltools.model.differences import Changes
    from xltools.model.form import Item
    from xltools.model.numbers import Number


def read(
    files: Annotated[list[Path], typer.Argument(help="报表或年报文档 / workbooks or documents")],
    json: JsonFlag = False,
    password: Annotated[
        list[str] | None, typer.Option("--password", help="文件的打开密码，可多次")
    ] = None,
    limit: LimitOption = None,
    form: FormOption = FORM,
) -> None:
    """读出报表或年报文档（Word、PDF、网页、文本）中的数据，并核对。 / Read and check files.

    退出码 / exit status：0 读出且没有问题；1 有问题；2 用法错误。
    """
    from xltools.checks.run import check
    from xltools.forms.declaration import load
    from xltools.inbox.pool import read_all
    from xltools.inbox.reading import ReadFailure, ReadReturn, SetAside
    from xltools.layout.places import lay_out
    from xltools.model.findings import Finding, Words, finding
    from xltools.model.limits import Limits
    from xltools.output.data import finding_data, reading_data, reading_lines

    with expected_errors():
        check_present(files)
        layout = lay_out(load(form))
        words = Words.of(layout.form)
        named = [(str(file), file) for file in files]
        passwords, settings = tuple(password or ()), Limits.given(limit or [])
        data, clean = [], True
        findings: tuple[Finding, ...]
        for reading in chain.from_iterable(
            read_all(named, layout, passwords=passwords, settings=settings)
        ):
            path = reading.source.path
            if isinstance(reading, SetAside):
                continue
            if isinstance(reading, ReadFailure):
                findings = (finding(reading.code, found=reading.detail, path=path),)
                data.append({"path": path, "findings": [finding_data(findings[0], words)]})
            else:
                findings = check(layout, reading.ret)
                data.append(reading_data(layout.form, path, reading.ret, findings))
            clean = clean and not any(f.open for f in findings)
            if json:
                continue
            if len(data) > 1:
                say()
            say(path)
            if isinstance(reading, ReadReturn):
                for line in reading_lines(layout.form, reading.ret):
                    say(line)
            for f in findings:
                say(f"[{f.severity.words} {f.code}] {words.message(f)}")
        if json:
            write_json(Path("-"), data)
        raise typer.Exit(CLEAN if clean else OPEN)


SHOWN = 30  # changes shown on the terminal; the workbook has all of them


def diff(
    old: Annotated[Path, typer.Argument(metavar="A", help="前一份报表或汇总表 / the former")],
    new: Annotated[Path, typer.Argument(metavar="B", help="后一份报表或汇总表 / the later")],
    out: Annotated[Path | None, typer.Option("--out", help="把全部差异写成工作簿（.xlsx）")] = None,
    json: JsonOption = None,
    roster: Annotated[Path | None, option("roster", "单位名录，用于对上改写的单位名称")] = None,
    password: PasswordOption = None,
    form: FormOption = FORM,
) -> None:
    """逐项比较两份报表或两份汇总表，变化大的在前。 / What changed between two files.

    退出码 / exit status：0 没有差异；1 有差异；2 用法错误。
    """
    from xltools.compare import compare
    from xltools.forms.declaration import load
    from xltools.layout.places import lay_out
    from xltools.ledgers.roster import load as load_roster
    from xltools.model.files import put
    from xltools.output.differences import build

    with expected_errors():
        check_present((old, new))
        if out is not None and out.suffix.lower() != ".xlsx":
            fail(f"--out {out}：差异表是 Excel 文件，文件名请以 .xlsx 结尾。")
        check_writable("--out", out)
        check_writable("--json", json)
        for path in (out, json):
            if path is not None and path.resolve() in (old.resolve(), new.resolve()):
                fail(f"{path} 是要比较的文件，请换一个文件名。")
        layout = lay_out(load(form))
        units = load_roster(roster) if roster is not None else None
        changes = compare(layout, old, new, roster=units, passwords=tuple(password or ()))
        placed = put(out, build(changes, layout)) if out is not None else None
        if json is not None:
            write_json(json, _data(changes, layout))
        if json is None or str(json) != "-":
            _tell(changes, layout, written=placed is not None)
            if placed is not None:
                say(f"差异表：{placed.path}")
                if placed.beside:
                    warn(f"{out} 正被其他程序打开，未能替换。")
                if placed.kept is not None:
                    say(f"原来的已改名保留：{placed.kept.name}")
        raise typer.Exit(CLEAN if changes.none else OPEN)


def _tell(changes: "Changes", layout: "Layout", *, written: bool) -> None:
    """Print what changed, the most important figures first. ``written``: all of it has also been
    written to a file.
    """
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table

    from xltools.model.numbers import show
    from xltools.output.differences import remark, titled

    say(f"前：{titled(changes.old)}")
    say(f"后：{titled(changes.new)}")
    for label, units in (("后有前无", changes.added), ("前有后无", changes.removed)):
        if units:
            say(f"{label}的单位 {len(units)} 个：{'、'.join(units)}")
    if changes.texts:
        labels = {t.name: t.label for t in changes.form.texts}
        say(f"文字不同：{'、'.join(labels[t] for t in changes.texts)}")
    if not changes.figures:
        say("数据没有差异。" if not changes.none else "没有差异。")
        return
    table = Table(box=None, pad_edge=False, header_style="", padding=(0, 2, 0, 0))
    heads = [*(["单位"] if changes.new.many else []), "位置", "栏目", "前", "后", "增减", "说明"]
    rows = []
    for change in changes.figures[:SHOWN]:
        place, difference = layout.address(change.item), change.difference
        sign = "+" if difference is not None and difference > 0 else ""
        rows.append([
            *([change.unit] if changes.new.many else []),
            f"{place.sheet} {place.a1}",
            _label(changes.form.items[change.item]),
            change.old.words,
            change.new.words,
            "" if difference is None else f"{sign}{show(difference)}",
            remark(changes, change),
        ])  # fmt: skip
    # Plain text, since the content of files is not markup and pipes should get no colours.
    console = Console(highlight=False, markup=False, no_color=True, emoji=False)
    widths = [max(cell_len(row[n]) for row in (heads, *rows)) for n in range(len(heads))]
    # Names may be cut, figures never; the headings get the rest of the line.
    if changes.new.many:
        widths[0] = min(widths[0], 18)
    at = heads.index("栏目")
    room = console.width - sum(widths) + widths[at] - 2 * (len(heads) - 1)
    widths[at] = max(8, min(widths[at], room))
    for head, width in zip(heads, widths, strict=True):
        justify: Literal["left", "right"] = "right" if head in ("前", "后", "增减") else "left"
        table.add_column(head, no_wrap=True, overflow="ellipsis", justify=justify, width=width)
    for row in rows:
        table.add_row(*row)
    with console.capture() as printed:
        console.print(table)
    say("\n".join(line.rstrip() for line in printed.get().splitlines()))
    rest = len(changes.figures) - SHOWN
    if rest > 0:
        where = "" if written else "，用 --out 差异.xlsx 写出全部"
        say(f"…… 共 {len(changes.figures)} 个数有变化{where}。")
    else:
        say(f"共 {len(changes.figures)} 个数有变化。")


def _label(item: "Item") -> str:
    """The headings of a figure on one line, the innermost first, since the end of the line may be
    cut.
    """
    outer = item.rows[-1] if item.rows else "".join(item.columns[-2:-1])
    return " / ".join(x for x in (item.columns[-1], outer) if x)


def _data(changes: "Changes", layout: "Layout") -> dict[str, Any]:
    """What changed, as data for JSON."""
    from xltools.model.numbers import stored

    def value(number: "Number | None") -> int | float | None:
        return None if number is None else stored(number)

    return {
        "form": changes.form.name,
        "old": {"file": changes.old.name, "year": changes.old.year},
        "new": {"file": changes.new.name, "year": changes.new.year},
        "added": list(changes.added),
        "removed": list(changes.removed),
        "texts": list(changes.texts),
        "changes": [
            {
                "unit": change.unit,
                "item": changes.form.items[change.item].name,
                "sheet": layout.address(change.item).sheet,
                "cell": layout.address(change.item).a1,
                "old": change.old.text or value(change.old.number),
                "new": change.new.text or value(change.new.number),
                "difference": value(change.difference),
            }
            for change in changes.figures
        ],
    }
