"""A summary to a folder of drafts: for each unit a workbook to mend, and a mail to go with it."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xltools.model.errors import ArgumentError
from xltools.model.files import free_name, put
from xltools.model.findings import Words
from xltools.model.form import Severity
from xltools.model.previous import figures_before
from xltools.model.roster import Roster, Unit
from xltools.model.summary import Summary
from xltools.reply.asks import (
    EXPLAIN,
    MEND,
    Ask,
    asks,
    carry,
    explanations,
    issues,
    on_checks,
)
from xltools.reply.mail import (
    Addressee,
    Attachment,
    Left,
    ReplyKind,
    addresses,
    body_text,
    cases,
    draft,
    subject_line,
)
from xltools.settle.judge import digest
from xltools.steps import Job
from xltools.template.build import build
from xltools.template.opening import Subject
from xltools.template.outbox import (
    DISPATCH,
    OutboxLine,
    PasswordError,
    file_names,
    new_password,
    read_password,
    subject_of,
    write_dispatch,
)

LISTING = "更正清单.xlsx"
FORMER = "以前的"
_NEW = "本版与您所用的表不同的栏目，请填报。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What was written to a unit. ``workbook``: beside the mail, where there is one to mend;
    ``mend``, ``explain``: how many things it is asked for; ``lost``: entries not taken over.
    """

    case: Addressee
    mail: Path
    workbook: Path | None
    to: tuple[str, ...]
    mend: int = 0
    explain: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """All that was written. ``former``: files of an earlier run, moved aside."""

    letters: tuple[Letter, ...]
    left: tuple[Left, ...]
    listing: Path | None
    former: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A letter with the content of its files."""

    letter: Letter
    mail: bytes
    workbook: bytes = b""


def reply(
    job: Job,
    summary: Summary,
    out: Path,
    *,
    outbox: Path = Path("outbox"),
    password: str = "",
    progress: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> Reply:
    """Write the drafts that a summary of ``job`` calls for into ``out``; nothing is sent.

    Workbooks are locked with the password given, else that of the list in ``out``, else that of
    the outbox, else a random one. What an earlier run wrote and this one does not goes into a
    folder of its own, lest it is sent by mistake. Raises ArgumentError where the job has no
    roster, PasswordError as ``fill_outbox``,
    OSError when the folder cannot be written.
    """
    if job.roster is None:
        raise ArgumentError("replies need a roster: without one there is nobody to write to")
    listing = out / LISTING
    former = read_password(listing)
    if password and former and password != former:
        raise PasswordError(listing)
    password = password or former or read_password(outbox / DISPATCH) or new_password()
    chosen, left = cases(summary)
    names = {u.name: name for u, name in file_names(job.layout, job.roster, summary.year)}
    mails = []
    for number, case in enumerate(chosen, 1):
        mails.append(_write(job, job.roster, summary, case, out, names[case.unit.name], password))
        progress(number, len(chosen), case.unit.name)
    files = {m.letter.mail: m.mail for m in mails}
    files |= {m.letter.workbook: m.workbook for m in mails if m.letter.workbook is not None}
    aside = tuple(_clear(out, files))
    for path, data in files.items():
        put(path, data)
    placed = None
    if mails or listing.exists():
        title = f"{summary.year}年{job.layout.form.short} 更正清单"
        placed = write_dispatch(listing, [_line(m) for m in mails], password, title)
        if placed.kept is not None:
            aside = (*aside, _moved(placed.kept))
    return Reply(
        letters=tuple(m.letter for m in mails),
        left=left,
        listing=placed.path if placed else None,
        former=aside,
    )


def _write(
    job: Job, roster: Roster, summary: Summary, case: Addressee, out: Path, name: str, password: str
) -> _Made:
    title = f"{summary.year}年{job.layout.form.short}"
    stem = f"{name.removesuffix('.xlsx')}（{case.kind.value}）"
    subject = subject_of(case.unit, roster, summary.year, job.previous)
    subject = replace(subject, answers=tuple(_papers(summary, case.unit)))
    words = Words.of(job.layout.form)
    asked = asks(job.layout, case.findings, words)
    lost, workbook = 0, None
    if case.kind is ReplyKind.CORRECTION:
        subject, asked, lost = _corrected(job, case, subject, asked)
        workbook, name = out / f"{stem}.xlsx", f"{stem}.xlsx"
    data = build(job.layout, subject, password)
    to = addresses(case.address)
    body = body_text(case, title, asked, name, lost)
    mail = draft(to, subject_line(case, title), body, [Attachment(name=name, data=data)])
    return _Made(
        letter=Letter(
            case=case,
            mail=out / f"{stem}.eml",
            workbook=workbook,
            to=to,
            mend=sum(a.kind == MEND for a in asked),
            explain=sum(a.kind == EXPLAIN for a in asked),
            lost=lost,
        ),
        mail=mail,
        workbook=data if workbook is not None else b"",
    )


def _papers(summary: Summary, unit: Unit) -> Iterator[str]:
    """The documents that a unit sent so far beside or instead of its workbook."""
    for document in summary.documents:
        ret = summary.returns.get(document.path)
        if document.unit == unit.name and ret is not None and ret.document:
            yield digest(document.sha256)


def _corrected(
    job: Job, case: Addressee, subject: Subject, asked: Sequence[Ask]
) -> tuple[Subject, tuple[Ask, ...], int]:
    """A unit's workbook with what it sent and what is asked of it; and how much is left out."""
    main = case.returns[0]
    priors = subject.priors or dict(main.priors)
    start, lost = carry(job.layout, case.returns, priors)
    marks: dict[str, str] = {}
    for ask in asked:
        for name, note in ask.marks.items():
            marks[name] = f"{marks[name]}\n{note}" if name in marks else note
    for gone in lost:
        marks.setdefault(gone.name, f"原填“{gone.content}”，没有能填入，请重填。")
    if main.other:
        for item in job.layout.form.inputs():
            if main.places[item.index] is None and item.index not in start.figures:
                marks.setdefault(item.name, _NEW)
    codes = {f.code for f in case.findings if f.severity is Severity.QUERY}
    prior = figures_before(job.layout.form, job.previous, case.unit, job.roster)
    answers = explanations(job.layout, main, codes, category=subject.category, prior=prior)
    marks |= answers
    linked = tuple(on_checks(job.layout, ask, answers) for ask in asked)
    subject = replace(
        subject,
        priors=priors,
        start=start,
        marks=marks,
        issues=issues(job.layout, linked, lost),
    )
    return subject, tuple(asked), len(lost)


