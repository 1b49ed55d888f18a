"""What ``collect``, ``reply`` and ``decide`` are to collect, from what they were given."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from xltools.cli.console import fail
from xltools.cli.options import check_year, within
from xltools.cli.outgoing import last_year

if TYPE_CHECKING:
    from xltools.collect import Job

NAME = "decisions.xlsx"


def decisions_file(decisions: Path | None, roster: Path | None) -> Path | None:
    """The file of decisions: the one named, else that beside the roster, be it there or not."""
    if decisions is not None or roster is None:
        return decisions
    return roster.parent / NAME


def check_decisions(decisions: Path | None) -> None:
    """Refuse a file of decisions that was named and is not there."""
    if decisions is not None and not decisions.is_file():
        fail(f"--decisions：没有这个文件：{decisions}（用 xltools decide 新建）")


def job_of(
    inbox: Path,
    form: str,
    roster: Path | None,
    *,
    year: int,
    previous: Path | None,
    ledger: Path | None,
    own: Iterable[Path | None] = (),
    workers: int,
    passwords: list[str] | None,
    limits: list[str] | None,
) -> "Job":
    """The job. ``ledger``: the file of decisions, if it is there; ``own``: other files of the
    command, which may lie in the inbox. Raises the errors of the files that are read.
    """
    from xltools.collect import Job
    from xltools.forms.declaration import load
    from xltools.layout.places import lay_out
    from xltools.ledgers.decisions import load as load_decisions
    from xltools.ledgers.roster import load as load_roster
    from xltools.model.decisions import Decisions
    from xltools.model.limits import Limits

    layout = lay_out(load(form))
    if year:
        check_year(layout.form, year)
    units = load_roster(roster) if roster is not None else None
    there = ledger is not None and ledger.is_file()
    made = load_decisions(ledger, layout, units) if ledger is not None and there else Decisions()
    words, before = tuple(passwords or ()), None
    chosen = Limits.given(limits or [])
    if previous is not None:
        if previous.is_dir() and within(inbox, previous):
            fail(f"--previous {previous}：上年的文件夹请放在收件夹之外。")
        before = last_year(
            previous, layout, roster=units, year=year - 1 if year else 0,
            workers=workers, passwords=words,
        )  # fmt: skip
    return Job(
        layout=layout,
        inbox=inbox,
        roster=units,
        year=year,
        previous=before,
        workers=workers,
        passwords=words,
        skip=frozenset(p.resolve() for p in (*own, roster, previous, ledger) if p is not None),
        limits=chosen,
        decisions=made,
    )


def told(ledger: Path | None, job: "Job") -> str:
    """That decisions are followed, and how many; empty where there is no file of them."""
    if ledger is None or not ledger.is_file():
        return ""
    return f"采用决定表 {ledger}：{len(job.decisions.all)} 条决定。"
