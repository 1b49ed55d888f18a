"""The command ``decide``, which records decisions of the coordinator."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from xltools.cli.jobs import (
    DECISIONS,
    job_of,
    on_years,
)
from xltools.cli.options import (
    DecisionsOption,
    FormerOption,
    FormOption,
    InboxArgument,
    LimitOption,
    NoCacheOption,
    PasswordOption,
    PreviousOption,
    RosterOption,
    WorkersOption,
    YearOption,
    check_former,
    check_inbox,
    check_writable,
    today,
)
from xltools.cli.settled import kept_as
from xltools.settings.fields import FORM

if TYPE_CHECKING:
    from xltools.model.summary import Summary

Words = list[str] | None


def decide(
    ctx: typer.Context,
    inbox: InboxArgument,
    roster: RosterOption,
    decisions: DecisionsOption = None,
    accept: Annotated[
        Words, typer.Option("--accept", metavar="'单位 编码 [单元格]'", help="认可问题，可多次")
    ] = None,
    correct: Annotated[
        Words, typer.Option("--set", metavar="'单位 数据项=新值'", help="更正数据，可多次")
    ] = None,
    excuse: Annotated[Words, typer.Option("--excuse", metavar="单位", help="无需报送")] = None,
    match: Annotated[Words, typer.Option("--match", metavar="名称=单位", help="名称对应")] = None,
    choose: Annotated[Words, typer.Option("--choose", metavar="单位=文件", help="选用报表")] = None,
    combine: Annotated[
        Words, typer.Option("--combine", metavar="单位=文件1+文件2", help="拼合报表")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="作出这些决定的原因")] = "",
    by: Annotated[str, typer.Option("--by", help="决定人；默认为登录名", show_default=False)] = "",
    year: YearOption = 0,
    previous: PreviousOption = None,
    password: PasswordOption = None,
    limit: LimitOption = None,
    form: FormOption = FORM,
    former: FormerOption = None,
    workers: WorkersOption = None,
    no_cache: NoCacheOption = False,
) -> None:
    """记录经办人的决定，更新决定表的“待定”和“状况”。 / Record decisions, update their file.

    不带决定的选项时只更新。退出码同 collect。 / Exit status as that of collect.
    """
    from xltools.ledgers.decisions import given
    from xltools.model.decisions import DecisionKind
    from xltools.steps import collect as run

    with expected_errors():
        check_inbox(inbox)
        file = decisions or roster.parent / DECISIONS
        if file.suffix.lower() != ".xlsx":
            fail(f"--decisions {file}：决定表是 Excel 文件，文件名请以 .xlsx 结尾。")
        check_writable("--decisions", file)
        check_former(former, inbox)
        options = {
            DecisionKind.ACCEPT: accept, DecisionKind.CORRECT: correct, DecisionKind.EXCUSE: excuse,
            DecisionKind.MATCH: match, DecisionKind.CHOOSE: choose, DecisionKind.COMBINE: combine,
        }  # fmt: skip
        words = [(kind, text) for kind, texts in options.items() for text in texts or ()]
        if words and not reason.strip():
            fail("作决定要写明原因：--reason 原因")
        job = job_of(
            ctx, inbox, form, roster, year=year, previous=previous, ledger=file,
            workers=workers, passwords=password, limits=limit,
            no_cache=no_cache,
        )  # fmt: skip
        day = today().isoformat()
        new = given(words, job.layout, job.roster, reason=reason, by=by or _login(), date=day)
        job = replace(job, decisions=replace(job.decisions, all=(*job.decisions.all, *new)))
        with progress("已读") as step:
            summary = run(job, step)
        for note in on_years(summary):
            warn(note)
        _refuse(summary)
        _write(file, summary, day, former)
        raise typer.Exit(CLEAN if summary.clean else OPEN)


def _write(file: Path, summary: "Summary", day: str, former: Path | None) -> None:
    """Bring the file of decisions up to date. Print what became of each new decision and of each
    one that does not hold, and how many decisions and open matters there are. ``day``: the current
    date in ISO 8601; ``former``: the folder for the file as it was, None for its own.
    """
    from xltools.ledgers.decisions_file import updated
    from xltools.model.decisions import DecisionStanding
    from xltools.model.files import put

    data = updated(file, summary, day)
    for applied in summary.decisions:
        if not applied.decision.row or applied.standing is not DecisionStanding.HOLDS:
            say(f"{applied.decision.label}：{applied.words}")
    counts = f"{len(summary.decisions)} 条决定，{len(summary.matters)} 项待定（见其“待定”页）"
    if data is None:
        say(f"{file}：{counts}，没有变化。")
        return
    placed = put(file, data, former=former)
    if placed.beside:
        warn(f"{file} 正被其他程序打开，未能替换；请关闭后把这一份改回原名：{placed.path}")
    say(f"{placed.path}：{counts}。")
    if placed.kept is not None:
        say(f"原来的决定表已改名保留：{kept_as(placed.kept, file.parent)}")


def _refuse(summary: "Summary") -> None:
    """Exit with a message if one of the decisions just given does not hold; nothing is recorded in
    that case.
    """
    from xltools.model.decisions import DecisionStanding

    lines = []
    for applied in summary.decisions:
        decision = applied.decision
        if decision.row or applied.standing is DecisionStanding.HOLDS:
            continue
        lines.append(f"  {decision.label}：{applied.words}")
        near = [m.target for m in summary.matters if m.unit == decision.unit and m.target]
        if near:
            lines.append(f"    该单位待定的有：{'、'.join(near[:6])}")
    if lines:
        fail("\n".join(["以下决定没有记录：", *lines]))


def _login() -> str:
    """The name of the user who is logged in; empty if the system does not know it."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
