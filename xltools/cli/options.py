"""Options that several commands have, the checks that refuse wrong ones with a message, and the job
that is made from them.
"""

import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from xltools.cli.console import fail, warn, why_refused
from xltools.inbox.processes import MOST_WORKERS
from xltools.settings.fields import SETTINGS

if TYPE_CHECKING:
    from xltools.model.collector import Collector
    from xltools.model.form import Form
    from xltools.model.summary import Summary
    from xltools.storage.remote import Location

TODAY_VARIABLE: Final = "XLTOOLS_TODAY"


def today() -> date:
    """The current date, or the date in the variable XLTOOLS_TODAY, which tests set and which serves
    to repeat a run of an earlier day.
    """
    day = os.environ.get(TODAY_VARIABLE, "")
    if not day:
        return date.today()
    try:
        return date.fromisoformat(day)
    except ValueError:
        fail(f"环境变量 {TODAY_VARIABLE}={day}：请写成 2025-01-20 这样的日期。")


def option(name: str, words: str = "", flag: str = "", **more: Any) -> Any:
    """The option of the setting ``name``, with its environment variable. ``words``: its help, where
    that is not what the setting means; ``flag``: the option, where it has another name; ``more``:
    as for typer.Option.
    """
    setting = SETTINGS[name]
    return typer.Option(
        flag or setting.option.split()[-1], envvar=setting.variable, show_envvar=False,
        help=words or setting.chinese, **more,
    )  # fmt: skip


def argument(name: str, metavar: str, words: str) -> Any:
    """The argument that gives the setting ``name``, with its environment variable. ``metavar``: how
    it is called, ``words``: what it is, in the help.
    """
    return typer.Argument(
        envvar=SETTINGS[name].variable, show_envvar=False, metavar=metavar, help=words
    )


FormOption = Annotated[str, option("form", "表式名称或文件 / form name or file")]
InboxArgument = Annotated[Path, argument("inbox", "INBOX", "收件夹 / folder of what came in")]
InboxLocation = Annotated[
    str,
    argument("inbox", "INBOX", "收件夹或其地址（s3://、sftp://） / folder or address"),
]
YearOption = Annotated[int, option("year", "报告年度；默认按多数报表的年度", show_default=False)]
PreviousOption = Annotated[
    Path | None,
    option("previous", "上年汇总表、上年数据表，或存放上年各单位报表的文件夹"),
]
RosterOption = Annotated[Path, option("roster")]
OptionalRosterOption = Annotated[Path | None, option("roster")]
DecisionsOption = Annotated[
    Path | None, option("decisions", "决定表；默认用名录旁的 decisions.xlsx")
]
DeadlineOption = Annotated[str, option("deadline")]
OfficeOption = Annotated[str, option("office")]
ContactOption = Annotated[str, option("contact")]
TelephoneOption = Annotated[str, option("telephone")]
AddressOption = Annotated[str, option("address")]
SignatureOption = Annotated[str, option("signature")]
FormerOption = Annotated[
    Path | None, option("former", "被替换下来的旧文件存到这个文件夹；默认留在原处")
]
JsonOption = Annotated[Path | None, typer.Option("--json", help="写出 JSON（- 为标准输出）")]
JsonFlag = Annotated[bool, typer.Option("--json", help="输出 JSON")]
PasswordOption = Annotated[
    list[str] | None, typer.Option("--password", help="报表的打开密码，可多次")
]
LimitOption = Annotated[
    list[str] | None,
    option("limit", metavar="NAME=N", words="放宽一项限制，如 file-size=100，可多次"),
]
SchedulerOption = Annotated[
    str | None,
    typer.Option("--scheduler", metavar="tcp://…", help="由 Dask 集群读取：调度器的地址"),
]
TidyOption = Annotated[
    str | None,
    typer.Option("--tidy", metavar="DIR", help="各单位的数等写成 Parquet 文件，汇总表只留总数"),
]
StateOption = Annotated[
    str | None,
    typer.Option("--state", metavar="DIR", help="保存读取进度的文件夹，中断后可接着读"),
]
WorkersOption = Annotated[
    int | None, option("workers", "读取进程数（默认按机器自动确定）", min=1, max=MOST_WORKERS)
]
NoCacheOption = Annotated[bool, option("no_cache", "不留存读过的内容，也不用以前留存的")]


def collector_of(
    *,
    deadline: str,
    office: str,
    contact: str,
    telephone: str,
    address: str,
    signature: str,
    replies: bool = False,
) -> "Collector":
    """Who collects, from the options of a command. Exits with a message if the deadline is no day;
    warns if it is over. ``replies``: then a deadline that is over is left out.
    """
    from xltools.model.collector import Collector

    day = None
    if deadline.strip():
        try:
            day = date.fromisoformat(deadline.strip())
        except ValueError:
            fail(f"--deadline {deadline}：请写成 2026-01-20 这样的日期。")
    if day is not None and day < today():
        what = "邮件里不再写它" if replies else "请核对"
        warn(f"截止日期 {day} 已经过去，{what}（--deadline，或设置里的 deadline）。")
        day = None if replies else day
    return Collector(
        deadline=day, office=office, contact=contact, telephone=telephone, address=address,
        signature=signature,
    )  # fmt: skip


