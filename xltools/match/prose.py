"""The text parts of a report, told by their headings; and how many reports a document holds."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from xltools.match.attribution import Attribution, attributed
from xltools.match.heading import Foot, Title, foot, plain, titles
from xltools.match.labels import key
from xltools.match.stated import NOTES, Rank, Statement
from xltools.measures import Stated, stated
from xltools.readers.book import Line
from xltools.sheets import TO_COMPLETE
from xltools.spec import Form, Table, TextPart

_NUMBER: Final = re.compile(
    r"(?:第?([一二三四五六七八九十]{1,3})(?:部分)?[、.,:]?|\(([一二三四五六七八九十]{1,3}|[0-9]{1,2})\)|"
    r"([0-9]{1,2})[.、,])"
)
_LEADER: Final = re.compile(r"[.·…．\s]{3,}[0-9]{1,3}$|…+[0-9]*$")  # of a table of contents
_NUMERALS: Final = "一二三四五六七八九十"
_END: Final = re.compile(r"[。:：]")
_FILLER: Final = re.compile(r"\(文字描述.*\)")  # what the blank format has in place of a text
_TAIL: Final = re.compile(r"(?:工作)?的?情况$|方面$|工作$")
_LIKE: Final = 0.5
_HEAD: Final = 45  # characters of a part's heading
_SUB: Final = 34
LINES: Final = 5_000  # of a document that are looked at; a report has some hundreds
_NOTE: Final = 60  # characters of a line that says in which measure a table is
_FRONT: Final = 60  # lines that a title is looked for in


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the prose of a document says. ``count``: how many reports there seem to be; the first
    is the one that is read.
    """

    whose: Attribution
    date: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    titles: tuple[Title, ...] = ()
    count: int = 1


@dataclass(slots=True)
class _Section:
    """A part of the form as it came: the lines below its heading."""

    part: int
    lines: list[str]


def report(lines: Sequence[str], form: Form, heads: Sequence[str] = ()) -> Report:
    """Read the lines of a document; sentences still to be completed are none of its texts.
    ``heads``: titles of the page that it is on.
    """
    lines = [line for line in lines if not line.strip().startswith(TO_COMPLETE)]
    before, runs = _sections(lines, form)
    own = runs[0] if runs else []
    above = before[-_FRONT:] if runs else before[:_FRONT]
    near = titles(above, form.title)
    texts: dict[str, str] = {}
    end: Foot = Foot(end=0)
    for n, section in enumerate(own):
        part = form.parts[section.part]
        if n == len(own) - 1:
            end = foot(section.lines, [title.unit for title in near])
            section.lines = section.lines[: end.end]
        if isinstance(part, TextPart):
            for name, text in _texts(part, section.lines):
                texts[name] = "\n".join(x for x in (texts.get(name, ""), text) if x)
    if not own:
        end = foot(lines)
    every = dict.fromkeys((t.unit, t.year) for t in titles(lines, form.title) if t.unit and t.year)
    return Report(
        whose=attributed(above, lines, heads, end, form),
        date=end.date,
        texts={name: text for name, text in texts.items() if text},
        titles=tuple(Title(text=f"{u}{y}年", unit=u, year=y) for u, y in every),
        count=max(1, len(runs)),
    )


def noted(lines: Sequence[Line], form: Form) -> Iterator[tuple[str, Statement]]:
    """What the lines of a document say of the measures of its tables, with the key of the table
    under whose heading they stand; "" for lines under no heading.
    """
    lines = lines[:LINES]
    said = {n: found for n, line in enumerate(lines) if (found := _note(line.text)) is not None}
    part: Table | TextPart | None = None
    for n, line in enumerate(lines if said else ()):
        head = _part(line.text, form)
        if head is not None:
            part = form.parts[head[0]]
        if n not in said or isinstance(part, TextPart):
            continue
        if said[n].alone or head or "单位" in line.text or line.text.startswith(NOTES):
            every = (i.index for i in form.items if part is None or i.table == part.key)
            statement = Statement(
                text=line.text,
                measures=said[n].measures,
                items=frozenset(every),
                rank=Rank.LINE,
                where=line.place,
            )
            yield part.key if part else "", statement


def _note(line: str) -> Stated | None:
    """What a line says of measures, where it is short and says that they are such."""
    said = stated(line) if len(line) <= _NOTE else None
    return said if said is not None and said.marked else None


