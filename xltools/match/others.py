"""What came in instead of the form's tables: a picture, another form, another edition of this
one.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from xltools.forms.declaration import available, load
from xltools.match.labels import LONGEST, key
from xltools.match.locate import Expected
from xltools.match.prose import placed
from xltools.model.cells import Address
from xltools.model.findings import Finding, Topic, finding
from xltools.model.form import Form, Item, Table, TextPart
from xltools.model.numbers import Number
from xltools.model.returns import Return, Status
from xltools.model.wording import Value, each
from xltools.readers.book import TextLine

_SHORTEST: Final = 3  # characters of a label that is told within a text


def seen_only(findings: Sequence[Finding]) -> bool:
    """Whether a table is there for people to see, though it cannot be read."""
    return any(finding.is_about(Topic.UNREADABLE_TABLE) for finding in findings)


def why_missing(
    findings: Sequence[Finding], lines: Sequence[TextLine], tables: Sequence[Expected], form: Form
) -> list[Finding]:
    """The findings on a document, M-01 of a table that stands there as a picture (F-20) or without
    its cells (V-20) replaced by what says so.
    """
    lost = {finding.detail for finding in findings if finding.is_about(Topic.LOST_TABLE)}
    if not lost:
        return list(findings)
    under = list(placed(lines, form))
    headed = any(part is not None for _, part in under)
    reasons: dict[Value, Finding] = {}
    for table in tables:
        title = table.table.title
        if title in lost:
            # Without one heading, as where pages are pictures, everything may be the table.
            table_lines = [line for line, part in under if _heads(part, table) or not headed]
            reason = _as_text(table, table_lines) or _as_picture(table, table_lines)
            if reason is not None:
                reasons[title] = reason
    return [
        reasons.get(finding.detail, finding) if finding.is_about(Topic.LOST_TABLE) else finding
        for finding in findings
    ]


def _key(text: str) -> str:
    """The key of a text of any length."""
    return "".join(key(text[at : at + LONGEST]) for at in range(0, len(text), LONGEST))


def _heads(part: Table | TextPart | None, table: Expected) -> bool:
    return isinstance(part, Table) and part.key == table.table.key


def _as_picture(table: Expected, lines: Sequence[TextLine]) -> Finding | None:
    places = list(dict.fromkeys(line.place for line in lines if line.picture))
    if not places:
        return None
    title = table.table.title
    return finding("F-20", sheet=table.sheet, found=each(places[:3]), detail=title)


def _as_text(table: Expected, lines: Sequence[TextLine]) -> Finding | None:
    """V-20 where most labels of a table stand in running text, with figures."""
    labels = {label for label in table.known if len(label) >= _SHORTEST}
    texts = [(line.place, _key(line.text)) for line in lines]
    running = "".join(text for _, text in texts)
    there = {label for label in labels if label in running}
    rest = running
    for label in sorted(there, key=len, reverse=True):
        rest = rest.replace(label, "")  # some are numbered
    if 2 * len(there) < len(labels) or not any(c.isdigit() for c in rest):
        return None
    places = [place for place, text in texts if any(label in text for label in there)]
    first = places[0] if places else ""
    return finding("V-20", sheet=table.sheet, found=first, detail=table.table.title)


TOLD = 3  # labels that are named as the reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Another edition of a form, with labels found that only it has, as it prints them."""

    form: Form
    labels: tuple[str, ...]


def edition_of(form: Form, keys: Set[str]) -> Other | None:
    """The edition of the same form that the texts of a file (their keys) speak of; None if that
    is the form itself, or cannot be told.

    At least half of what only the other edition prints must be there, and a greater share than
    of what only this one prints.
    """
    mine = _labels(form)
    for edition in _editions(form):
        theirs = _labels(edition)
        only, mine_only = theirs.keys() - mine.keys(), mine.keys() - theirs.keys()
        shared = only & keys
        if 2 * len(shared) < len(only) or not shared:
            continue
        if len(shared) * len(mine_only) > len(mine_only & keys) * len(only) or not mine_only:
            labels = tuple(text for k, text in theirs.items() if k in shared)
            return Other(form=edition, labels=labels[:TOLD])
    return None


