"""What goes out: ``roster new``, ``previous new``, ``generate``."""

from pathlib import Path
from typing import Annotated

import typer

from xltools.cli.console import (
    CLEAN,
    OPEN,
    expected_errors,
    fail,
    progress,
    say,
    warn,
)
from xltools.cli.options import (
    FORM,
    FolderOption,
    FormOption,
    check_lock,
    check_writable,
    check_year,
    last_year,
)

roster_app = typer.Typer(help="单位名录。 / The roster of units.", no_args_is_help=True)
previous_app = typer.Typer(help="上年数据。 / Last year's figures.", no_args_is_help=True)


@roster_app.command("new")
def new_roster(
    file: Annotated[Path, typer.Argument(help="要新建的名录 / file to write (.xlsx)")],
) -> None:
    """新建一份空的单位名录（带填写说明和下拉框）。 / Write an empty roster."""
    from xltools.ledgers.roster_blank import write_blank

    with expected_errors():
        if file.exists():
            fail(f"{file} 已存在，未覆盖。请换一个文件名。")
        if file.suffix.lower() != ".xlsx":
            fail(f"{file}：名录是 Excel 文件，文件名请以 .xlsx 结尾。")
        write_blank(file)
        say(f"已写入 {file}。填好“单位名录”页后运行：xltools generate {file} --year 年度")


@previous_app.command("new")
def new_previous(
    file: Annotated[Path, typer.Argument(help="要新建的上年数据表 / file to write (.xlsx)")],
    roster: Annotated[
        Path | None, typer.Option("--roster", help="单位名录，预填单位名称 / roster")
    ] = None,
    form: FormOption = FORM,
) -> None:
    """新建一份空的上年数据表（没有上年汇总表时用）。 / Write an empty table of last year."""
    from xltools.forms.declaration import load
    from xltools.ledgers.previous import write_blank
    from xltools.ledgers.roster import load as load_roster

    with expected_errors():
        if file.exists():
            fail(f"{file} 已存在，未覆盖。请换一个文件名。")
        units = load_roster(roster).units if roster is not None else ()
        declared = load(form)
        if not declared.priors:
            fail(f"{declared.name} 没有与上年比较的勾稽关系，用不着上年数据。")
        write_blank(file, declared, units)
        say(f"已写入 {file}。填好后用于：xltools generate … --previous {file}")


def generate(
    roster: Annotated[Path, typer.Argument(help="单位名录（.xlsx 或 .csv） / roster")],
    year: Annotated[int, typer.Option("--year", min=2000, max=2100, help="报告年度")],
    out: Annotated[Path, typer.Option("--out", help="存放模板的文件夹")] = Path("outbox"),
    form: FormOption = FORM,
    previous: FolderOption = None,
    lock_password: Annotated[
        str, typer.Option("--lock-password", help="工作表保护密码，至多 15 个字母数字；默认随机")
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="覆盖已存在的模板")] = False,
) -> None:
    """为名录中的每个单位生成一份填报模板。 / Write a locked workbook for each unit."""
    from xltools.forms.declaration import load
    from xltools.layout.places import lay_out
    from xltools.ledgers.roster import load as load_roster
    from xltools.model.numbers import show
    from xltools.template.outbox import Fate, fill_outbox

    with expected_errors():
        check_lock(lock_password)
        check_writable("--out", out, folder=True)
        declared = load(form)
        check_year(declared, year)
        units = load_roster(roster)
        layout, before = lay_out(declared), None
        if previous is not None:
            before = last_year(previous, layout, roster=units, year=year - 1)
        with progress("已生成") as step:
            outbox = fill_outbox(
                layout, units, year=year, out=out, previous=before,
                password=lock_password, force=force, progress=step,
            )  # fmt: skip
        count = {fate: [m for m in outbox.made if m.fate is fate] for fate in Fate}
        say(f"写入 {len(count[Fate.WRITTEN])} 份模板，{len(count[Fate.SAME])} 份原样未变：{out}")
        say(f"发放清单：{outbox.listing}")
        if outbox.listing_kept is not None:
            say(f"原来的发放清单已改名保留：{outbox.listing_kept.name}")
        carried = [declared.items[i] for i in declared.carried]
        if before is None and carried:
            label = carried[0].rows[-1] if carried[0].rows else carried[0].label
            warn(
                f"没有上年数据（--previous）：“{label}”等 {len(carried)} 项没有预填，填报时也不能"
                "与上年核对；没有上年汇总表的，可用 xltools previous new 填一份，加 --force 重做。"
            )
        if outbox.bare:
            warn(
                f"上年数据中没有以下 {len(outbox.bare)} 个单位，没有预填：{'、'.join(outbox.bare)}"
            )
        for name, total in outbox.unclaimed:
            warn(
                f"上年数据中“{name}”的结转数 {show(total)}，名录中没有单位承接（可填“前身单位”）。"
            )
        kept = count[Fate.KEPT]
        if kept:
            warn(f"以下 {len(kept)} 份已存在且内容不同，未覆盖（确要重新生成请加 --force）：")
            for template in kept:
                warn(f"  {template.path.name}")
        raise typer.Exit(OPEN if kept or outbox.unclaimed else CLEAN)
