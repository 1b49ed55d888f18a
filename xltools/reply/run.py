"""Write the replies to the units into a folder: for each unit the draft of a mail, with a
correction workbook or a template.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xltools.model.collector import NOBODY, Collector
from xltools.model.errors import ArgumentError
from xltools.model.files import put, set_aside
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
    ReplyKind,
    Unsettled,
    addresses,
    body_text,
    draft,
    subject_line,
    whom_to_write,
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
    """What is written to a unit. ``mail``: the path of the draft; ``workbook``: the path of the
    correction workbook beside it, None where there is none; ``to``: the mail addresses. ``mend``
    and ``explain``: how many things the unit must correct and explain; ``lost``: how many entries
    could not be carried over into its workbook.
    """

    addressee: Addressee
    mail: Path
    workbook: Path | None
    to: tuple[str, ...]
    mend: int = 0
    explain: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Everything that `reply` wrote. ``listing``: the path of the list of letters, None where there
    is none; ``left``: documents that only the coordinator can settle; ``former``: files of an
    earlier run, at the paths to which they were moved.
    """

    letters: tuple[Letter, ...]
    left: tuple[Unsettled, ...]
    listing: Path | None
    former: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _LetterFiles:
    """A letter with the bytes of its files. ``mail``: of the draft; ``workbook``: of the correction
    workbook, empty where there is none.
    """

    letter: Letter
    mail: bytes
    workbook: bytes = b""


def reply(
    job: Job,
    summary: Summary,
    out: Path,
    *,
    outbox: Path = Path("outbox"),
    collector: Collector = NOBODY,
    password: str = "",
    former: Path | None = None,
    progress: Callable[[int, int, str], None] = lambda number, total, name: None,
) -> Reply:
    """Write the drafts of the mails that a summary calls for to the folder ``out``; nothing is
    sent.

    ``job``: the one that gave the summary; ``collector``: who collects. Workbooks are locked with
    ``password``; when that is empty, with the password of the list in ``out``, of 发放清单 in
    ``outbox``, or a random one, in this order. Files that an earlier run wrote and this run does
    not are moved to the folder ``former`` (None: a subfolder of ``out``), so that nobody sends them
    by mistake. ``progress`` is called after each letter with its number, how many there are, and
    the unit.

    Raises ArgumentError where the job has no roster, PasswordError where the list in ``out`` has
    another password, OSError where the folder cannot be written.
    """
    if job.roster is None:
        raise ArgumentError("replies need a roster: without one there is nobody to write to")
    listing = out / LISTING
    in_use = read_password(listing)
    if password and in_use and password != in_use:
        raise PasswordError(listing)
    password = password or in_use or read_password(outbox / DISPATCH) or new_password()
    addressees, left = whom_to_write(summary)
    names = {u.name: name for u, name in file_names(job.layout, job.roster, summary.year)}
    mails = []
    for number, addressee in enumerate(addressees, 1):
        unit = addressee.unit.name
        mails.append(
            _write(job, job.roster, summary, addressee, out, names[unit], password, collector)
        )
        progress(number, len(addressees), unit)
    files = {m.letter.mail: m.mail for m in mails}
    files |= {m.letter.workbook: m.workbook for m in mails if m.letter.workbook is not None}
    former = former or out / FORMER
    aside = tuple(_clear(out, files, former))
    for path, data in files.items():
        put(path, data)
    placed = None
    if mails or listing.exists():
        title = f"{summary.year}年{job.layout.form.short} 更正清单"
        placed = write_dispatch(listing, [_line(m) for m in mails], password, title, former=former)
        if placed.kept is not None:
            aside = (*aside, placed.kept)
    return Reply(
        letters=tuple(m.letter for m in mails),
        left=left,
        listing=placed.path if placed else None,
        former=aside,
    )


