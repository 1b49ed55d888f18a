"""The commands for what goes out: ``roster new``, ``previous new``, ``generate``, ``reply`` and
``report``.
"""

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
    check_decisions,
    decisions_file,
    followed,
    job_of,
    last_year,
    on_years,
    shelf_of,
)
from xltools.cli.options import (
    AddressOption,
    ContactOption,
    DeadlineOption,
    DecisionsOption,
    FormerOption,
    FormOption,
    InboxArgument,
    LimitOption,
    NoCacheOption,
    OfficeOption,
    OptionalRosterOption,
    PasswordOption,
    PreviousOption,
    RosterOption,
    SignatureOption,
    TelephoneOption,
    WorkersOption,
    YearOption,
    argument,
    check_dated,
    check_former,
    check_inbox,
    check_lock,
    check_outside,
    check_present,
    check_writable,
    check_year,
    collector_of,
    is_settled,
    option,
)
from xltools.cli.settled import kept_as, shown
from xltools.settings.fields import FORM, SETTINGS

if TYPE_CHECKING:
    from xltools.reply.run import Letter, Reply

OUTBOX, CORRECTIONS = (Path(SETTINGS[name].default) for name in ("outbox", "corrections"))

roster_app = typer.Typer(help="单位名录。 / The roster of units.", no_args_is_help=True)
previous_app = typer.Typer(help="上年数据。 / Last year's figures.", no_args_is_help=True)


@roster_app.command("new")
def new_roster(
    file: Annotated[Path, typer.Argument(help="要新建的名录 / file to write (.xlsx)")],
) -> None:
    """新建一份空的单位名录（带填写说明和下拉框）。 / Write an empty roster."""
    from xltools.ledgers.roster_blank import write_blank

    with expected_errors():
        if file.exists():
            fail(f"{file} 已存在，未覆盖。请换一个文件名。")
        if file.suffix.lower() != ".xlsx":
            fail(f"{file}：名录是 Excel 文件，文件名请以 .xlsx 结尾。")
        write_blank(file)
        say(f"已写入 {file}。填好“单位名录”页后运行：xltools generate {file} --year 年度")


@previous_app.command("new")
def new_previous(
    file: Annotated[Path, typer.Argument(help="要新建的上年数据表 / file to write (.xlsx)")],
    roster: OptionalRosterOption = None,
    form: FormOption = FORM,
) -> None:
    """新建一份空的上年数据表（没有上年汇总表时用）。 / Write an empty table of last year."""
    from xltools.forms.declaration import load
    from xltools.ledgers.previous import write_blank
    from xltools.ledgers.roster import load as load_roster

    with expected_errors():
        if file.exists():
            fail(f"{file} 已存在，未覆盖。请换一个文件名。")
        units = load_roster(roster).units if roster is not None else ()
        declared = load(form)
        if not declared.priors:
            fail(f"{declared.name} 没有与上年比较的勾稽关系，用不着上年数据。")
        write_blank(file, declared, units)
        say(f"已写入 {file}。填好后用于：xltools generate … --previous {file}")


