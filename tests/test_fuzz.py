"""Random damage to a good return: the same figures, or something is said; never other figures.

Damage here is what transport, disks and bad programs do: bytes changed, cut, lost or doubled, and
parts of a package whose structure is broken although the archive around them is whole. A digit
changed in a cell is no damage but another figure, which nobody can tell; where a format keeps
figures unprotected (.xls), what the spreadsheet program shows as well is taken as such.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.client import Office
from support.filled import FORM, LAYOUT
from support.inboxes import filled_in
from xltools.checks.run import check
from xltools.match.matcher import Matcher
from xltools.model.errors import ReadError
from xltools.model.evaluate import recomputed
from xltools.model.numbers import Number
from xltools.readers.workbook import book_of

MATCHER = Matcher(LAYOUT)
T = TypeVar("T")
KINDS = ("xlsx", "xls", "ods")
Judged = tuple[tuple[str, int, tuple[Number | None, ...]], frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """One return as a spreadsheet program saves it, in each format, and that program."""

    office: Office
    folder: Path
    whole: Mapping[str, bytes]


@pytest.fixture(scope="module")
def good(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Good:
    folder = tmp_path_factory.mktemp("good")
    (folder / "a.xlsx").write_bytes(filled_in("某单位", 7))
    whole = {k: office.convert(folder / "a.xlsx", folder / f"b.{k}").read_bytes() for k in KINDS}
    return Good(office=office, folder=folder, whole=whole)


def judge(data: bytes) -> Judged | None:
    """Whose it is, its figures, and the codes of what is to be said; None when refused."""
    try:
        ret = MATCHER.match(book_of(data))
    except ReadError as error:
        assert error.code in ("F-01", "F-02", "F-03", "F-05")
        return None
    said = [*ret.findings, *check(LAYOUT, ret)]
    # 填报 and the hidden sheet both say whose it is.
    unit, year = ret.unit, ret.year
    if ret.identity is not None:
        unit, year = ret.identity.unit, ret.identity.year or year
    return (unit, year, recomputed(FORM, ret)), frozenset(
        f.code for f in said if f.open or f.code in ("I-07",)
    )


@cache
def judged(data: bytes) -> Judged | None:
    return judge(data)


def holds(good: Good, kind: str, damaged: bytes) -> None:
    before, after = judged(good.whole[kind]), judge(damaged)
    assert before is not None and not before[1]
    if after is None or after[1] or after[0] == before[0]:
        return
    # Other figures and not a word: then they are what the spreadsheet program shows, too.
    path = good.folder / f"damaged.{kind}"
    path.write_bytes(damaged)
    shown = good.office.convert(path, good.folder / "shown.xlsx", recalc=False)
    assert judge(shown.read_bytes()) == after, differences(before, after)


def differences(before: Judged, after: Judged) -> object:
    pairs = zip(FORM.items, before[0][-1], after[0][-1], strict=True)
    return [(i.name, a, b) for i, a, b in pairs if a != b] or after[0][:2]


PLACE = st.integers(0, (1 << 20) - 1)  # in a file, by its share of it
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), PLACE, st.integers(0, 255), st.just(0)),
        st.tuples(st.just("bit"), PLACE, st.integers(0, 7), st.just(0)),
        st.tuples(st.just("cut"), PLACE, st.just(0), st.just(0)),
        st.tuples(st.just("lose"), PLACE, st.integers(1, 2048), st.just(0)),
        st.tuples(st.just("zero"), PLACE, st.integers(1, 2048), st.just(0)),
        st.tuples(st.just("copy"), PLACE, st.integers(1, 2048), PLACE),
    ),
    min_size=1,
    max_size=4,
)


def damage(data: bytes, steps: Sequence[tuple[str, int, int, int]]) -> bytes:
    out = bytearray(data)
    for what, share, value, other in steps:
        at, there = share * len(out) >> 20, other * len(out) >> 20
        if not out:
            break
        if what == "set":
            out[at] = value
        elif what == "bit":
            out[at] ^= 1 << value
        elif what == "cut":
            del out[at:]
        elif what == "lose":
            del out[at : at + value]
        elif what == "zero":
            out[at : at + value] = bytes(len(out[at : at + value]))
        else:
            out[at:at] = out[there : there + value]
    return bytes(out)


BOUNDED = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("kind", KINDS)
@BOUNDED
@given(steps=STEPS)
def test_damaged_bytes(good: Good, kind: str, steps: Sequence[tuple[str, int, int, int]]) -> None:
    holds(good, kind, damage(good.whole[kind], steps))


# Parts of a package broken inside, packed anew with right sums

TAG = re.compile(r"<[^>]+>")
VALUE = re.compile(r'\soffice:(?:value|string-value|boolean-value|date-value)="[^"]*"')


@cache
def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repacked(contents: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in contents.items():
            archive.writestr(name, body)
    return out.getvalue()


def share(of: Sequence[T], place: int) -> T:
    return of[place * len(of) >> 20]


BREAKS = st.tuples(
    st.sampled_from(["tag"] * 4 + ["letter"] * 3 + ["cut", "drop part", "swap parts"]),
    PLACE,  # of the part
    PLACE,  # of the tag in it
    PLACE,  # in the tag, or of another part
    st.sampled_from('0123456789ABDEZabcrst"/<> &'),
)


def broken(whole: bytes, how: tuple[str, int, int, int, str]) -> bytes:
    what, part, tag, within, letter = how
    contents = dict(parts(whole))
    name = share([n for n in contents if n.endswith((".xml", ".rels"))], part)
    if what == "drop part":
        del contents[name]
        return repacked(contents)
    if what == "swap parts":
        other = share(sorted(contents), within)
        contents[name], contents[other] = contents[other], contents[name]
        return repacked(contents)
    text = contents[name].decode()
    one = share(list(TAG.finditer(text)), tag)
    start, end = one.span()
    if what == "cut":
        text = text[: share([start, end, (start + end) // 2], within)]
    elif what == "tag":
        instead = share(["", one[0] * 2, "<x/>", one[0].replace("/>", ">")], within)
        text = text[:start] + instead + text[end:]
    else:
        at = share(range(start + 1, max(end - 1, start + 2)), within)
        value = VALUE.search(text, start, end)
        if value is not None and value.start() <= at < value.end():
            at = start + 1  # a figure is no structure
        text = text[:at] + letter + text[at + 1 :]
    contents[name] = text.encode()
    return repacked(contents)


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
@BOUNDED
@given(how=BREAKS)
def test_broken_parts(good: Good, kind: str, how: tuple[str, int, int, int, str]) -> None:
    holds(good, kind, broken(good.whole[kind], how))


def test_a_figure_that_was_changed_is_another_figure(good: Good) -> None:
    """What the tests above let pass: the bytes of a number, which nothing in an .xls guards."""
    whole = good.whole["xls"]
    charged = judged(whole)
    assert charged is not None
    number = charged[0][-1][FORM.by_name["t2.fees.charged"]]
    at = whole.index(struct.pack("<d", float(number or 0)))
    changed = whole[:at] + struct.pack("<d", 12.5) + whole[at + 8 :]
    holds(good, "xls", changed)
    after = judge(changed)
    assert after is not None and after[0] != charged[0] and not after[1]


def test_a_cell_whose_tags_are_damaged_is_no_blank(good: Good) -> None:
    """The value reader takes it for one, and goes on."""
    part, cell = "xl/worksheets/sheet2.xml", re.compile(rb' t="n"><v>(?=[1-9])')
    contents = parts(good.whole["xlsx"])
    places = list(cell.finditer(contents[part]))
    assert len(places) > 3
    for at in places[:4]:
        text = contents[part]
        changed = text[: at.end() - 3] + b"Bv>" + text[at.end() :]
        assert judge(repacked(contents | {part: changed})) is None
