"""Output to a terminal that may be a Chinese Windows console, a pipe or a file: messages, errors,
progress, and a summary in words.
"""

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import IO, TYPE_CHECKING, Final, NoReturn

import typer

from xltools.model.text import columns, wrapped

if TYPE_CHECKING:
    from xltools.model.summary import Summary
    from xltools.storage.remote import Location

CLEAN, OPEN, USAGE, INTERRUPTED = 0, 1, 2, 130
PATIENCE = 5  # seconds of silence after which the progress is shown again


def prepare() -> None:
    """Make standard output and standard error replace characters that the console cannot show,
    instead of failing.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def say(text: str = "") -> None:
    """Print one line to standard output."""
    typer.echo(text)


def folded(text: str, head: str, indent: str, width: int = 79) -> Iterator[str]:
    """Break a text into lines of at most ``width`` columns; the first begins with ``head``, the
    others with ``indent``.

    A Chinese character takes two columns. A head that leaves too little room gets a line of its
    own.
    """
    if columns(head) + min(columns(text), 8) > width:
        yield head.rstrip()
        head = indent
    yield from wrapped(text, width, head=head, indent=indent)


def warn(text: str) -> None:
    """Print one line to standard error."""
    typer.echo(text, err=True)


def fail(text: str) -> NoReturn:
    """Print what is wrong to standard error and exit with the status of a usage error (2)."""
    warn(text)
    raise typer.Exit(USAGE)


def why_refused(error: OSError) -> str:
    """Why the system refuses something, in Chinese."""
    from xltools.model.errors import refusal
    from xltools.model.wording import in_words

    return in_words(refusal(error))


@contextmanager
def expected_errors() -> Iterator[None]:
    """Turn the errors that a user can cause into one message and an exit status: 2, but 130 after
    Ctrl-C and 1 if the program that reads our output has ended.
    """
    from xltools.model.errors import XltoolsError

    try:
        yield
    except XltoolsError as error:
        fail(str(error))
    except BrokenPipeError:
        # The program that reads our output has ended; discard the rest, also at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(OPEN) from None
    except KeyboardInterrupt:
        warn("已中断：没有写完的都不保留，已经写出的文件是完整的。")
        raise typer.Exit(INTERRUPTED) from None
    except OSError as error:
        where = f"{error.filename}：" if error.filename else ""
        fail(f"无法读写 {where}{why_refused(error)}")


def write_json(path: "Location", data: object) -> None:
    """Write data as JSON to a file, which is never left half written; the path ``-`` means standard
    output.
    """
    from xltools.output.json_text import json_pieces
    from xltools.storage.outputs import write_pieces

    if str(path) == "-":
        for piece in json_pieces(data):
            typer.echo(piece, nl=False)
        say()
        return

    def write(file: IO[bytes]) -> None:
        for piece in json_pieces(data):
            file.write(piece.encode())
        file.write(b"\n")

    write_pieces(path, write, keep=False)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int, str], None]]:
    """Show how far a job has come, on standard error: by a bar on a terminal, else by a line for
    every hundred files and after some seconds of silence.

    Yields the function to be called after each file, with the number of files finished, how many
    there are, and the file's name. ``what``: a word for what is done to each file.
    """
    if not sys.stderr.isatty():
        last = time.monotonic()

        def line(finished: int, total: int, name: str) -> None:
            nonlocal last
            if finished % 100 == 0 or finished == total or time.monotonic() - last > PATIENCE:
                warn(f"{what} {finished}/{total}")
                last = time.monotonic()

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[n]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, n="")

        def step(finished: int, total: int, name: str) -> None:
            bar.update(task, completed=finished, total=total, n=name[-40:])

        yield step


def _settled(parameter: str) -> str:
    """What to add where a parameter is missing that the settings of a year's folder may give."""
    from xltools.settings.fields import SETTINGS

    options = {setting.option.split()[-1] for setting in SETTINGS.values()} | {"ROSTER", "FILE"}
    if parameter not in options:
        return ""
    return "在年度文件夹（用 xltools init 建立）里运行可以不写。"


