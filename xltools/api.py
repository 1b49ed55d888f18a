"""The public interface, for programs that use xltools as a library.

Mistakes of respondents are findings, which are values; exceptions are for mistakes of the caller,
and all of them derive from ``XltoolsError``. Nothing here prints, shows progress or changes signal
handlers.

``read_return`` and ``collect`` read files in worker processes, so that no file can crash the
program.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from xltools.checks.run import check as check_return
from xltools.forms import declaration
from xltools.inbox.processes import MOST_WORKERS
from xltools.layout.places import lay_out
from xltools.model.errors import AccessError, ArgumentError, refusal
from xltools.model.evaluate import with_totals
from xltools.model.findings import Finding
from xltools.model.form import Form
from xltools.model.identity import WorkbookKind
from xltools.model.numbers import Number
from xltools.model.previous import Previous
from xltools.model.returns import Return
from xltools.model.roster import Roster, Texts, Unit
from xltools.model.summary import Summary
from xltools.model.text import clean
from xltools.model.wording import in_words

if TYPE_CHECKING:
    from xltools.steps import Job

StrPath: TypeAlias = str | PathLike[str]
Figures: TypeAlias = Return | Mapping[str, Number]
"""Last year's figures of a unit: its return of that year, or numbers by the names of items."""


def load_form(name_or_path: StrPath) -> Form:
    """Load a declared form.

    Args:
        name_or_path: The name of a form that comes with xltools (``zfxxgk-2021``), or the path
            of a TOML file as ``docs/declare-a-form.md`` describes it.

    Returns:
        The form: its tables, texts, items and rules.

    Raises:
        FormError: The file does not exist or is not a valid form; the text shows the place.

    >>> form = load_form("zfxxgk-2021")
    >>> form.title, len(form.items)
    ('政府信息公开工作年度报告', 200)
    >>> form.items[0].name, form.items[0].label
    ('t2.regulations.issued', '规章 / 本年制发件数')
    """
    return declaration.load(name_or_path if isinstance(name_or_path, str) else Path(name_or_path))


def build_template(
    form: Form,
    unit: Unit | str,
    year: int,
    *,
    previous: Figures | None = None,
    password: str | None = None,
) -> bytes:
    """Build the locked workbook that a unit fills in.

    Args:
        form: The form.
        unit: The unit that reports, or its name alone.
        year: The year that is reported on; the form must be for that year.
        previous: Last year's figures of the unit. Those that the form carries over are filled in,
            and the workbook points out differences from them while people type.
        password: Unlocks the sheets: 1 to 15 ASCII characters; None for a random password.

    Returns:
        The bytes of an .xlsx; the same arguments with the same password give the same bytes.

    Raises:
        ArgumentError: The form is not for that year, the password cannot be used, or ``previous``
            belongs to another form or contains something that is not a number.

    >>> form = load_form("zfxxgk-2021")
    >>> workbook = build_template(form, "某区教育局", 2025, password="abc123")
    >>> _ = Path("某区教育局.xlsx").write_bytes(workbook)
    """
    from xltools.template.build import build
    from xltools.template.opening import Subject
    from xltools.template.outbox import new_password

    _check_year(form, year)
    unit = Unit(name=unit) if isinstance(unit, str) else unit
    if not (name := clean(unit.name)):
        raise ArgumentError("a unit needs a name")
    if unit.limit is not None and unit.limit < 0:
        raise ArgumentError(f"{name}: a limit of {unit.limit} characters")
    subject = Subject(
        year=year,
        unit=name,
        code=unit.code,
        category=unit.category or "",
        text=unit.text,
        limit=unit.limit,
        priors=_priors(form, previous),
    )
    try:
        return build(lay_out(form), subject, new_password() if password is None else password)
    except ValueError as error:
        raise ArgumentError(str(error)) from None


def check(
    form: Form, ret: Return, *, unit: Unit | None = None, previous: Figures | None = None
) -> tuple[Finding, ...]:
    """Check a return against the rules of its form.

    Args:
        form: The form that ``ret`` was read with.
        ret: The return.
        unit: The unit, as its category and the texts asked of it decide which rules apply.
        previous: Last year's figures of the unit; None to use those that its template carried.

    Returns:
        All findings, those made while reading first; empty if there is none.

    Raises:
        ArgumentError: ``ret`` or ``previous`` belongs to another form, or ``previous`` contains
            something that is not a number.

    >>> form = load_form("zfxxgk-2021")
    >>> _ = Path("blank.xlsx").write_bytes(build_template(form, "某区教育局", 2025))
    >>> findings = check(form, read_return("blank.xlsx", form))
    >>> sorted({finding.code for finding in findings})
    ['B-05']
    """
    ret.require_form(form)
    priors = None
    if previous is not None:
        known = _priors(form, previous)
        priors = [known.get(item.index) for item in form.items]
    return check_return(
        lay_out(form),
        ret,
        category=(unit.category or "") if unit is not None else "",
        prior=priors,
        text=unit.text if unit is not None else Texts.OPTIONAL,
        limit=unit.limit if unit is not None else None,
    )


