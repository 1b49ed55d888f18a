"""``read``: what is in a file, as it was understood."""

from pathlib import Path
from typing import Annotated

import typer

from xltools.cli.console import (
    CLEAN,
    MARKS,
    OPEN,
    expected_errors,
    say,
    write_json,
)
from xltools.cli.options import FORM, FormOption, JsonFlag, check_present


def read(
    files: Annotated[list[Path], typer.Argument(help="报表或年报文档 / workbooks or documents")],
    json: JsonFlag = False,
    password: Annotated[
        list[str] | None, typer.Option("--password", help="文件的打开密码，可多次")
    ] = None,
    limit: Annotated[
        list[str] | None,
        typer.Option("--limit", metavar="NAME=N", help="放宽一项限制，如 pages=500，可多次"),
    ] = None,
    form: FormOption = FORM,
) -> None:
    """读出报表或年报文档（Word、PDF、网页、文本）中的数据，并核对。 / Read and check files.

    退出码 / exit status：0 读出且没有问题；1 有问题；2 用法错误。
    """
    from xltools.check.run import check
    from xltools.forms.declaration import load
    from xltools.inbox.pool import read_all
    from xltools.layout.places import lay_out
    from xltools.model.findings import Finding, Words, finding
    from xltools.model.limits import Limits
    from xltools.output.data import finding_data, reading_data, reading_lines

    with expected_errors():
        check_present(files)
        layout = lay_out(load(form))
        words, told = Words.of(layout.form), []
        clean, first, found = True, True, tuple[Finding, ...]()
        named = [(str(file), file) for file in files]
        passwords, settings = tuple(password or ()), Limits.given(limit or [])
        for readings in read_all(named, layout, passwords=passwords, settings=settings):
            for one in readings:
                if one.ignored:
                    continue
                if one.ret is None:
                    found = (finding(one.code, found=one.detail, path=one.name),)
                    data = {"path": one.name, "findings": [finding_data(found[0], words)]}
                else:
                    found = check(layout, one.ret)
                    data = reading_data(layout.form, one.name, one.ret, found)
                told.append(data)
                clean = clean and not any(f.open for f in found)
                if json:
                    continue
                if not first:
                    say()
                first = False
                say(one.name)
                for line in reading_lines(layout.form, one.ret) if one.ret is not None else ():
                    say(line)
                for each in found:
                    say(f"[{MARKS[each.severity.value]} {each.code}] {words.message(each)}")
        if json:
            write_json(Path("-"), told)
        raise typer.Exit(CLEAN if clean else OPEN)