def _write(
    job: Job,
    roster: Roster,
    summary: Summary,
    addressee: Addressee,
    out: Path,
    name: str,
    password: str,
    collector: Collector,
) -> _LetterFiles:
    """Make the letter to a unit and the content of its files; nothing is written yet. ``out``: the
    folder for them; ``name``: the file name of the unit's template; ``password``: of the workbook;
    ``collector``: who collects.
    """
    title = f"{summary.year}年{job.layout.form.short}"
    stem = f"{name.removesuffix('.xlsx')}（{addressee.kind.value}）"
    subject = subject_of(addressee.unit, roster, summary.year, job.previous, collector)
    subject = replace(subject, answers=tuple(_answered(summary, addressee.unit)))
    words = Words.of(job.layout.form)
    asked = asks(job.layout, addressee.findings, words)
    lost, workbook = 0, None
    if addressee.kind is ReplyKind.CORRECTION:
        subject, asked, lost = _corrected(job, addressee, subject, asked)
        workbook, name = out / f"{stem}.xlsx", f"{stem}.xlsx"
    data = build(job.layout, subject, password)
    to = addresses(addressee.address)
    body = body_text(addressee, title, asked, name, lost, collector)
    mail = draft(to, subject_line(addressee, title), body, [Attachment(name=name, data=data)])
    return _LetterFiles(
        letter=Letter(
            addressee=addressee,
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


def _answered(summary: Summary, unit: Unit) -> Iterator[str]:
    """The digests of the documents other than workbooks that a unit has sent so far."""
    for document in summary.documents:
        ret = summary.returns.get(document.path)
        if document.unit == unit.name and ret is not None and ret.document:
            yield digest(document.sha256)


def _corrected(
    job: Job, addressee: Addressee, subject: Subject, asked: Sequence[Ask]
) -> tuple[Subject, tuple[Ask, ...], int]:
    """Three things for a correction workbook: its subject, with what the unit sent and with marks
    and lines for what it is asked; the questions; and how many entries could not be carried over.
    """
    main = addressee.returns[0]
    priors = subject.priors or dict(main.priors)
    start, lost = carry(job.layout, addressee.returns, priors)
    marks: dict[str, str] = {}
    for ask in asked:
        for name, note in ask.marks.items():
            marks[name] = f"{marks[name]}\n{note}" if name in marks else note
    for entry in lost:
        marks.setdefault(entry.name, f"原填“{entry.content}”，没有能填入，请重填。")
    if main.other:
        for item in job.layout.form.inputs():
            if main.places[item.index] is None and item.index not in start.figures:
                marks.setdefault(item.name, _NEW)
    codes = {f.code for f in addressee.findings if f.severity is Severity.QUERY}
    prior = figures_before(job.layout.form, job.previous, addressee.unit, job.roster)
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


def _clear(out: Path, files: dict[Path, bytes], former: Path) -> list[Path]:
    """Move the letters of an earlier run to the folder ``former``, except those that this run
    writes with the same bytes (``files``, by path). Returns their new paths.
    """
    moved = []
    for kind in ReplyKind:
        for path in sorted(out.glob(f"*（{kind.value}）.*")) if out.is_dir() else ():
            if path.suffix not in (".eml", ".xlsx") or not path.is_file():
                continue
            if files.get(path) == path.read_bytes():
                continue
            moved.append(set_aside(path, former))
    return moved


def _line(mail: _LetterFiles) -> OutboxLine:
    """The line of a letter for the list, with a remark that says what the unit is asked."""
    letter, addressee = mail.letter, mail.letter.addressee
    parts = [
        f"{word} {n} 项"
        for word, n in ((MEND, letter.mend), (EXPLAIN, letter.explain))
        if n and addressee.kind is ReplyKind.CORRECTION
    ]
    parts += [f"未能填入 {letter.lost} 处"] if letter.lost else []
    parts += [] if letter.to else ["没有邮箱"]
    remark = "：".join(words for words in (addressee.kind.value, "，".join(parts)) if words)
    digest = hashlib.sha256(mail.mail).hexdigest()
    return OutboxLine(unit=addressee.unit, file=letter.mail.name, sha256=digest, remark=remark)
