"""What comes in: ``collect`` and ``check``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xltools.cli.console import CLEAN, OPEN, expected_errors, fail, progress, say, warn, write_json
from xltools.cli.outgoing import FORM, FormOption, check_year, last_year

if TYPE_CHECKING:
    from xltools.summary import Summary

MARKS = {"fatal": "必须更正", "query": "需说明", "note": "提示"}
SHOWN = 20  # findings on the terminal; all of them stand in the workbook


def collect(
    inbox: Annotated[Path, typer.Argument(help="收件夹 / folder of what came in")],
    roster: Annotated[Path | None, typer.Option("--roster", help="单位名录")] = None,
    year: Annotated[
        int, typer.Option("--year", help="报告年度；默认按多数报表的年度", show_default=False)
    ] = 0,
    out: Annotated[Path, typer.Option("--out", help="汇总表")] = Path("汇总.xlsx"),
    previous: Annotated[
        Path | None,
        typer.Option("--previous", help="上年汇总表、上年数据表，或存放上年各单位报表的文件夹"),
    ] = None,
    json: Annotated[
        Path | None, typer.Option("--json", help="同时写出 JSON（- 为标准输出）")
    ] = None,
    accept: Annotated[
        list[str] | None, typer.Option("--accept", metavar="UNIT", help="有错也计入的单位，可多次")
    ] = None,
    decisions: Annotated[
        Path | None, typer.Option("--decisions", help="决定表；默认用名录旁的 decisions.xlsx")
    ] = None,
    no_contacts: Annotated[
        bool, typer.Option("--no-contacts", help="汇总表和 JSON 中不含联系人、电话、邮箱、发件人")
    ] = False,
    password: Annotated[
        list[str] | None, typer.Option("--password", help="报表的打开密码，可多次")
    ] = None,
    limit: Annotated[
        list[str] | None,
        typer.Option("--limit", metavar="NAME=N", help="放宽一项限制，如 file-size=100，可多次"),
    ] = None,
    form: FormOption = FORM,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="读取进程数")] = 1,
) -> None:
    """读取收件夹中的全部报表，核对并汇总成一个工作簿。 / Read, check and merge an inbox.

    退出码 / exit status：0 应报单位全部报齐且无问题；1 有未报、退回、无法读取或待说明的；
    2 用法错误；130 中断。
    """
    from xltools.cli.deciding import decisions_file, with_remarks
    from xltools.collect.run import Job, accept_problems
    from xltools.collect.run import collect as run
    from xltools.decisions import Decisions
    from xltools.decisions import load as load_decisions
    from xltools.declaration import load
    from xltools.files import put
    from xltools.layout import lay_out
    from xltools.limits import Limits
    from xltools.roster import load as load_roster
    from xltools.writers.report import report
    from xltools.writers.summary import build

    with expected_errors():
        if not inbox.exists():
            fail(f"没有这个收件夹：{inbox}")
        if out.suffix.lower() != ".xlsx":
            fail(f"--out {out}：汇总表是 Excel 文件，文件名请以 .xlsx 结尾。")
        home, quiet = inbox.resolve(), json is not None and str(json) == "-"
        written = {"--out": out} | ({} if json is None or quiet else {"--json": json})
        for name, path in written.items():
            if home.is_dir() and path.resolve().is_relative_to(home):
                fail(f"{name} {path}：收件夹里只放收到的文件，请写到别处，如 --out ../{path.name}")
        layout = lay_out(load(form))
        if year:
            check_year(layout.form, year)
        units = load_roster(roster) if roster is not None else None
        unknown = accept_problems(accept or (), units)
        if unknown:
            fail(f"--accept：名录中没有“{'、'.join(unknown)}”。")
        decided = decisions_file(decisions, roster)
        if decisions is not None and not decisions.is_file():
            fail(f"--decisions：没有这个文件：{decisions}（用 xltools decide 新建）")
        made = Decisions()
        if decided is not None and decided.is_file():
            made = load_decisions(decided, layout, units)
            if not quiet:
                say(f"采用决定表 {decided}：{len(made.all)} 条决定。")
        skip = {p.resolve() for p in (out, roster, previous, json, decided) if p is not None}
        before = None
        if previous is not None:
            inside = home.is_dir() and previous.resolve().is_relative_to(home)
            if previous.is_dir() and inside:
                fail(f"--previous {previous}：上年的文件夹请放在收件夹之外。")
            before = last_year(
                previous, form, layout, roster=units, year=year - 1 if year else 0,
                workers=workers, passwords=tuple(password or ()),
            )  # fmt: skip
        job = Job(
            layout=layout,
            form=form,
            inbox=inbox,
            roster=units,
            year=year,
            previous=before,
            accept=frozenset(accept or ()),
            workers=workers,
            passwords=tuple(password or ()),
            skip=frozenset(skip),
            limits=Limits.given(limit or []),
            decisions=made,
        )
        with progress("已读") as step:
            summary = run(job, step)
        if not summary.year and not summary.documents:
            fail(f"收件夹 {inbox} 是空的：请把收到的文件存进去；确要汇总的，用 --year 指明年度。")
        if not summary.year:
            fail(f"{inbox} 中没有一份报表写明年度；请核对收件夹，或用 --year 指明年度。")
        summary = with_remarks(summary, out)
        placed = put(out, build(summary, layout, out.parent, contacts=not no_contacts))
        if json is not None:
            write_json(json, report(summary, contacts=not no_contacts))
        if not quiet:
            _tell(summary)
            _not_accepted(summary, job.accept)
            say()
            if placed.beside:
                warn(f"{out} 正被其他程序打开，未能替换；汇总表另存为：{placed.path}")
            else:
                say(f"汇总表：{placed.path}")
            if placed.kept is not None:
                say(f"原来的汇总表已改名保留：{placed.kept.name}")
        raise typer.Exit(CLEAN if summary.clean else OPEN)


def check(
    files: Annotated[list[Path], typer.Argument(help="填好的报表 / filled-in workbooks")],
    json: Annotated[Path | None, typer.Option("--json", help="写出 JSON（- 为标准输出）")] = None,
    form: FormOption = FORM,
) -> None:
    """报送前自查：读取并核对单个报表。 / Check workbooks before sending."""
    from xltools.collect.run import Job
    from xltools.collect.single import check_files
    from xltools.declaration import load
    from xltools.layout import lay_out
    from xltools.writers.report import report

    with expected_errors():
        for file in files:
            if file.is_dir():
                fail(f"{file} 是文件夹：自查请给出文件；汇总整个文件夹用 xltools collect {file}。")
            if not file.is_file():
                fail(f"没有这个文件：{file}")
        layout = lay_out(load(form))
        summary = check_files(Job(layout=layout, form=form, inbox=Path()), files)
        if json is not None:
            write_json(json, report(summary, totals=False))
        if json is None or str(json) != "-":
            _findings(summary, everything=True)
            bad = {f.path for f in summary.findings if f.open}
            for document in summary.documents:
                verdict = "有问题，请改正或说明" if document.path in bad else "没有问题"
                if document.reason:
                    verdict = f"不是填好的报表（{document.reason}）"
                say(f"{document.path}：{verdict}")
        raise typer.Exit(CLEAN if summary.clean else OPEN)


def _tell(summary: "Summary") -> None:
    """The result in a few lines: counts that add up, who is missing, what to ask."""
    from xltools.summary import OUTCOMES, Outcome
    from xltools.writers.report import counts

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
    _findings(summary, everything=False)


def _not_accepted(summary: "Summary", names: frozenset[str]) -> None:
    """Say of each unit given to --accept that is not merged why not."""
    from xltools.findings import acceptable
    from xltools.spec import Severity

    merged = {entry.unit.name for entry in summary.entries}
    for name in sorted(names):
        unit = summary.roster.find(name) if summary.roster is not None else None
        known = unit.name if unit is not None else name
        codes = {
            f.code
            for f in summary.findings
            if f.unit == known and f.severity is Severity.FATAL and not acceptable(f)
        }
        if known not in merged:
            why = f"有不能强制计入的问题（{'、'.join(sorted(codes))}）" if codes else "没有它的报表"
            warn(f"--accept {name}：未计入，{why}。")


def _findings(summary: "Summary", *, everything: bool) -> None:
    from xltools.findings import TRIAL, Words

    words = Words.of(summary.form)
    tried = [f for f in summary.findings if f.trial]
    chosen = [f for f in summary.findings if f.open or (everything and not f.trial)]
    if chosen and not everything:
        say()
    for one in chosen[: None if everything else SHOWN] + (tried if everything else []):
        who = one.unit or one.path
        file = "" if one.unit in ("", who) and who == one.path else f"（{one.path}）"
        say(f"[{TRIAL if one.trial else MARKS[one.severity.value]} {one.code}] {who}{file}")
        say(f"  {words.message(one)}")
    if not everything and len(chosen) > SHOWN:
        say(f"…… 共 {len(chosen)} 条待处理，全部见汇总表“问题”页。")
    if tried and not everything:
        units = len({f.unit or f.path for f in tried})
        codes = "、".join(dict.fromkeys(f.code for f in tried))
        say(f"[{TRIAL}] {codes}：{units} 个单位有 {len(tried)} 条，不须处理，见汇总表“问题”页。")
