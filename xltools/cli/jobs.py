"""The job of a command, made from its options: the roster, last year's figures, the decisions, and
what was read before.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from xltools.cli.console import fail, warn
from xltools.cli.options import check_year, is_settled, within

if TYPE_CHECKING:
    from xltools.inbox.shelf import Shelf
    from xltools.layout.places import Layout
    from xltools.model.previous import Previous
    from xltools.model.roster import Roster
    from xltools.model.summary import Summary
    from xltools.steps import Job
    from xltools.storage.remote import Location

DECISIONS: Final = "decisions.xlsx"
"""The name of the file of decisions in the folder of a roster."""


def last_year(
    path: Path,
    layout: "Layout",
    *,
    roster: "Roster | None",
    year: int,
    workers: int | None = None,
    passwords: tuple[str, ...] = (),
    shelf: "Shelf | None" = None,
) -> "Previous":
    """Last year's figures, from a workbook, from a folder with the returns of that year, or from
    the folder of that year's work. Warns about files that could not be used.

    ``year``: the year that the figures must be of; a workbook of another year ends the command with
    a message. With 0, the year of a workbook is not checked, and that of a folder is the one that
    most returns name. ``shelf``: as for `read_folder`.
    """
    from xltools.compare import read_folder
    from xltools.ledgers.previous import load
    from xltools.model.findings import catalogue
    from xltools.settings.folder import figures_of

    path = figures_of(path)
    if not path.is_dir():
        before = load(path, layout.form)
        if year and before.year != year:
            fail(
                f"--previous {path}：里面是 {before.year} 年的数据，{year + 1} 年度要用"
                f" {year} 年的；请换成上一年的文件，或核对 --year。"
            )
        return before
    folder = read_folder(
        path, layout, roster=roster, year=year, workers=workers, passwords=passwords, shelf=shelf
    )
    for name, code in folder.unused:
        warn(f"上年的 {name} 没有用上：{catalogue()[code].meaning}（{code}）。")
    return folder.previous


def decisions_file(decisions: Path | None, roster: Path | None) -> Path | None:
    """The path of the file of decisions: the one given, else the usual one in the folder of the
    roster, whether that exists or not; None if neither is given.
    """
    if decisions is not None or roster is None:
        return decisions
    return roster.parent / DECISIONS


def check_decisions(decisions: Path | None, ctx: typer.Context) -> None:
    """Exit with a message if a file of decisions was given that does not exist; the one that the
    settings name may be made later. ``ctx``: of the command with the parameter ``decisions``.
    """
    settled = is_settled(ctx, "decisions")
    if decisions is not None and not settled and not decisions.is_file():
        fail(f"--decisions：没有这个文件：{decisions}（用 xltools decide 新建）")


def job_of(
    ctx: typer.Context,
    inbox: "Location",
    form: str,
    roster: Path | None,
    *,
    year: int,
    previous: Path | None,
    ledger: Path | None,
    skip: "Iterable[Location | None]" = (),
    workers: int | None,
    passwords: list[str] | None,
    limits: list[str] | None,
    no_cache: bool,
    group: str = "",
    scheduler: str = "",
    state: "Location | None" = None,
) -> "Job":
    """Make the job from the options of a command. ``ctx``: of that command; ``ledger``: the file of
    decisions, which need not exist; ``skip``: other files of the command, to be ignored if they are
    in the inbox; ``group``: the column of the roster by which units are grouped; ``scheduler`` and
    ``state`` as for `Job`. Raises the errors of the files that are read.
    """
    from xltools.forms.declaration import load
    from xltools.layout.places import lay_out
    from xltools.ledgers.decisions import load as load_decisions
    from xltools.ledgers.roster import load as load_roster
    from xltools.model.decisions import Decisions
    from xltools.model.limits import Limits
    from xltools.steps import Job

    layout = lay_out(load(form))
    if year:
        check_year(layout.form, year, settled=is_settled(ctx, "year"))
    units = load_roster(roster, group) if roster is not None else None
    there = ledger is not None and ledger.is_file()
    decisions = load_decisions(ledger, layout, units) if ledger and there else Decisions()
    words, before = tuple(passwords or ()), None
    chosen, shelf = Limits.given(limits or []), shelf_of(no_cache=no_cache)
    if previous is not None:
        if previous.is_dir() and within(inbox, previous):
            fail(f"--previous {previous}：上年的文件夹请放在收件夹之外。")
        before = last_year(
            previous, layout, roster=units, year=year - 1 if year else 0,
            workers=workers, passwords=words, shelf=shelf,
        )  # fmt: skip
    return Job(
        layout=layout,
        inbox=inbox,
        roster=units,
        year=year,
        previous=before,
        workers=workers,
        scheduler=scheduler,
        state=state,
        passwords=words,
        skip=frozenset(
            path.resolve() for path in (*skip, roster, previous, ledger) if isinstance(path, Path)
        ),
        limits=chosen,
        decisions=decisions,
        shelf=shelf,
    )


def shelf_of(*, no_cache: bool) -> "Shelf | None":
    """The shelf with what was read before, in the user's cache folder; None if the option
    ``--no-cache`` was given. Warns if it cannot be used.
    """
    if no_cache:
        return None
    from xltools.inbox.shelf import Shelf, shelf_folder

    return Shelf(shelf_folder(), warn)


def on_years(summary: "Summary") -> Iterator[str]:
    """What is to be said about the years of the decisions of a run: how many in the file name none,
    and how many are of another year.
    """
    years = [applied.decision.year for applied in summary.decisions if applied.decision.row]
    if open_years := years.count(0):
        yield (
            f"决定表中有 {open_years} 条没有写年度，按 {summary.year} 年度执行；"
            "xltools decide 会把年度补上。"
        )
    if others := sum(year not in (0, summary.year) for year in years):
        yield f"决定表中有 {others} 条是别的年度的，没有执行。"


def followed(ledger: Path | None, job: "Job") -> str:
    """A line that says which file of decisions is used and how many decisions it has; empty if
    there is no such file.
    """
    if ledger is None or not ledger.is_file():
        return ""
    return f"采用决定表 {ledger}：{len(job.decisions.all)} 条决定。"