def _clear(out: Path, files: dict[Path, bytes]) -> list[Path]:
    """Move what an earlier run wrote, and this one does not write alike, into a folder."""
    moved = []
    for kind in ReplyKind:
        for path in sorted(out.glob(f"*（{kind.value}）.*")) if out.is_dir() else ():
            if path.suffix not in (".eml", ".xlsx") or not path.is_file():
                continue
            if files.get(path) == path.read_bytes():
                continue
            moved.append(_moved(path))
    return moved


def _moved(path: Path) -> Path:
    """Put a file of an earlier run into the folder of those."""
    aside = path.parent / FORMER
    aside.mkdir(exist_ok=True)
    place = aside / path.name
    if place.exists():
        place = free_name(place, path.stat().st_mtime)
    path.rename(place)
    return place


def _line(mail: _Made) -> OutboxLine:
    letter = mail.letter
    parts = [
        f"{word} {n} 项"
        for word, n in ((MEND, letter.mend), (EXPLAIN, letter.explain))
        if n and letter.case.kind is ReplyKind.CORRECTION
    ]
    parts += [f"未能填入 {letter.lost} 处"] if letter.lost else []
    parts += [] if letter.to else ["没有邮箱"]
    remark = f"{letter.case.kind.value}：{'，'.join(parts)}" if parts else letter.case.kind.value
    digest = hashlib.sha256(mail.mail).hexdigest()
    return OutboxLine(unit=letter.case.unit, file=letter.mail.name, sha256=digest, remark=remark)
