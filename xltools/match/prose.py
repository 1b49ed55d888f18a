"""Find the text parts of a report in a document by their headings, decide what to do with lines
under no heading, and find out how many reports the document contains.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from xltools.match.attribution import (
    Attribution,
    Foot,
    Title,
    attributed,
    foot,
    is_furniture,
    is_page_number,
    tail,
    titles,
)
from xltools.match.labels import Labels, key
from xltools.model.form import Form, Table, TextPart
from xltools.model.identity import TO_COMPLETE, TO_COVER
from xltools.model.text import half_width
from xltools.model.wording import Phrase, Value
from xltools.readers.book import TextLine
from xltools.readers.documents.tables import is_prose

_NUMBER: Final = re.compile(
    r"(?:第?([一二三四五六七八九十]{1,3})(?:部分)?[、.,:]?|\(([一二三四五六七八九十]{1,3}|[0-9]{1,2})\)|"
    r"([0-9]{1,2})[.、,])"
)
_LEADER: Final = re.compile(r"[.·…．\s]{3,}[0-9]{1,3}$|…+[0-9]*$")  # of a table of contents
_NUMERALS: Final = "一二三四五六七八九十"
_END: Final = re.compile(r"[。:：]")
_FILLER: Final = re.compile(r"\(文字描述.*\)")  # what the blank format has in place of a text
_TAIL: Final = re.compile(r"(?:工作)?的?情况$|方面$|工作$")
_LIKE: Final = 0.5  # how like the form's a heading with the same number is, from 0 to 1
_HEAD: Final = 45  # characters of a part's heading
_SUB: Final = 34  # characters of a heading within a part
LINES: Final = 5_000  # of a document that are looked at; a report has some hundreds
_FRONT: Final = 60  # lines that a title is looked for in
_WORDS: Final = re.compile(r"[\u4e00-\u9fff]{2}")
_TABLE: Final = 6  # lines that are looked at together to recognise a table
# Sentences between the title and the first part: on what the report is based, and for which time.
_PREAMBLE: Final = re.compile(
    r"统计(?:期限|时限|数据)|编制|本(?:年度)?报告(?:由|中|所|全文|自|根据|按)|(?:现|特)[^。]{0,12}公布|疑问"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProseFound:
    """What the lines of a document say.

    ``whose``: the unit and the year; ``date``: in ISO format, "" without one; ``texts``: the texts
    of the form by name, without empty ones; ``titles``: the titles of reports that name both unit
    and year, each once; ``count``: how many reports there seem to be, of which the first is read;
    ``remarks``: what was done with lines under no part's heading.
    """

    whose: Attribution
    date: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    titles: tuple[Title, ...] = ()
    count: int = 1
    remarks: tuple["Remark", ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """What was done (``outcome``) with ``lines`` of a report that are under no part's heading."""

    outcome: Value
    lines: tuple[str, ...]


@dataclass(slots=True)
class _ProseSection:
    """A part of the form in a document. ``part``: its number in the form; ``lines``: the lines
    below its heading, some of which are taken away while the report is read.
    """

    part: int
    lines: list[str]


def report(lines: Sequence[str], form: Form, heads: Sequence[str] = ()) -> ProseFound:
    """Read the lines of a document. Sentences of our template that still have to be completed are
    skipped. ``heads``: the titles of the web page, if the document is one.
    """
    lines = [line for line in lines if not line.strip().startswith(TO_COMPLETE)]
    before, runs = _sections(lines, form)
    runs = _joined(runs, form)
    sections = runs[0] if runs else []
    above = before[-_FRONT:] if runs else before[:_FRONT]
    near = titles(above, form.title)
    title = near[-1] if near else Title(text="")
    remarks: list[Remark] = []
    end = _end(sections, title, remarks) if sections else foot(lines)
    sections = _placed(before, sections, title, form, remarks)
    texts: dict[str, str] = {}
    for section in sections:
        part = form.parts[section.part]
        if isinstance(part, TextPart):
            for name, text in _texts(part, section.lines):
                texts[name] = "\n".join(x for x in (texts.get(name, ""), text) if x)
    named = dict.fromkeys((t.unit, t.year) for t in titles(lines, form.title) if t.unit and t.year)
    return ProseFound(
        whose=attributed(near, lines, heads, end, form),
        date=end.date,
        texts={name: text for name, text in texts.items() if text},
        titles=tuple(Title(text=f"{u}{y}年", unit=u, year=y) for u, y in named),
        count=max(1, len(runs)),
        remarks=tuple(remarks),
    )


def by_part(
    lines: Sequence[TextLine], form: Form
) -> Iterator[tuple[TextLine, Table | TextPart | None, bool]]:
    """The lines of a document (the first ``LINES``), each with the part of the form under whose
    heading it is (None above the first heading), and whether the line is that heading itself.
    """
    part: Table | TextPart | None = None
    for line in lines[:LINES]:
        heading = _part(line.text, form)
        if heading is not None:
            part = form.parts[heading[0]]
        yield line, part, heading is not None


