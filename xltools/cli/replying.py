"""What goes back: ``reply``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xltools.cli.console import (
    CLEAN,
    OPEN,
    expected_errors,
    progress,
    say,
    warn,
)
from xltools.cli.options import (
    FORM,
    FolderOption,
    FormOption,
    InboxArgument,
    LimitOption,
    PasswordOption,
    WorkersOption,
    YearOption,
    check_dated,
    check_decisions,
    check_inbox,
    check_lock,
    check_outside,
    check_writable,
    decisions_file,
    followed,
    job_of,
)

if TYPE_CHECKING:
    from xltools.reply.run import Letter, Reply


def reply(
    inbox: InboxArgument,
    roster: Annotated[Path, typer.Option("--roster", help="单位名录 / roster")],
    out: Annotated[Path, typer.Option("--out", help="存放更正表和邮件草稿的文件夹")] = Path(
        "corrections"
    ),
    year: YearOption = 0,
    previous: FolderOption = None,
    decisions: Annotated[
        Path | None, typer.Option("--decisions", help="决定表；默认用名录旁的 decisions.xlsx")
    ] = None,
    outbox: Annotated[
        Path, typer.Option("--outbox", help="下发模板的文件夹，更正表沿用其中的保护密码")
    ] = Path("outbox"),
    lock_password: Annotated[
        str, typer.Option("--lock-password", help="工作表保护密码，至多 15 个字母数字")
    ] = "",
    password: PasswordOption = None,
    limit: LimitOption = None,
    form: FormOption = FORM,
    workers: WorkersOption = 1,
) -> None:
    """给有问题的单位写更正表和邮件草稿，给未报的单位写催报草稿；不发送。 / Draft what goes back.

    Write a correction workbook and a draft mail for each unit with open findings, and a reminder
    for each missing one; nothing is sent.

    退出码 / exit status：0 没有要处理的；1 有写好的邮件，或有须由汇总人处理的；2 用法错误。
    """
    from xltools.identify.identify import suspicion
    from xltools.model.findings import Words
    from xltools.reply.run import reply as write
    from xltools.steps import collect as run

    with expected_errors():
        check_inbox(inbox)
        check_outside(inbox, "--out", out)
        check_writable("--out", out, folder=True)
        check_lock(lock_password)
        check_decisions(decisions)
        ledger = decisions_file(decisions, roster)
        job = job_of(
            inbox, form, roster, year=year, previous=previous, ledger=ledger,
            workers=workers, passwords=password, limits=limit,
        )  # fmt: skip
        if line := followed(ledger, job):
            say(line)
        with progress("已读") as step:
            summary = run(job, step)
        check_dated(summary, inbox)
        if doubt := suspicion(summary):
            warn(f"{doubt}核对之前，下面的草稿先不要发。")
        with progress("已写") as step:
            drafts = write(job, summary, out, outbox=outbox, password=lock_password, progress=step)
        _tell(drafts, out)
        for finding in summary.findings:
            if finding.open and not finding.path:  # those of a document are listed with it
                warn(f"{finding.unit}：{Words.of(summary.form).message(finding)}")
        raise typer.Exit(OPEN if drafts.letters or drafts.left else CLEAN)


def _tell(drafts: "Reply", out: Path) -> None:
    """更正清单: of whom what."""
    from xltools.model.findings import catalogue
    from xltools.reply.mail import ReplyKind

    if not drafts.letters:
        say("没有要更正、说明或催报的单位。")
    for kind in ReplyKind:
        chosen = [letter for letter in drafts.letters if letter.case.kind is kind]
        if chosen:
            say(f"{kind.value} {len(chosen)} 个单位：")
        for letter in chosen:
            say(f"  {_line(letter)}")
    if drafts.left:
        say(f"须由汇总人处理 {len(drafts.left)} 份：")
    for left in drafts.left:
        why = "、".join(f"{code} {catalogue()[code].meaning}" for code in left.codes)
        say(f"  {left.document.path}：{why}{_held(left.held)}")
    if drafts.letters:
        say(f"邮件草稿和更正表在 {out}，看过再发；一览：{drafts.listing}")
    if drafts.former:
        say(f"以前写的 {len(drafts.former)} 个文件已移到 {drafts.former[0].parent}。")
    silent = [letter.case.unit.name for letter in drafts.letters if not letter.to]
    if silent:
        warn(f"没有邮箱、草稿中未写收件人：{'、'.join(silent)}")


def _held(names: tuple[str, ...]) -> str:
    """That units were not reminded, since a document may be theirs."""
    return f"；可能是{'、'.join(names)}的，没有催报" if names else ""


def _line(letter: "Letter") -> str:
    from xltools.reply.mail import ReplyKind

    counts = ((letter.mend, "更正"), (letter.explain, "说明"))
    correction = letter.case.kind is ReplyKind.CORRECTION
    parts = [f"{word} {n} 项" for n, word in counts if n and correction]
    parts += [f"未能填入 {letter.lost} 处"] if letter.lost else []
    asked = f"（{'，'.join(parts)}）" if parts else ""
    return f"{letter.case.unit.name}{asked} → {'、'.join(letter.to) or '没有邮箱'}"
