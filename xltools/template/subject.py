"""Whom a workbook is for, and what it holds from the start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from xltools.model.cells import Address
from xltools.model.numbers import Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a workbook is to hold from the start, as a return gave it.

    ``figures``: inputs by item number; one that is not there is blank. ``none``: tables declared
    to have nothing; ``zero``: blanks count as zero. ``texts`` by name, a paragraph a line;
    ``explanations`` by ``CODE@item``, ``explained``: lines of the list that ends 校验 (code, cell,
    words). ``date`` as typed, or YYYY-MM-DD.
    """

    figures: Mapping[int, Number]
    zero: bool = False
    none: frozenset[str] = frozenset()
    texts: Mapping[str, str] = field(default_factory=dict)
    explanations: Mapping[str, str] = field(default_factory=dict)
    explained: Sequence[tuple[str, str, str]] = ()
    filler: str = ""
    phone: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A line of 问题. ``kind``: what is asked for, in a word; ``cells``: of this workbook, that
    it links to; ``code``: of the finding, ``about``: the cells that an answer speaks of (none: all
    of the code); ``mend``: no answer will do, something has to be mended.
    """

    kind: str
    cells: tuple[Address, ...]
    text: str
    code: str = ""
    about: tuple[Address, ...] = ()
    mend: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Issues:
    """The sheet 问题: what is to be done, and ``lost``: (where, what stood there) of entries that
    could not be taken over. ``more``, ``more_lost``: how many are not listed.
    """

    lines: tuple[Issue, ...]
    lost: tuple[tuple[str, str], ...] = ()
    more: int = 0
    more_lost: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a workbook is for. ``priors``: last year's figures by item number, as far as known.

    ``limit``: how long its texts may be, as ``Unit.limit``.
    ``answers``: digests of the documents that it goes back for, and that are out of date once it
    is returned.
    ``start``: what it holds from the start; without it, what is carried over from last year.
    ``marks``: notes on cells that somebody has to look at, by the name of the item or text, by
    the key of the table (its 本年无此项), or by ``CODE@item`` (its 情况说明). ``issues``: what the
    sheet 问题 says; without them there is none.
    """

    year: int
    unit: str = ""
    code: str = ""
    category: str = ""
    text: str = "选填"
    limit: int | None = None
    priors: Mapping[int, Number] = field(default_factory=dict)
    start: Start | None = None
    marks: Mapping[str, str] = field(default_factory=dict)
    issues: Issues | None = None
    answers: tuple[str, ...] = ()