def _end(sections: list[_ProseSection], title: Title, remarks: list[Remark]) -> Foot:
    """Remove the end of a report from the lines of its last part, and page numbers from all parts.
    Returns the agency and the date; the text of the web page around the report goes to ``remarks``.
    """
    last = sections[-1]
    end = foot(last.lines, (title.unit,))
    after = last.lines[end.end :] if end.date else []
    last.lines = last.lines[: end.end]
    start = tail(last.lines)
    aside, last.lines = last.lines[start:], last.lines[:start]
    if aside and not end.date:
        end = foot(last.lines, (title.unit,))
        last.lines = last.lines[: end.end]
    for section in sections:
        aside += [line for line in section.lines if is_page_number(line)]
        section.lines = [line for line in section.lines if not is_page_number(line)]
    if aside:
        remarks.append(Remark(Phrase.PAGE_TEXT, tuple(aside)))
    late = tuple(line for line in after if is_prose(line) and not is_furniture(line))
    if late:
        remarks.append(Remark(Phrase.BEHIND_SIGNATURE, late))
    return end


def _placed(
    before: Sequence[str],
    sections: list[_ProseSection],
    title: Title,
    form: Form,
    remarks: list[Remark],
) -> list[_ProseSection]:
    """The sections, with additional ones for text parts whose heading is missing: their lines are
    looked for above the first section and below tables. ``before``: the lines above the first
    section.

    Lines that cannot be placed with certainty are left out and named in ``remarks``.
    """
    complete: list[_ProseSection] = []
    below = _below_title(before, title)
    above = _ProseSection(-1, list(before if below is None else below))
    for n, section in enumerate([above, *sections] if sections else []):
        following = sections[n].part if n < len(sections) else len(form.parts)
        absent = form.parts[section.part + 1 : following]
        here = form.parts[section.part] if section is not above else None
        if here is not None:
            complete.append(section)
        texts = [part for part in absent if isinstance(part, TextPart)]
        if isinstance(here, TextPart):
            if len(texts) < len(absent):
                _cut_table(section, form, remarks)
            elif texts and len(section.lines) > 1:
                outcome = Phrase.NO_TITLE_BEFORE(texts[0].title, here.title)
                remarks.append(Remark(outcome, tuple(section.lines[-1:])))
            continue
        if not texts:  # the form has no place for text beside a table
            continue
        sentences = here is not None or below is not None
        lines = section.lines[_start(section.lines, texts, sentences=sentences) :]
        if not lines and here is None:  # there may be sentences about the report, worth a remark
            lines = [line for line in section.lines if is_prose(line) and not is_furniture(line)]
            texts = []
        if lines and len(texts) == 1:
            remarks.append(Remark(Phrase.NO_TITLE(texts[0].title), tuple(lines)))
            complete.append(_ProseSection(form.parts.index(texts[0]), lines))
        elif lines:
            unplaced = Phrase.UNPLACED_UNDER(here.title) if here else Phrase.UNPLACED_FIRST
            remarks.append(Remark(unplaced, tuple(lines)))
    return complete


def _below_title(before: Sequence[str], title: Title) -> list[str] | None:
    """The lines below a report's title, which may take up to four lines; None where the title is
    not there.
    """
    for at in range(len(before)) if title.text else ():
        if title.text in half_width("".join(before[max(0, at - 3) : at + 1])):
            return list(before[at + 1 :])
    return None


def _start(lines: Sequence[str], parts: Sequence[TextPart], *, sentences: bool) -> int:
    """The index of the line at which text begins: at a heading of one of the ``parts`` or, if
    ``sentences`` may begin it, at the first sentence that is not about the report itself. The
    number of lines where there is no text.
    """
    heads = [text.heading for part in parts for text in part.texts]
    for at, line in enumerate(lines):
        text_begins = is_prose(line) and not (_PREAMBLE.search(line) or is_furniture(line))
        if (sentences and text_begins) or (any(heads) and _sub(line, heads, 0) is not None):
            return at
    return len(lines)


def _cut_table(section: _ProseSection, form: Form, remarks: list[Remark]) -> None:
    """Cut off the lines of a text part from where the lines of a table begin, and add them to
    ``remarks``. That happens in plain text where the heading of the table is missing.
    """
    label_keys = Labels.of(form).keys
    labels = [
        key(line) in label_keys or key(line.split(" ")[0]) in label_keys for line in section.lines
    ]
    for at, is_label in enumerate(labels):
        if is_label and sum(labels[at : at + _TABLE]) > _TABLE // 2:
            remarks.append(Remark(Phrase.TABLE_TEXT, tuple(section.lines[at:])))
            section.lines = section.lines[:at]
            return


def unseen(texts: Sequence[str]) -> list[Remark]:
    """The remark about prose that is struck out or hidden, and so left out; empty where there are
    no words in it.
    """
    words = tuple(text for text in texts if _WORDS.search(text))
    return [Remark(Phrase.HIDDEN_TEXT, words)] if words else []


