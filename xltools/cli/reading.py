"""``read``: what is in a file, as it was understood."""

from itertools import chain
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
                say(f"[{MARKS[f.severity.value]} {f.code}] {words.message(f)}")
        if json:
            write_json(Path("-"), data)
        raise typer.Exit(CLEAN if clean else OPEN)
