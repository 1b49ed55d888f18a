"""The annual report as a document: ``report``."""

from pathlib import Path
from typing import Annotated

import typer

from xltools.cli.console import (
    CLEAN,
    OPEN,
    expected_errors,
    fail,
    say,
    warn,
)
from xltools.cli.options import FORM, FormOption, PasswordOption, check_present, check_writable


def report(
    file: Annotated[Path, typer.Argument(help="填好的报表，或汇总表 / a return or a summary")],
    out: Annotated[
        Path | None, typer.Option("--out", help="年度报告（.docx）；默认按标题命名")
    ] = None,
    unit: Annotated[str, typer.Option("--unit", help="行政机关全称；汇总表必填")] = "",
    date: Annotated[str, typer.Option("--date", help="落款日期，如 2026年1月20日")] = "",
    previous: Annotated[
        Path | None, typer.Option("--previous", help="上年汇总表或上年数据表，用来写比上年增减")
    ] = None,
    password: PasswordOption = None,
    form: FormOption = FORM,
) -> None:
    """写出公文格式的年度报告。 / Write the annual report as a Word document.

    没有文字的部分按数据起草一句，标黄待补充。

    退出码 / exit status：0 已写齐；1 有待补充的文字或要更正的数字；2 用法错误。
    """
    from xltools.forms.declaration import load
    from xltools.layout.places import lay_out
    from xltools.ledgers.previous import load as load_previous
    from xltools.model.files import put
    from xltools.report.content import paper_of
    from xltools.report.word import build

    with expected_errors():
        check_present([file])
        if out is not None and out.suffix.lower() != ".docx":
            fail(f"--out {out}：年度报告是 Word 文件，文件名请以 .docx 结尾。")
        check_writable("--out", out)
        layout = lay_out(load(form))
        before = load_previous(previous, layout.form) if previous is not None else None
        paper = paper_of(
            layout, file, agency=unit, day=date, previous=before,
            passwords=tuple(password or ()),
        )  # fmt: skip
        name = f"{paper.agency}{paper.year}年{layout.form.title}.docx".replace("/", "_")
        placed = put(out or Path(name), build(layout, paper))
        empty = [t.label for t in layout.form.texts if not paper.texts.get(t.name, "").strip()]
        if placed.beside:
            warn(f"原文件正被其他程序打开，未能替换；另存为：{placed.path}")
        else:
            say(f"年度报告：{placed.path}")
        if placed.kept is not None:
            say(f"原来的文件已改名保留：{placed.kept.name}")
        if paper.wrong:
            warn(f"有 {paper.wrong} 处必须更正（见 xltools check {file}），报告照现有数字写出。")
        if empty:
            say(f"标黄待补充 {len(empty)} 处：{'、'.join(empty)}")
        raise typer.Exit(OPEN if empty or paper.wrong else CLEAN)