def headings_of(form: Form, table: str, keys: Set[str]) -> Other | None:
    """The edition of a form that prints in a table, by its key, the most of the labels that a sheet
    has (keys of its texts) and this form prints nowhere; None where there is none.
    """
    mine = _labels(form)
    editions = []
    for edition in _editions(form):
        printed = _printed(t for t in edition.tables if t.key == table)
        theirs = tuple(text for k, text in printed.items() if k in keys and k not in mine)
        if theirs:
            editions.append(Other(form=edition, labels=theirs))
    return max(editions, key=lambda edition: len(edition.labels), default=None)


# A program reads few forms; the bound is for tests, which make many.
@lru_cache(maxsize=8)
def _editions(form: Form) -> tuple[Form, ...]:
    """The other editions of a form that come with xltools, the latest first."""
    names = [n for n in reversed(available()) if n != form.name]
    loaded = [load(n) for n in names if n.startswith(f"{form.form}-")]
    return tuple(f for f in loaded if f.form == form.form)


@lru_cache(maxsize=8)
def _labels(form: Form) -> dict[str, str]:
    """What a form prints in its tables beside titles and corners, by key, in order."""
    return _printed(form.tables)


def _printed(tables: Iterable[Table]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for table in tables:
        for block in table.blocks:
            headings = (*block.rows, *block.columns)
            for text in (block.title, *(label for h in headings for label in h.labels)):
                texts.setdefault(key(text), text)
    texts.pop("", None)
    return texts


@lru_cache(maxsize=8)
def common(old: Form, new: Form) -> Mapping[int, int]:
    """Items of the old form that the new one has as well: number there -> number here.

    The same name and the same labels, or else the same labels under a table of the same title
    where these occur once; always of the same type and unit, an input for an input, a total for
    a total (which may have other parts).
    """
    titles = {form: {t.key: t.title for t in form.tables} for form in (old, new)}

    def printed(form: Form, item: Item) -> tuple[str, ...]:
        return (titles[form][item.table], *item.rows, "", *item.columns)

    there, here = (Counter(printed(form, i) for i in form.items) for form in (old, new))
    by_path = {printed(new, i): i for i in new.items}
    pairs: dict[int, int] = {}
    for item in old.items:
        number = new.by_name.get(item.name)
        counterpart = new.items[number] if number is not None else None
        if counterpart is None or (counterpart.rows, counterpart.columns) != (
            item.rows,
            item.columns,
        ):
            path = printed(old, item)
            counterpart = by_path.get(path) if there[path] == here[path] == 1 else None
        if counterpart is not None and _alike(item, counterpart):
            pairs[item.index] = counterpart.index
    return pairs


def _alike(item: Item, counterpart: Item) -> bool:
    computed = (item.formula is None) == (counterpart.formula is None)
    return computed and (item.type, item.unit) == (counterpart.type, counterpart.unit)


def carried_over(ret: Return, old: Form, new: Form) -> Return:
    """A return of the old form as one of the new: inputs in common and texts, the rest blank.

    Places stay those in the file that came in. A blank that the unit had declared to be zero is
    a zero; totals are left to the new form's formulas. Findings and explanations, which speak of
    the old form, are dropped.
    """
    size = len(new.items)
    numbers: list[Number | None] = [None] * size
    statuses = [Status.BLANK] * size
    places: list[Address | None] = [None] * size
    contents: dict[int, str] = {}
    pairs = common(old, new)
    for there, here in pairs.items():
        item = old.items[there]
        if item.formula is not None:
            continue
        status = ret.statuses[there]
        declared = ret.zero or item.table in ret.none
        numbers[here], statuses[here] = ret.numbers[there], status
        if status is Status.BLANK and declared:
            numbers[here], statuses[here] = 0, Status.GIVEN
        if ret.places:
            places[here] = ret.places[there]
        if there in ret.found:
            contents[here] = ret.found[there]
    identity = ret.identity
    if identity is not None:
        identity = replace(identity, form=new.form, edition=new.edition)
    names = {text.name: text.label for text in new.texts}
    texts = {t.name: ret.texts[t.name] for t in old.texts
             if t.name in ret.texts and names.get(t.name) == t.label}  # fmt: skip
    return replace(
        ret,
        identity=identity,
        numbers=numbers,
        statuses=statuses,
        places=places,
        typed=frozenset(),
        found=contents,
        zero=False,
        none=frozenset(),
        missing=frozenset(),
        texts=texts,
        explanations={},
        explained=(),
        priors={pairs[i]: n for i, n in ret.priors.items() if i in pairs},
        other="",
        findings=(),
    )