_Say = Callable[[re.Match[str]], str]
_PARSER: tuple[tuple[str, _Say], ...] = (
    (r"Missing option '(.+?)'", lambda m: f"缺少选项 {m[1]}。{_settled(m[1])}"),
    (r"Missing argument '(.+?)'", lambda m: f"缺少 {m[1]}。{_settled(m[1])}"),
    (r"No such command '(.+?)'", lambda m: f"没有 {m[1]} 这个命令。"),
    (r"No such option: (\S+)", lambda m: f"没有 {m[1]} 这个选项。"),
    (r"Option '(.+?)' requires an argument", lambda m: f"选项 {m[1]} 后面没有写值。"),
    (r"Option '(.+?)' does not take a value", lambda m: f"选项 {m[1]} 后面不写值。"),
    (
        r"Got unexpected extra arguments? ?(?:\(s\) )?\((.+)\)",
        lambda m: f"多出了 {m[1]}；名称里有空格的，请加引号。",
    ),
    (
        r"Invalid value for '(.+?)': .*greater than or equal to (\S+)",
        lambda m: f"{m[1]} 不能小于 {m[2]}。",
    ),
    (
        r"Invalid value for '(.+?)': .*less than or equal to (\S+)",
        lambda m: f"{m[1]} 不能大于 {m[2]}。",
    ),
    (
        r"Invalid value for '(.+?)': .*not in the range (\S+?)\.?$",
        lambda m: f"{m[1]} 应在这个范围内：{m[2]}。",
    ),
    (r"Invalid value for '(.+?)': .*integer", lambda m: f"{m[1]} 后面要写整数。"),
    (r"Invalid value for '(.+?)'", lambda m: f"{m[1]} 的值不对。"),
)


def of_parser(message: str) -> str:
    """Translate a message of the option parser into Chinese; a message that is not known is
    returned as it is.
    """
    for pattern, say in _PARSER:
        if match := re.search(pattern, message, re.DOTALL):
            return say(match)
    return message


SHOWN: Final = 20  # findings shown on the terminal; the workbook has all of them


def tell(summary: "Summary") -> None:
    """Print the result in a few lines: the number of documents by outcome, the missing units, the
    documents sent back, and open findings.
    """
    from xltools.model.summary import OUTCOMES, Outcome
    from xltools.output.data import counts

    numbers = counts(summary)
    parts = "，".join(f"{OUTCOMES[o]} {numbers[o.value]}" for o in Outcome)
    say(f"{summary.year} 年度，共收到 {numbers['received']} 个文件：{parts}。")
    if summary.roster is not None:
        say(f"应报 {summary.expected} 个单位，已汇总 {summary.covered} 个。")
    if summary.missing:
        say(f"未报 {len(summary.missing)} 个：{'、'.join(summary.missing)}")
    if settled := sum(bool(f.decision) for f in summary.findings):
        say(f"已认可的问题 {settled} 条（见汇总表“决定”页）。")
    for document in summary.documents:
        if document.outcome in (Outcome.REJECTED, Outcome.UNREADABLE):
            say(f"{OUTCOMES[document.outcome]}：{document.path}")
    tell_findings(summary, everything=False)


def tell_refused(summary: "Summary", names: frozenset[str]) -> None:
    """Say for each unit given to --accept why it is not merged, if it is not."""
    from xltools.model.findings import acceptable
    from xltools.model.form import Severity

    merged = {entry.unit.name for entry in summary.entries}
    for name in sorted(names):
        unit = summary.roster.find(name) if summary.roster is not None else None
        listed = unit.name if unit is not None else name
        codes = {
            f.code
            for f in summary.findings
            if f.unit == listed and f.severity is Severity.FATAL and not acceptable(f)
        }
        if listed not in merged:
            why = f"有不能强制计入的问题（{'、'.join(sorted(codes))}）" if codes else "没有它的报表"
            warn(f"--accept {name}：未计入，{why}。")


def tell_findings(summary: "Summary", *, everything: bool) -> None:
    """Print findings. ``everything``: all of them, those of rules on trial last; otherwise only the
    open ones, at most as many as fit on a screen, and a line about those on trial.
    """
    from xltools.model.findings import TRIAL, Words

    words = Words.of(summary.form)
    tried = [f for f in summary.findings if f.trial]
    chosen = [f for f in summary.findings if f.open or (everything and not f.trial)]
    if chosen and not everything:
        say()
    shown = chosen[: None if everything else SHOWN] + (tried if everything else [])
    for _, alike in groupby(shown, key=lambda f: (f.trial, f.severity, f.code, f.unit, f.path)):
        findings = list(alike)
        finding = findings[0]
        who = finding.unit or finding.path
        itself = finding.unit in ("", who) and who == finding.path
        file = "" if itself else f"（{finding.path}）"
        mark = TRIAL if finding.trial else finding.severity.words
        say(f"[{mark} {finding.code}] {who}{file}")
        if len(findings) == 1:
            say(f"  {words.message(finding)}")
            continue
        for each in findings:
            say(f"  {words.placed(each)}")
        if remedy := words.entry(finding).remedy:
            say(f"  {remedy}")
    if not everything and len(chosen) > SHOWN:
        say(f"…… 共 {len(chosen)} 条待处理，全部见汇总表“问题”页。")
    if tried and not everything:
        units = len({f.unit or f.path for f in tried})
        codes = "、".join(dict.fromkeys(f.code for f in tried))
        say(f"[{TRIAL}] {codes}：{units} 个单位有 {len(tried)} 条，不须处理，见汇总表“问题”页。")