def _sections(lines: Sequence[str], form: Form) -> tuple[list[str], list[list[_ProseSection]]]:
    """The lines above the first heading, and the sections of each report in the document.

    A report begins where the heading of the first part occurs again. A table of contents, which has
    only headings, is not a report; nor is a run of less than half of the parts, unless there is no
    other.
    """
    before: list[str] = []
    runs: list[list[_ProseSection]] = []
    sections: list[_ProseSection] = []
    for line in lines:
        heading = _part(line, form)
        last = sections[-1].part if sections else -1
        if heading is not None and heading[0] > last:
            sections.append(_ProseSection(heading[0], [heading[1]] if heading[1] else []))
        elif heading is not None and heading[0] == 0 and last > 0:
            if sum(len(s.lines) for s in sections) > 0:
                runs.append(sections)
            sections = [_ProseSection(0, [heading[1]] if heading[1] else [])]
        elif sections:
            sections[-1].lines.append(line)
        else:
            before.append(line)
    if sections:
        runs.append(sections)
    complete = [run for run in runs if 2 * len(run) >= len(form.parts)]
    return before, complete or runs[:1]


def _joined(runs: list[list[_ProseSection]], form: Form) -> list[list[_ProseSection]]:
    """The reports, of which two are put together if the first has only tables and the second only
    text: a template that is printed as a whole has its tables first and its text behind them.
    """
    if len(runs) != 2:
        return runs
    first, second = (frozenset(section.part for section in run) for run in runs)
    texts = frozenset(n for n, part in enumerate(form.parts) if isinstance(part, TextPart))
    if first & texts or second - texts:
        return runs
    for section in runs[1]:
        ends = (n for n, line in enumerate(section.lines) if _ends_text(line, form))
        section.lines = section.lines[: next(ends, None)]
    return [sorted([*runs[0], *runs[1]], key=lambda section: section.part)]


def _ends_text(line: str, form: Form) -> bool:
    """Whether a line ends a text: it is the link back to the cover of a template, or the heading of
    a part.
    """
    heading = _part(line, form)
    return key(TO_COVER) in key(line) or (heading is not None and not heading[1])


def _part(line: str, form: Form) -> tuple[int, str] | None:
    """The number of the part whose heading a line is or begins with, and the rest of the line; None
    if it is not a heading. A line of a table of contents counts as a heading.
    """
    from rapidfuzz.distance import Levenshtein

    bare = _LEADER.sub("", line).strip()
    text = half_width(bare)
    text_key = key(text[: 2 * _HEAD])
    if not text_key:
        return None
    number = _NUMBER.match(text)
    for n, part in enumerate(form.parts):
        title = key(part.title)
        title_number = _NUMBER.match(half_width(part.title))
        core = title if title_number is None else key(half_width(part.title)[title_number.end() :])
        if text_key == title or (text_key == core and len(core) >= 4):
            return n, ""
        if text_key.startswith(title):
            return n, _after(bare, title)
        if (
            number is None
            or title_number is None
            or number[0][0] != title_number[0][0]
            or len(text) > _HEAD
        ):
            continue
        head = key(_END.split(text, maxsplit=1)[0])
        if Levenshtein.normalized_similarity(head, title) >= _LIKE and (
            number[1] is not None and number[1] == title_number[1]
        ):
            rest = _END.split(bare, maxsplit=1)
            return n, rest[1].strip() if len(rest) > 1 else ""
    return None


def _after(text: str, start: str) -> str:
    """The rest of a text that begins with the letters of the key ``start``."""
    at, left = 0, start
    while at < len(text) and left:
        letter = key(text[at])
        if letter and left.startswith(letter):
            left = left[len(letter) :]
        elif letter:
            break
        at += 1
    return text[at:].lstrip(" 。:：，,、")


def _texts(part: TextPart, lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The texts of a part, as name and content, in order. Lines above the first heading go to the
    first text.
    """
    now, text_lines = 0, list[str]()
    heads = [t.heading for t in part.texts]
    for line in lines:
        if _FILLER.fullmatch(half_width(line)):
            continue
        heading = _sub(line, heads, now) if any(heads) else None
        if heading is None:
            text_lines.append(line)
            continue
        if heading[0] > now:
            yield part.texts[now].name, "\n".join(text_lines)
            now, text_lines = heading[0], []
        if heading[1]:
            text_lines.append(heading[1])
    yield part.texts[now].name, "\n".join(text_lines)


def _sub(line: str, heads: Sequence[str], least: int) -> tuple[int, str] | None:
    """The number of the heading within a part that a line is or begins with, and the rest of the
    line; None if it is not one. Headings with a number below ``least`` are ignored.
    """
    from rapidfuzz.distance import Levenshtein

    text = half_width(line)
    number = _NUMBER.match(text)
    for n, head in enumerate(heads):
        head_number = _NUMBER.match(half_width(head))
        core = key(half_width(head)[head_number.end() if head_number else 0 :])
        if n < least or not core:
            continue
        if key(text) in (core, key(head)):
            return n, ""
        if number is None:
            continue
        pieces = _END.split(line, maxsplit=1)
        short = _TAIL.sub("", half_width(pieces[0])[number.end() :])
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
