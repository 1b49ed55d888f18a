"""What several commands take, and what they refuse, each with one message."""

import os
from datetime import date
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Annotated, Final

import typer

from xltools.cli.console import fail, warn
from xltools.model.errors import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xltools.model.form import Form
    from xltools.model.summary import Summary

TODAY_VARIABLE: Final = "XLTOOLS_TODAY"


def today() -> date:
    """Today; the day that the variable names, for tests and to repeat what was done then."""
    given = os.environ.get(TODAY_VARIABLE, "")
    if not given:
        return date.today()
    try:
        return date.fromisoformat(given)
    except ValueError:
        fail(f"环境变量 {TODAY_VARIABLE}={given}：请写成 2025-01-20 这样的日期。")


FORM: Final = "zfxxgk-2021"
FORM_VARIABLE: Final = "XLTOOLS_FORM"

FormOption = Annotated[
    str, typer.Option("--form", envvar=FORM_VARIABLE, help="表式名称或文件 / form name or file")
]
InboxArgument = Annotated[Path, typer.Argument(help="收件夹 / folder of what came in")]
YearOption = Annotated[
    int, typer.Option("--year", help="报告年度；默认按多数报表的年度", show_default=False)
]
FolderOption = Annotated[
    Path | None,
    typer.Option("--previous", help="上年汇总表、上年数据表，或存放上年各单位报表的文件夹"),
]
JsonOption = Annotated[Path | None, typer.Option("--json", help="写出 JSON（- 为标准输出）")]
JsonFlag = Annotated[bool, typer.Option("--json", help="输出 JSON")]
PasswordOption = Annotated[
    list[str] | None, typer.Option("--password", help="报表的打开密码，可多次")
]
LimitOption = Annotated[
    list[str] | None,
    typer.Option("--limit", metavar="NAME=N", help="放宽一项限制，如 file-size=100，可多次"),
]
WorkersOption = Annotated[int, typer.Option("--workers", min=1, max=64, help="读取进程数")]


def check_present(files: "Iterable[Path]") -> None:
    """Refuse files that are not there."""
    for file in files:
        if file.is_dir():
            fail(f"{file} 是文件夹，请给出文件；整个文件夹用 xltools collect")
        if not file.is_file():
            fail(f"没有这个文件：{file}")


def check_inbox(inbox: Path) -> None:
    """Refuse an inbox that is not there or cannot be opened."""
    if not inbox.exists():
        fail(f"没有这个收件夹：{inbox}")
    try:
        if inbox.is_dir():
            with os.scandir(inbox) as entries:
                next(entries, None)
        else:
            inbox.open("rb").close()
    except OSError as error:
        fail(f"收件夹 {inbox} 打不开：{refusal(error)}。")


def check_writable(option: str, path: Path | None, *, folder: bool = False) -> None:
    """Refuse a place where nothing can be written, before any work is done for it.

    ``option`` names the place; ``folder``: it is to be a folder, else a file. Without a path, or
    for standard output, there is nothing to check.
    """
    if path is None or str(path) == "-":
        return
    if path.exists() and path.is_dir() != folder:
        fail(f"{option} {path}：{'不是文件夹。' if folder else '是文件夹，请写明文件名。'}")
    place = path if folder else path.absolute().parent
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        fail(f"{option} {path}：{place} 不是文件夹，不能在里面写文件。")
    try:
        TemporaryFile(dir=place).close()
    except OSError as error:
        fail(f"{option} {path}：{place} 里不能写文件（{refusal(error)}），请换一个位置。")


def check_outside(inbox: Path, name: str, path: Path) -> None:
    """Refuse to write into the inbox. ``name``: of the option that says where to."""
    if within(inbox, path):
        fail(f"{name} {path}：收件夹里只放收到的文件，请写到别处，如 --out ../{path.name}")


def within(inbox: Path, path: Path) -> bool:
    """Whether a path lies in an inbox that is a folder."""
    return inbox.is_dir() and path.resolve().is_relative_to(inbox.resolve())


def check_year(form: "Form", year: int) -> None:
    """Refuse a year for which the form is not meant, or that is no year of a report at all; one
    that is more than one from today is only asked about.
    """
    if not 2000 <= year <= 2100:
        fail(f"--year {year}：报告年度应在 2000 至 2100 之间，如 2025。")
    now = today().year
    if abs(year - now) > 1:
        warn(f"--year {year}：今年是 {now} 年，请核对年度有没有写错。")
    first, last = form.years
    if not first <= year <= last:
        span = f"{first} 年及以后" if last == 9999 else f"{first} 至 {last} 年"
        fail(f"--year {year}：{form.name} 用于 {span}的报告。")


def check_dated(summary: "Summary", inbox: Path) -> None:
    """Refuse an inbox of which nobody knows what year it is of."""
    if not summary.year and not summary.documents:
        fail(f"收件夹 {inbox} 是空的：请把收到的文件存进去；确要汇总的，用 --year 指明年度。")
    if not summary.year:
        fail(f"{inbox} 中没有一份报表写明年度；请核对收件夹，或用 --year 指明年度。")


def check_lock(password: str) -> None:
    """Refuse a password that cannot protect a sheet."""
    from xltools.excel.book import MAX_PASSWORD

    if password and not (password.isascii() and len(password) <= MAX_PASSWORD):
        fail(f"--lock-password：至多 {MAX_PASSWORD} 个英文字母、数字或符号。")