def check_present(files: Iterable[Path]) -> None:
    """Exit with a message if one of the files does not exist or is a folder."""
    for file in files:
        if file.is_dir():
            fail(f"{file} 是文件夹，请给出文件；整个文件夹用 xltools collect")
        if not file.is_file():
            fail(f"没有这个文件：{file}")


def check_inbox(inbox: "Location") -> None:
    """Exit with a message if the inbox does not exist or cannot be opened. Raises StorageError."""
    if not isinstance(inbox, Path):
        from xltools.storage.remote import is_there

        if not is_there(inbox):
            fail(f"没有这个收件夹，或者里面没有文件：{inbox}")
        return
    if not inbox.exists():
        fail(f"没有这个收件夹：{inbox}")
    try:
        if inbox.is_dir():
            with os.scandir(inbox) as entries:
                next(entries, None)
        else:
            inbox.open("rb").close()
    except OSError as error:
        fail(f"收件夹 {inbox} 打不开：{why_refused(error)}。")


def check_writable(option: str, path: "Location | None", *, folder: bool = False) -> None:
    """Exit with a message if nothing can be written at ``path``, before any work is done. Raises
    StorageError.

    ``option``: the option that gave the path, for the message; ``folder``: the path is to be a
    folder, else a file. If there is no path, or it is standard output (``-``), nothing is checked.
    """
    if path is None or str(path) == "-":
        return
    if not isinstance(path, Path):
        from xltools.storage.outputs import check_place

        check_place(option, path, folder=folder)
        return
    if path.exists() and path.is_dir() != folder:
        fail(f"{option} {path}：{'不是文件夹。' if folder else '是文件夹，请写明文件名。'}")
    place = path if folder else path.absolute().parent
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        fail(f"{option} {path}：{place} 不是文件夹，不能在里面写文件。")
    from tempfile import TemporaryFile

    try:
        TemporaryFile(dir=place).close()
    except OSError as error:
        fail(f"{option} {path}：{place} 里不能写文件（{why_refused(error)}），请换一个位置。")


def check_outside(inbox: "Location", name: str, path: "Location") -> None:
    """Exit with a message if ``path`` is in the inbox, where nothing may be written. ``name``: the
    option that gave the path.
    """
    if within(inbox, path):
        elsewhere = f"../{path.name}" if isinstance(path, Path) else path.name
        fail(f"{name} {path}：收件夹里只放收到的文件，请写到别处，如 --out {elsewhere}")


def check_former(former: Path | None, inbox: "Location | None" = None) -> None:
    """Exit with a message if nothing can be written to the folder for files that are replaced, or
    it is in the inbox, where they would be taken for returns. Raises StorageError.
    """
    if former is not None:
        if inbox is not None:
            check_outside(inbox, "--former", former)
        check_writable("--former", former, folder=True)


def check_scheduler(scheduler: str | None) -> None:
    """Exit with a message if the address of a scheduler is none, or what talks to it is not
    installed.
    """
    if scheduler is None:
        return
    if not scheduler.startswith(("tcp://", "tls://")):
        fail(f"--scheduler {scheduler}：请写成 tcp://主机:端口 或 tls://主机:端口。")
    from xltools.storage.remote import require_extra

    require_extra("--scheduler", "distributed")


def within(inbox: "Location", path: "Location") -> bool:
    """Whether a path is inside an inbox that is a folder."""
    if isinstance(inbox, Path) and isinstance(path, Path):
        return inbox.is_dir() and path.resolve().is_relative_to(inbox.resolve())
    return not isinstance(inbox, Path) and not isinstance(path, Path) and path.within(inbox)


def is_settled(ctx: typer.Context, parameter: str) -> bool:
    """Whether the value of a parameter of a command comes from the settings of the folder."""
    source = ctx.get_parameter_source(parameter)
    return source is not None and source.name == "DEFAULT_MAP"


def check_year(form: "Form", year: int, *, settled: bool = False) -> None:
    """Exit with a message if the form is not used for this year, or if no report can be about it;
    warn if the year is more than one away from the current one. ``settled``: the settings have it,
    for which ``init`` has warned.
    """
    if not 2000 <= year <= 2100:
        fail(f"--year {year}：报告年度应在 2000 至 2100 之间，如 2025。")
    now = today().year
    if abs(year - now) > 1 and not settled:
        warn(f"--year {year}：今年是 {now} 年，请核对年度有没有写错。")
    first, last = form.years
    if not first <= year <= last:
        span = f"{first} 年及以后" if last == 9999 else f"{first} 至 {last} 年"
        fail(f"--year {year}：{form.name} 用于 {span}的报告。")


def check_dated(summary: "Summary", inbox: "Location") -> None:
    """Exit with a message if nothing in the inbox says which year it is about."""
    if not summary.year and not summary.documents:
        fail(f"收件夹 {inbox} 是空的：请把收到的文件存进去；确要汇总的，用 --year 指明年度。")
    if not summary.year:
        fail(f"{inbox} 中没有一份报表写明年度；请核对收件夹，或用 --year 指明年度。")


def check_lock(password: str) -> None:
    """Exit with a message if Excel cannot protect a sheet with this password."""
    from xltools.excel.book import MAX_PASSWORD

    if password and not (password.isascii() and len(password) <= MAX_PASSWORD):
        fail(f"--lock-password：至多 {MAX_PASSWORD} 个英文字母、数字或符号。")