def generate(
    ctx: typer.Context,
    roster: Annotated[Path, argument("roster", "ROSTER", "单位名录（.xlsx 或 .csv） / roster")],
    year: Annotated[int, option("year", min=2000, max=2100)],
    out: Annotated[Path, option("outbox")] = OUTBOX,
    form: FormOption = FORM,
    previous: PreviousOption = None,
    lock_password: Annotated[
        str, typer.Option("--lock-password", help="工作表保护密码，至多 15 个字母数字；默认随机")
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="覆盖已存在的模板")] = False,
    mail: Annotated[
        bool, typer.Option("--mail", help="同时写好下发的邮件草稿，附上模板；不发送")
    ] = False,
    deadline: DeadlineOption = "",
    office: OfficeOption = "",
    contact: ContactOption = "",
    telephone: TelephoneOption = "",
    address: AddressOption = "",
    signature: SignatureOption = "",
    former: FormerOption = None,
    no_cache: NoCacheOption = False,
) -> None:
    """为名录中的每个单位生成一份填报模板。 / Write a locked workbook for each unit."""
    from xltools.forms.declaration import load
    from xltools.layout.places import lay_out
    from xltools.ledgers.roster import load as load_roster
    from xltools.model.numbers import show
    from xltools.reply.mailing import write_mailing
    from xltools.reply.run import FORMER
    from xltools.template.outbox import Fate, fill_outbox

    with expected_errors():
        check_lock(lock_password)
        check_writable("--out", out, folder=True)
        check_former(former)
        collector = collector_of(
            deadline=deadline, office=office, contact=contact, telephone=telephone,
            address=address, signature=signature,
        )  # fmt: skip
        declared = load(form)
        check_year(declared, year, settled=is_settled(ctx, "year"))
        units = load_roster(roster)
        layout, before = lay_out(declared), None
        if previous is not None:
            before = last_year(
                previous, layout, roster=units, year=year - 1, shelf=shelf_of(no_cache=no_cache)
            )
        with progress("已生成") as step:
            outbox = fill_outbox(
                layout, units, year=year, out=out, previous=before, collector=collector,
                password=lock_password, force=force, former=former, progress=step,
            )  # fmt: skip
        count = {fate: [m for m in outbox.workbooks if m.fate is fate] for fate in Fate}
        say(f"写入 {len(count[Fate.WRITTEN])} 份模板，{len(count[Fate.SAME])} 份原样未变：{out}")
        say(f"发放清单：{outbox.listing}")
        if outbox.listing_kept is not None:
            say(f"原来的发放清单已改名保留：{kept_as(outbox.listing_kept, out)}")
        if mail:
            aside = former or out / FORMER
            mailing = write_mailing(
                layout, units, outbox, year, collector=collector, former=aside
            )  # fmt: skip
            say(f"邮件草稿 {len(mailing.drafts)} 封，在 {out}，看过再发。")
            if mailing.former:
                say(f"以前写的 {len(mailing.former)} 封已移到 {shown(aside)}。")
            if mailing.silent:
                names = "、".join(unit.name for unit in mailing.silent)
                warn(f"没有邮箱、草稿中未写收件人：{names}")
        carried = [declared.items[i] for i in declared.carried]
        if before is None and carried:
            label = carried[0].rows[-1] if carried[0].rows else carried[0].label
            warn(
                f"没有上年数据（--previous）：“{label}”等 {len(carried)} 项没有预填，填报时也不能"
                "与上年核对；没有上年汇总表的，可用 xltools previous new 填一份，加 --force 重做。"
            )
        if outbox.bare:
            warn(
                f"上年数据中没有以下 {len(outbox.bare)} 个单位，没有预填：{'、'.join(outbox.bare)}"
            )
        for name, total in outbox.unclaimed:
            warn(
                f"上年数据中“{name}”的结转数 {show(total)}，名录中没有单位承接（可填“前身单位”）。"
            )
        kept = count[Fate.KEPT]
        if kept:
            warn(f"以下 {len(kept)} 份已存在且内容不同，未覆盖（确要重新生成请加 --force）：")
            for template in kept:
                warn(f"  {template.path.name}")
        raise typer.Exit(OPEN if kept or outbox.unclaimed else CLEAN)


def reply(
    ctx: typer.Context,
    inbox: InboxArgument,
    roster: RosterOption,
    out: Annotated[Path, option("corrections")] = CORRECTIONS,
    year: YearOption = 0,
    previous: PreviousOption = None,
    decisions: DecisionsOption = None,
    outbox: Annotated[
        Path, option("outbox", "下发模板的文件夹，更正表沿用其中的保护密码", "--outbox")
    ] = OUTBOX,
    former: FormerOption = None,
    deadline: DeadlineOption = "",
    office: OfficeOption = "",
    contact: ContactOption = "",
    telephone: TelephoneOption = "",
    address: AddressOption = "",
    signature: SignatureOption = "",
    lock_password: Annotated[
        str, typer.Option("--lock-password", help="工作表保护密码，至多 15 个字母数字")
    ] = "",
    password: PasswordOption = None,
    limit: LimitOption = None,
    form: FormOption = FORM,
    workers: WorkersOption = None,
    no_cache: NoCacheOption = False,
) -> None:
    """给有问题的单位写更正表和邮件草稿，给未报的单位写催报草稿；不发送。 / Draft what goes back.

    Write a correction workbook and a draft mail for each unit with open findings, and a reminder
    for each missing one; nothing is sent.

    退出码 / exit status：0 没有要处理的；1 有写好的邮件，或有须由汇总人处理的；2 用法错误。
    """
    from xltools.identify.identify import suspicion
    from xltools.model.findings import Words
    from xltools.model.wording import in_words
    from xltools.reply.run import reply as write
    from xltools.steps import collect as run

    with expected_errors():
        check_inbox(inbox)
        check_outside(inbox, "--out", out)
        check_writable("--out", out, folder=True)
        check_lock(lock_password)
        check_former(former, inbox)
        check_decisions(decisions, ctx)
        collector = collector_of(
            deadline=deadline, office=office, contact=contact, telephone=telephone,
            address=address, signature=signature, replies=True,
        )  # fmt: skip
        ledger = decisions_file(decisions, roster)
        job = job_of(
            ctx, inbox, form, roster, year=year, previous=previous, ledger=ledger,
            workers=workers, passwords=password, limits=limit,
            no_cache=no_cache,
        )  # fmt: skip
        if line := followed(ledger, job):
            say(line)
        with progress("已读") as step:
            summary = run(job, step)
        check_dated(summary, inbox)
        if doubt := in_words(suspicion(summary)):
            warn(f"{doubt}核对之前，下面的草稿先不要发。")
        for note in on_years(summary):
            warn(note)
        with progress("已写") as step:
            drafts = write(
                job, summary, out, outbox=outbox, collector=collector, password=lock_password,
                former=former, progress=step,
            )  # fmt: skip
        _tell(drafts, out)
        for finding in summary.findings:
            if finding.open and not finding.path:  # others are listed with their documents
                warn(f"{finding.unit}：{Words.of(summary.form).message(finding)}")
        raise typer.Exit(OPEN if drafts.letters or drafts.left else CLEAN)


def _tell(drafts: "Reply", out: Path) -> None:
    """Say what was written: which units get a letter and what it asks of them, which documents are
    left to the coordinator, and where the files are.
    """
    from xltools.model.findings import catalogue
    from xltools.reply.mail import ReplyKind

    if not drafts.letters:
        say("没有要更正、说明或催报的单位。")
    for kind in ReplyKind:
        chosen = [letter for letter in drafts.letters if letter.addressee.kind is kind]
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
    silent = [letter.addressee.unit.name for letter in drafts.letters if not letter.to]
    if silent:
        warn(f"没有邮箱、草稿中未写收件人：{'、'.join(silent)}")


def _held(names: tuple[str, ...]) -> str:
    """A clause saying that these units got no reminder because a document may be theirs; empty for
    no units.
    """
    return f"；可能是{'、'.join(names)}的，没有催报" if names else ""


def _line(letter: "Letter") -> str:
    """A letter on one line: its unit and what it asks."""
    from xltools.reply.mail import ReplyKind

    counts = ((letter.mend, "更正"), (letter.explain, "说明"))
    correction = letter.addressee.kind is ReplyKind.CORRECTION
    parts = [f"{word} {n} 项" for n, word in counts if n and correction]
    parts += [f"未能填入 {letter.lost} 处"] if letter.lost else []
    asked = f"（{'，'.join(parts)}）" if parts else ""
    return f"{letter.addressee.unit.name}{asked} → {'、'.join(letter.to) or '没有邮箱'}"


def report(
    ctx: typer.Context,
    file: Annotated[
        Path, argument("summary", "FILE", "填好的报表，或汇总表 / a return or a summary")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="年度报告（.docx）；默认按标题命名")
    ] = None,
    unit: Annotated[str, option("agency", "行政机关全称；汇总表必填")] = "",
    date: Annotated[str, typer.Option("--date", help="落款日期，如 2026年1月20日")] = "",
    previous: Annotated[
        Path | None, option("previous", "上年汇总表或上年数据表，用来写比上年增减")
    ] = None,
    former: FormerOption = None,
    password: PasswordOption = None,
    form: FormOption = FORM,
) -> None:
    """写出公文格式的年度报告。 / Write the annual report as a Word document.

    没有文字的部分按数据起草一句，标黄待补充。

    退出码 / exit status：0 已写齐；1 有待补充的文字或要更正的数字；2 用法错误。
    """
    from xltools.forms.declaration import load
    from xltools.layout.places import lay_out
    from xltools.model.files import put
    from xltools.report.content import paper_of
    from xltools.report.word import build

    with expected_errors():
        if is_settled(ctx, "file") and not file.exists():
            fail(f"还没有汇总表 {file}：请先运行 xltools collect。")
        check_present([file])
        if out is not None and out.suffix.lower() != ".docx":
            fail(f"--out {out}：年度报告是 Word 文件，文件名请以 .docx 结尾。")
        check_writable("--out", out)
        check_former(former)
        layout = lay_out(load(form))
        before = last_year(previous, layout, roster=None, year=0) if previous is not None else None
        paper = paper_of(
            layout, file, agency=unit, day=date, previous=before,
            passwords=tuple(password or ()),
        )  # fmt: skip
        name = f"{paper.agency}{paper.year}年{layout.form.title}.docx".replace("/", "_")
        placed = put(out or Path(name), build(layout, paper), former=former)
        empty = [t.label for t in layout.form.texts if not paper.texts.get(t.name, "").strip()]
        if placed.beside:
            warn(f"原文件正被其他程序打开，未能替换；另存为：{placed.path}")
        else:
            say(f"年度报告：{placed.path}")
        if placed.kept is not None:
            say(f"原来的文件已改名保留：{kept_as(placed.kept, placed.path.parent)}")
        if paper.wrong:
            warn(f"有 {paper.wrong} 处必须更正（见 xltools check {file}），报告照现有数字写出。")
        if empty:
            say(f"标黄待补充 {len(empty)} 处：{'、'.join(empty)}")
        raise typer.Exit(OPEN if empty or paper.wrong else CLEAN)