def _several(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts as a tuple; a single text counts as one and not letter by letter."""
    return (texts,) if isinstance(texts, str) else tuple(texts)


def _require_sound(roster: Roster) -> None:
    """Raise ArgumentError if a roster breaks a rule that is checked in a roster's file."""
    names = [unit.name for unit in roster]
    if not all(names) or len(set(names)) < len(names):
        raise ArgumentError("every unit of a roster has a name of its own")
    for unit in roster:
        filer = unit.files_through
        if filer is not None and (filer not in names or roster.unit(filer).files_through):
            raise ArgumentError(f"{unit.name} files through {filer}, which files no return")
        if unknown := sorted(set(unit.predecessors) - set(names)):
            raise ArgumentError(f"{unit.name} was made from {unknown[0]}, which is not there")


def _check_year(form: Form, year: int) -> None:
    """Raise ArgumentError if the form is not used for this year."""
    first, last = form.years
    if not first <= year <= last:
        raise ArgumentError(f"form {form.name} is for the years {first} to {last}, not {year}")


def _priors(form: Form, previous: Figures | None) -> Mapping[int, Number]:
    """Last year's figures by item number, totals recomputed; ArgumentError if they do not fit."""
    if previous is None:
        return {}
    if isinstance(previous, Return):
        from xltools.compare import figures_of

        previous.require_form(form)
        return figures_of(lay_out(form), previous)
    unknown = sorted(previous.keys() - form.by_name.keys())
    if unknown:
        raise ArgumentError(f"form {form.name} has no item {', '.join(unknown)}")
    for name, figure in previous.items():
        if isinstance(figure, bool) or not isinstance(figure, int | Decimal):
            raise ArgumentError(f"{name}: {figure!r} is no int or Decimal")
    return with_totals(form, {form.by_name[name]: n for name, n in previous.items()})


@contextmanager
def _access() -> Iterator[None]:
    """Raise an OSError of the system as AccessError."""
    try:
        yield
    except OSError as error:
        raise AccessError(error.errno, in_words(refusal(error)), error.filename) from None


def read_return(path: StrPath, form: Form, *, passwords: Sequence[str] = ()) -> Return:
    """Read one return: a workbook, a Word or PDF document, a web page or a text.

    The file is read in a worker process (see the module).

    Args:
        path: The file. Its kind is determined from its content, not from its name.
        form: The form.
        passwords: Passwords to try, in this order, if the file is protected.

    Returns:
        The return. Its ``findings`` say what is wrong with it. For a file that cannot be read, it
        has no figures, and the findings say why.

    Raises:
        AccessError: The file does not exist or may not be read.
        ArgumentError: The file contains several documents (an archive, a mail), for which there is
            ``collect``, or it is not a return of a unit, such as a roster or a summary.

    >>> form = load_form("zfxxgk-2021")
    >>> workbook = build_template(form, "某区教育局", 2025)
    >>> _ = Path("某区教育局.xlsx").write_bytes(workbook)
    >>> ret = read_return("某区教育局.xlsx", form)
    >>> ret.identity.unit, ret.year, len(ret.numbers)
    ('某区教育局', 2025, 200)
    >>> value = ret.value(form.by_name["t2.regulations.issued"])
    >>> value.status, value.address.a1
    (<Status.BLANK: 'blank'>, 'B4')
    """
    from xltools.inbox.pool import read_all
    from xltools.inbox.reading import ReadReturn, SetAside

    place, layout = Path(path), lay_out(form)
    with _access():
        place.open("rb").close()
    (readings,) = read_all([(place.name, place)], layout, passwords=_several(passwords))
    if len(readings) != 1:
        raise ArgumentError(f"{place} holds {len(readings)} documents: collect reads these")
    match readings[0]:
        case ReadReturn(ret=ret):
            if ret.identity is not None and ret.identity.kind != WorkbookKind.RETURN:
                raise ArgumentError(f"{place} is no return, but our own {ret.identity.kind}")
            return ret
        case SetAside(reason=reason):
            raise ArgumentError(f"{place} is no return: {in_words(reason)}")
        case failure:
            return Return.empty(form, findings=failure.record.findings)


def collect(
    inbox: StrPath,
    form: Form,
    roster: Roster | StrPath | None = None,
    *,
    year: int = 0,
    previous: StrPath | None = None,
    decisions: StrPath | None = None,
    accept: Iterable[str] = (),
    passwords: Sequence[str] = (),
    workers: int | None = None,
    cache: bool = False,
) -> Summary:
    """Read, check and merge everything in a folder.

    Files are read in worker processes (see the module). Nothing in the folder is changed.

    Args:
        inbox: The folder with what came in: workbooks, documents, mails, archives.
        form: The form.
        roster: The units that have to report: a Roster, or the path of its workbook or CSV.
            Without one, no unit is missing.
        year: The year that is reported on; 0 for the one that most returns name.
        previous: Last year's summary or plain workbook of figures, or a folder of last year's
            returns.
        decisions: The coordinator's workbook of decisions.
        accept: Names of units whose returns are merged in spite of fatal findings.
        passwords: Passwords to try on protected files, besides those of the roster.
        workers: How many processes read at the same time, 1 to 64; None for what suits the machine.
        cache: Whether to keep what is read in the user's cache folder, as the commands do, and not
            to read a file again that was read before. Names, telephone numbers and texts of the
            files then lie there; ``xltools cache dir`` says where.

    Returns:
        The summary: entries, totals, documents and findings. Every document that came in has
        exactly one of the outcomes merged, rejected, superseded, ignored or unreadable.

    Raises:
        AccessError: The folder or one of the files given cannot be read.
        RosterError, PreviousError, DecisionsError: That file is wrong; has all its ``problems``.
        ArgumentError: The form is not used for that year, ``workers`` is not 1 to 64, two units of
            a Roster have the same name or one has none, ``accept`` names a unit that is not in the
            roster, or ``previous`` has figures of another year or is a folder in the inbox.

    >>> form = load_form("zfxxgk-2021")
    >>> Path("inbox").mkdir()
    >>> workbook = build_template(form, "某区教育局", 2025)
    >>> _ = Path("inbox", "某区教育局.xlsx").write_bytes(workbook)
    >>> summary = collect("inbox", form, year=2025)
    >>> [(document.path, document.outcome.value) for document in summary.documents]
    [('某区教育局.xlsx', 'rejected')]
    """
    from xltools.inbox.shelf import Shelf, shelf_folder
    from xltools.ledgers import decisions as decision_ledger
    from xltools.ledgers import roster as roster_ledger
    from xltools.steps import Job
    from xltools.steps import collect as collect_job

    folder, layout = Path(inbox), lay_out(form)
    if year:
        _check_year(form, year)
    if workers is not None and not 1 <= workers <= MOST_WORKERS:
        raise ArgumentError(f"1 to {MOST_WORKERS} workers read, not {workers}")
    if isinstance(roster, Roster):
        _require_sound(roster)
    job = Job(
        layout=layout,
        inbox=folder,
        year=year,
        accept=frozenset(_several(accept)),
        workers=workers,
        passwords=_several(passwords),
        skip=frozenset(
            Path(path).resolve()
            for path in (roster, decisions, previous)
            if isinstance(path, str | PathLike)
        ),
        shelf=Shelf(shelf_folder()) if cache else None,
    )
    with _access():
        next(folder.iterdir(), None)
        units = roster_ledger.load(Path(roster)) if isinstance(roster, str | PathLike) else roster
        job = replace(job, roster=units)
        if decisions is not None:
            job = replace(job, decisions=decision_ledger.load(Path(decisions), layout, units))
        if previous is not None:
            job = replace(job, previous=_last_year(Path(previous), job))
        if units is not None and (unknown := sorted(n for n in job.accept if not units.find(n))):
            raise ArgumentError(f"the roster has no unit {', '.join(unknown)}")
        return collect_job(job)


def _last_year(path: Path, job: "Job") -> Previous:
    """Last year's figures for a job, from a workbook of figures or a folder of returns."""
    from xltools.compare import read_folder
    from xltools.ledgers import previous as previous_ledger

    if path.is_dir():
        if isinstance(job.inbox, Path) and path.resolve().is_relative_to(job.inbox.resolve()):
            raise ArgumentError(f"{path} lies in the inbox: keep last year's returns apart")
        return read_folder(
            path,
            job.layout,
            roster=job.roster,
            year=job.year - 1 if job.year else 0,
            workers=job.workers,
            passwords=job.passwords,
            shelf=job.shelf,
        ).previous
    previous = previous_ledger.load(path, job.layout.form)
    if job.year and previous.year != job.year - 1:
        raise ArgumentError(f"{path} has the figures of {previous.year}, not of {job.year - 1}")
    return previous


def write_summary(summary: Summary, path: StrPath, *, contacts: bool = True) -> Path:
    """Write a summary as a workbook with live formulas.

    Args:
        summary: The result of ``collect``.
        path: The .xlsx to write; its folder is made if it does not exist.
        contacts: Whether it contains names, telephone numbers and addresses of persons.

    Returns:
        Where the workbook is now: ``path``, or a dated name beside it if another program has
        ``path`` open. An earlier file with other content is kept under a dated name.

    Raises:
        AccessError: The file cannot be written there.
        ArgumentError: ``path`` does not end in .xlsx.
        SheetFullError: There are more units, documents or findings than a sheet has rows.

    >>> form = load_form("zfxxgk-2021")
    >>> Path("empty").mkdir()
    >>> summary = collect("empty", form, year=2025)
    >>> write_summary(summary, "out/summary.xlsx").as_posix()
    'out/summary.xlsx'
    """
    from xltools.model.files import put_written
    from xltools.output.summary import write

    place = Path(path)
    if place.suffix.lower() != ".xlsx":
        raise ArgumentError(f"{place}: a summary is an Excel workbook, and its name ends in .xlsx")
    with _access():
        layout, home = lay_out(summary.form), place.absolute().parent
        return put_written(
            place, lambda file: write(summary, layout, file, home, contacts=contacts)
        ).path