def _sections(lines: Sequence[str], form: Form) -> tuple[list[str], list[list[_Section]]]:
    """The lines above the first heading, and the parts of each report with the lines below their
    headings. A table of contents, headings alone, is none.
    """
    before: list[str] = []
    runs: list[list[_Section]] = []
    own: list[_Section] = []
    for line in lines:
        found = _part(line, form)
        last = own[-1].part if own else -1
        if found is not None and found[0] > last:
            own.append(_Section(found[0], [found[1]] if found[1] else []))
        elif found is not None and found[0] == 0 and last > 0:
            if sum(len(s.lines) for s in own) > 0:
                runs.append(own)
            own = [_Section(0, [found[1]] if found[1] else [])]
        elif own:
            own[-1].lines.append(line)
        else:
            before.append(line)
    if own:
        runs.append(own)
    whole = [run for run in runs if 2 * len(run) >= len(form.parts)]
    return before, whole or runs[:1]


def _part(line: str, form: Form) -> tuple[int, str] | None:
    """Which part's heading a line is or begins with, and what follows it there."""
    from rapidfuzz.distance import Levenshtein

    bare = _LEADER.sub("", line).strip()
    whole = plain(bare)
    own = key(whole[: 2 * _HEAD])
    if not own:
        return None
    number = _NUMBER.match(whole)
    for n, part in enumerate(form.parts):
        title = key(part.title)
        said = _NUMBER.match(plain(part.title))
        core = title if said is None else key(plain(part.title)[said.end() :])
        if own == title or (own == core and len(core) >= 4):
            return n, ""
        if own.startswith(title):
            return n, _after(bare, title)
        if number is None or said is None or number[0][0] != said[0][0] or len(whole) > _HEAD:
            continue
        head = key(_END.split(whole, maxsplit=1)[0])
        if Levenshtein.normalized_similarity(head, title) >= _LIKE and (
            number[1] is not None and number[1] == said[1]
        ):
            rest = _END.split(bare, maxsplit=1)
            return n, rest[1].strip() if len(rest) > 1 else ""
    return None


def _after(text: str, start: str) -> str:
    """What of a text follows the words of a key."""
    at, left = 0, start
    while at < len(text) and left:
        own = key(text[at])
        if own and left.startswith(own):
            left = left[len(own) :]
        elif own:
            break
        at += 1
    return text[at:].lstrip(" 。:：，,、")


def _texts(part: TextPart, lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The texts of a part by name; what stands above the first heading goes with the first."""
    now, own = 0, list[str]()
    heads = [t.heading for t in part.texts]
    for line in lines:
        if _FILLER.fullmatch(plain(line)):
            continue
        found = _sub(line, heads, now) if any(heads) else None
        if found is None:
            own.append(line)
            continue
        if found[0] > now:
            yield part.texts[now].name, "\n".join(own)
            now, own = found[0], []
        if found[1]:
            own.append(found[1])
    yield part.texts[now].name, "\n".join(own)


def _sub(line: str, heads: Sequence[str], least: int) -> tuple[int, str] | None:
    """Which of a part's headings a line is or begins with, none before ``least``; and the rest."""
    from rapidfuzz.distance import Levenshtein

    whole = plain(line)
    number = _NUMBER.match(whole)
    for n, head in enumerate(heads):
        said = _NUMBER.match(plain(head))
        core = key(plain(head)[said.end() if said else 0 :])
        if n < least or not core:
            continue
        if key(whole) in (core, key(head)):
            return n, ""
        if number is None:
            continue
        pieces = _END.split(line, maxsplit=1)
        short = _TAIL.sub("", plain(pieces[0])[number.end() :])
        place = (number[1] or number[2] or number[3]) in (_NUMERALS[n : n + 1], str(n + 1))
        near = core in key(short) or (len(key(short)) > 3 and key(short) in core)
        near = near or (place and Levenshtein.normalized_similarity(key(short), core) >= _LIKE)
        if not near or not (place or len(key(short)) <= len(core) + 8):
            continue
        if len(short) <= _SUB:
            return n, pieces[1].strip() if len(pieces) > 1 else ""
        if place and core in key(short[: len(core) + 8]):
            return n, line  # the heading runs on into the sentence
    return None
