"""The console script with all its commands, from its start to its exit status."""

import signal
import sys
from types import FrameType
from typing import Final, NoReturn

import typer

from xltools.cli import collecting, deciding, forms, keeping, outgoing, reading, starting
from xltools.cli.console import INTERRUPTED, USAGE, of_parser, prepare, warn
from xltools.cli.settled import settle

app = typer.Typer(
    name="xltools",
    help="政府信息公开年报等官方统计表：下发模板、收齐核对、汇总成表。\n\n"
    "Templates out, returns in, checked and merged into one summary workbook.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("init")(starting.init)
app.add_typer(forms.app, name="form")
app.add_typer(outgoing.roster_app, name="roster")
app.add_typer(outgoing.previous_app, name="previous")
app.command("generate")(outgoing.generate)
app.command("collect")(collecting.collect)
app.command("decide")(deciding.decide)
app.command("check")(collecting.check)
app.command("rules")(forms.rules)
app.command("read")(reading.read)
app.command("reply")(outgoing.reply)
app.command("diff")(reading.diff)
app.command("report")(outgoing.report)
app.add_typer(keeping.app, name="cache")


@app.callback(invoke_without_command=True)
def version(
    ctx: typer.Context,
    show: bool = typer.Option(False, "--version", help="显示版本 / show the version"),
) -> None:
    """Common to all commands: the version, and what the settings of the folder say."""
    if show:
        from xltools.version import __version__

        typer.echo(f"xltools {__version__}")
        raise typer.Exit
    settle(ctx)


def run() -> int:
    """Run the command given by the arguments of the process, and return its exit status."""
    prepare()
    try:
        status = app(standalone_mode=False)
    except typer.Abort:
        return INTERRUPTED
    except Exception as error:
        # The parser's own errors, from whatever library typer uses for parsing.
        message, ctx = getattr(error, "format_message", None), getattr(error, "ctx", None)
        if message is None:
            raise
        if type(error).__name__ == "NoArgsIsHelpError":
            warn(message())
        else:
            warn(of_parser(message()))
            if ctx is not None:
                warn(f"用法见：{ctx.command_path} --help")
        return int(getattr(error, "exit_code", USAGE))
    return status if isinstance(status, int) else 0


_INTERRUPTED: Final = 130  # as in shells: 128 plus the number of the signal


def main() -> NoReturn:
    """Run the command and end the process with its exit status.

    Ctrl-C is heeded once, at any moment before the status is known; the status is then 130, or that
    of the command if it was already done. After that SIGINT is ignored while the interpreter shuts
    down, because a signal at that time would end the process with another status.
    """
    signal.signal(signal.SIGINT, _interrupt)
    try:
        try:
            status = run()
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
    except KeyboardInterrupt:
        status = _INTERRUPTED
    sys.exit(status)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """Raise KeyboardInterrupt, and ignore any further Ctrl-C while the command cleans up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt
