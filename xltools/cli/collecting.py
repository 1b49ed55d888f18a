"""The commands for what comes in: ``collect`` and ``check``."""

from collections.abc import Iterable
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
    tell,
    tell_findings,
    tell_refused,
    warn,
    write_json,
)
from xltools.cli.jobs import (
    check_decisions,
    decisions_file,
    followed,
    job_of,
    on_years,
)
from xltools.cli.options import (
    DecisionsOption,
    FormerOption,
    FormOption,
    InboxLocation,
    JsonOption,
    LimitOption,
    NoCacheOption,
    OptionalRosterOption,
    PasswordOption,
    PreviousOption,
    SchedulerOption,
    StateOption,
    TidyOption,
    WorkersOption,
    YearOption,
    check_dated,
    check_former,
    check_inbox,
    check_outside,
    check_present,
    check_scheduler,
    check_writable,
    option,
)
from xltools.settings.fields import FORM, SETTINGS

if TYPE_CHECKING:
    from xltools.model.roster import Roster
    from xltools.model.summary import Summary
    from xltools.storage.outputs import Output
    from xltools.storage.remote import Location


NO_ROSTER = (
    "没有单位名录（--roster）：不知道谁没有报、哪份是别处的；单位按表内写的名称算，一个单位写了两种"
    "名称就会算成两个；合并报送、别名、免报的认不出来，也不写催报。新建名录：xltools roster new"
)


def collect(
    ctx: typer.Context,
    inbox: InboxLocation,
    roster: OptionalRosterOption = None,
    year: YearOption = 0,
    out: Annotated[str, option("summary", metavar="FILE")] = SETTINGS["summary"].default,
    previous: PreviousOption = None,
    json: Annotated[
        str | None,
        typer.Option("--json", metavar="FILE", help="同时写出 JSON（- 为标准输出）"),
    ] = None,
    accept: Annotated[
        list[str] | None, typer.Option("--accept", metavar="UNIT", help="有错也计入的单位，可多次")
    ] = None,
    decisions: DecisionsOption = None,
    former: FormerOption = None,
    district: Annotated[str, option("district", "地区名称，写在汇总表的标题里")] = "",
    group: Annotated[str, option("group", "按名录的这一栏分组小计，如：类别、片区")] = "",
    no_contacts: Annotated[
        bool, typer.Option("--no-contacts", help="汇总表和 JSON 中不含联系人、电话、邮箱、发件人")
    ] = False,
    password: PasswordOption = None,
    limit: LimitOption = None,
    form: FormOption = FORM,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    state: StateOption = None,
    tidy: TidyOption = None,
    no_cache: NoCacheOption = False,
) -> None:
    """读取收件夹中的全部报表，核对并汇总成一个工作簿。 / Read, check and merge an inbox.

    退出码 / exit status：0 应报单位全部报齐且无问题；1 有未报、退回、无法读取或待说明的；
    2 用法错误；130 中断。
    """
    from xltools.identify.identify import suspicion
    from xltools.model.wording import in_words
    from xltools.output.data import report
    from xltools.output.summary import write
    from xltools.output.tidy import MOST_UNITS, PARQUET, write_tidy
    from xltools.steps import collect as run
    from xltools.storage.outputs import write_pieces
    from xltools.storage.remote import located, require_extra

    with expected_errors():
        folder, workbook = located(inbox), located(out)
        data = located(json) if json is not None else None
        progress_folder = located(state) if state is not None else None
        detail = located(tidy) if tidy is not None else None
        check_scheduler(scheduler)
        check_inbox(folder)
        _check_outputs(folder, workbook, data)
        for option, written in (("--state", progress_folder), ("--tidy", detail)):
            if written is not None:
                require_extra(option, *PARQUET)
                check_outside(folder, option, written)
                check_writable(option, written, folder=True)
        check_former(former, folder)
        check_decisions(decisions, ctx)
        if group and roster is None:
            fail(f"--group {group}：按名录的栏目分组，要有名录（--roster）。")
        quiet = json == "-"
        ledger = decisions_file(decisions, roster)
        job = job_of(
            ctx, folder, form, roster, year=year, previous=previous, ledger=ledger,
            skip=(workbook, data), workers=workers, passwords=password, limits=limit,
            scheduler=scheduler or "", state=progress_folder, no_cache=no_cache, group=group,
        )  # fmt: skip
        job = replace(job, accept=frozenset(accept or ()))
        _check_accepted(accept or (), job.roster)
        if job.roster is not None and len(job.roster.expected) > MOST_UNITS:
            require_extra(f"汇总 {MOST_UNITS} 个以上的单位", *PARQUET)
        if not quiet and (line := followed(ledger, job)):
            say(line)
        if roster is None:
            warn(NO_ROSTER)
        with progress("已读") as step:
            summary = run(job, step)
        check_dated(summary, folder)
        if doubt := in_words(suspicion(summary)):
            warn(doubt)
        for note in on_years(summary):
            warn(note)
        summary = replace(_with_remarks(summary, workbook), district=district.strip())
        home = workbook.parent
        if not isinstance(home, Path):  # what is on this machine, nobody there can open
            summary, home = replace(summary, inbox=None), Path()
        contacts = not no_contacts
        detail = detail or _detail_folder(summary, workbook)
        if detail is not None:
            earlier = write_tidy(summary, job.layout, detail, contacts=contacts)
        output = write_pieces(
            workbook,
            lambda file: write(
                summary, job.layout, file, home, contacts=contacts, detailed=detail is None
            ),
            former=former,
        )
        if data is not None:
            write_json(data, report(summary, contacts=contacts))
        if not quiet:
            tell(summary)
            tell_refused(summary, job.accept)
            say()
            if detail is not None:
                say(f"明细（Parquet）：{detail}")
                if earlier:
                    say(f"原来的明细已改名保留：{'、'.join(earlier)}")
            _tell_where(output, workbook)
        raise typer.Exit(CLEAN if summary.clean else OPEN)


def _check_outputs(inbox: "Location", out: "Location", json: "Location | None") -> None:
    """Exit with a message if the summary or the JSON cannot or may not be written where the options
    say.
    """
    if out.suffix.lower() != ".xlsx":
        fail(f"--out {out}：汇总表是 Excel 文件，文件名请以 .xlsx 结尾。")
    check_outside(inbox, "--out", out)
    check_writable("--out", out)
    check_writable("--json", json)
    if json is not None and str(json) != "-":
        check_outside(inbox, "--json", json)


def _detail_folder(summary: "Summary", workbook: "Location") -> "Location | None":
    """The folder for the detail of a summary that is too large for a workbook, beside this one;
    None for any other. Where what is needed to write there is not installed, the workbook has the
    detail, as far as its sheets take it.
    """
    from xltools.output.tidy import PARQUET, is_large
    from xltools.storage.remote import MissingExtraError, require_extra

    if not is_large(summary):
        return None
    try:
        require_extra("单位或问题太多，明细要写成 Parquet 文件", *PARQUET)
    except MissingExtraError as error:
        warn(f"{error}；现在仍写在汇总表里，打开会很慢。")
        return None
    return workbook.parent / f"{workbook.name.removesuffix(workbook.suffix)}_明细"


def _check_accepted(names: Iterable[str], roster: "Roster | None") -> None:
    """Exit with a message if one of the units to accept is not in the roster; without a roster,
    nothing is checked.
    """
    from xltools.model.text import key

    if unknown := [n for n in names if roster and key(n) and roster.find(n) is None]:
        fail(f"--accept：名录中没有“{'、'.join(unknown)}”。")


def _tell_where(output: "Output", out: "Location") -> None:
    """Say where the summary was written and under which name the previous one was kept. ``out``:
    where it was to be.
    """
    if output.beside:
        warn(f"{out} 正被其他程序打开，未能替换；汇总表另存为：{output.place}")
    else:
        say(f"汇总表：{output.place}")
    if output.kept is not None:
        say(f"原来的汇总表已改名保留：{output.kept}")


def _with_remarks(summary: "Summary", out: "Location") -> "Summary":
    """The summary with the remarks that people typed into the workbook that it replaces."""
    from xltools.model.errors import ReadError
    from xltools.model.summary import standings
    from xltools.output.standings import remarks_of
    from xltools.readers.workbook import load_bytes
    from xltools.storage.remote import look_up, read_unchanged

    try:
        if isinstance(out, Path):
            if not out.is_file():
                return summary
            former = load_bytes(out)
        else:
            if (stored := look_up(out)) is None:
                return summary
            former = read_unchanged(out.parent, stored)
        remarks = remarks_of(former)
    except ReadError:
        warn(f"原来的汇总表 {out} 读不出来，其中的备注没有带过来；原表改名保留。")
        return summary
    lost = sorted(remarks.keys() - {standing.unit.name for standing in standings(summary)})
    if lost:
        warn(f"“{'、'.join(lost)}”已不在报送情况中，其备注留在改名保留的原表里。")
    return replace(summary, remarks=remarks)


def check(
    files: Annotated[list[Path], typer.Argument(help="填好的报表 / filled-in workbooks")],
    json: JsonOption = None,
    password: PasswordOption = None,
    limit: LimitOption = None,
    form: FormOption = FORM,
) -> None:
    """报送前自查：核对单个报表。 / Check workbooks before sending.

    退出码 / exit status：0 没有问题；1 有要改正或说明的；2 用法错误。
    """
    from xltools.forms.declaration import load
    from xltools.inbox.pool import begun, restored
    from xltools.layout.places import lay_out
    from xltools.model.limits import Limits
    from xltools.model.wording import in_words

    with expected_errors():
        for file in files:
            if file.is_dir():
                fail(f"{file} 是文件夹：自查请给出文件；汇总整个文件夹用 xltools collect {file}。")
        check_present(files)
        check_writable("--json", json)
        layout = lay_out(load(form))
        named = [(str(file), file) for file in files]
        passwords, settings = tuple(password or ()), Limits.given(limit or [])
        with begun(named, layout, passwords=passwords, settings=settings) as answers:
            # What checks is imported while others read.
            from xltools.selfcheck import check_readings

            readings = dict(answers)
        summary = check_readings(
            layout, (r for n in sorted(readings) for r in restored(readings[n], layout, None))
        )
        if json is not None:
            from xltools.output.data import report

            write_json(json, report(summary, totals=False))
        if json is None or str(json) != "-":
            tell_findings(summary, everything=True)
            bad = {f.path for f in summary.findings if f.open}
            for document in summary.documents:
                verdict = "有问题，请改正或说明" if document.path in bad else "没有问题"
                if document.reason:
                    verdict = f"不是填好的报表（{in_words(document.reason)}）"
                say(f"{document.path}：{verdict}")
        raise typer.Exit(CLEAN if summary.clean else OPEN)
