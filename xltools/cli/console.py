"""Talking to a terminal that may be a Chinese Windows console, a pipe or a file."""

import os
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import typer

CLEAN, OPEN, USAGE, INTERRUPTED = 0, 1, 2, 130
PATIENCE = 5  # seconds after which it is said again how far the work has got


def prepare() -> None:
    """Let no output fail for a character that the console does not have."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def say(text: str = "") -> None:
    """One line to standard output."""
    typer.echo(text)


def folded(text: str, head: str, indent: str, width: int = 79) -> Iterator[str]:
    """A text after a head, broken into lines of ``width`` columns; further ones are indented.

    A Chinese character is two columns wide. A head that fills most of a line stands alone.
    """
    line, used = head, _columns(head)
    if used + min(_columns(text), 8) > width:
        yield line.rstrip()
        line, used = indent, len(indent)
    for char in text:
        wide = _columns(char)
        if used + wide > width:
            yield line.rstrip()
            line, used = indent, len(indent)
        line, used = line + char, used + wide
    yield line.rstrip()


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def warn(text: str) -> None:
    """One line to standard error."""
    typer.echo(text, err=True)


def fail(text: str) -> NoReturn:
    """Say what is wrong and end as a usage error."""
    warn(text)
    raise typer.Exit(USAGE)


@contextmanager
def expected_errors() -> Iterator[None]:
    """Turn what a caller can get wrong into one message and exit status 2."""
    from xltools.model.errors import XltoolsError, refusal

    try:
        yield
    except XltoolsError as error:
        fail(str(error))
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(OPEN) from None
    except KeyboardInterrupt:
        warn("已中断：没有写完的都不保留，已经写出的文件是完整的。")
        raise typer.Exit(INTERRUPTED) from None
    except OSError as error:
        where = f"{error.filename}：" if error.filename else ""
        fail(f"无法读写 {where}{refusal(error)}")


def write_json(path: Path, data: object) -> None:
    """Write data as JSON, whole or not at all; ``-`` is standard output."""
    import json

    from xltools.model.files import put

    text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    if str(path) == "-":
        say(text.rstrip("\n"))
    else:
        put(path, text.encode(), keep=False)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int, str], None]]:
    """A bar on a terminal, elsewhere a line for every hundred files and after a while of silence.

    ``what`` is done to each file.
    """
    if not sys.stderr.isatty():
        last = time.monotonic()

        def line(done: int, total: int, name: str) -> None:
            nonlocal last
            if done % 100 == 0 or done == total or time.monotonic() - last > PATIENCE:
                warn(f"{what} {done}/{total}")
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

        def step(done: int, total: int, name: str) -> None:
            bar.update(task, completed=done, total=total, n=name[-40:])

        yield step
