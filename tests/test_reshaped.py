"""Tables that are all there in another shape are read, in every format; what cannot be told is
asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from support import written
from support.documents import balanced, codes, wrong
from support.filled import FORM
from support.matching import MATCHER
from support.reshaped import (
    FORMATS,
    SIXTH,
    Reshape,
    broken,
    collapsed,
    leaves,
    reshaped,
    untitled,
    without_headings,
)
from support.written import Convert, Written
from xltools.model.returns import Return
from xltools.model.wording import in_words
from xltools.readers.workbook import book_of


def read(report: Written, kind: str) -> Return:
    data = FORMATS[kind](report)
    return MATCHER.match(book_of(data if isinstance(data, bytes) else data.encode()))


def read_whole(report: Written, kind: str) -> None:
    """Every figure is read, and nothing is asked."""
    ret = read(report, kind)
    assert wrong(ret, report.figures) == []
    assert [f for f in ret.findings if f.open] == []
    assert codes(ret.findings) <= {"M-03", "I-14"}


@pytest.mark.parametrize("kind", FORMATS)
def test_as_the_form_is(kind: str) -> None:
    read_whole(balanced(3), kind)


@pytest.mark.parametrize("kind", FORMATS)
def test_without_the_titles_of_blocks(kind: str) -> None:
    read_whole(reshaped(balanced(3), {"t2": untitled}), kind)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("table", ["t2", "t3", "t4"])
def test_headings_over_two_rows(table: str, kind: str) -> None:
    read_whole(reshaped(balanced(3), {table: broken}), kind)


SIX_ZERO = collapsed(0, 0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_group_in_one_row_of_zeros(kind: str) -> None:
    report = balanced(3)
    figures = list(report.figures)
    for name in leaves():
        figures[FORM.by_name[name]] = 0
    ret = read(reshaped(replace(report, figures=figures), {"t3": SIX_ZERO}), kind)
    assert wrong(ret, figures) == []
    (note,) = [f for f in ret.findings if f.code not in ("M-03", "I-14")]
    assert (note.code, len(note.cells), set(note.items)) == ("M-17", 7, set(leaves()))
    assert SIXTH in in_words(note.found)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_group_in_one_row_is_not_divided(kind: str) -> None:
    """Its columns of 0 are; of the others each part is asked for."""
    report = balanced(3)
    row = collapsed(4, 0, 0, "/", 0, 1, 5)
    ret = read(reshaped(report, {"t3": row}), kind)
    assert [n for n in wrong(ret, report.figures) if n not in leaves()] == []
    asked = {n for n in leaves() if n.rpartition(".")[2] in ("natural", "others", "total")}
    (fatal,) = [f for f in ret.findings if f.open]
    assert (fatal.code, len(fatal.cells), set(fatal.items)) == ("M-18", 3, asked)
    assert {n for n in leaves() if ret.numbers[FORM.by_name[n]] is None} == asked
    assert {ret.numbers[FORM.by_name[n]] for n in leaves() if n not in asked} == {0}


@pytest.mark.parametrize("kind", FORMATS)
def test_a_group_whose_rows_have_lost_their_labels_is_not_divided(kind: str) -> None:
    """A label over a group that stands in its first row is no row of its own."""
    report = balanced(3)
    damaged = replace(report, mend=lambda box, text: "甲乙丙丁" if text in PARTS else text)
    ret = read(damaged, kind)
    assert not codes(ret.findings) & {"M-17", "M-18"}
    assert [n for n in wrong(ret, report.figures) if n not in leaves()] == []
    assert {ret.numbers[FORM.by_name[n]] for n in leaves()} == {None}
    assert "M-02" in codes(ret.findings)


PARTS = {i.rows[-1] for i in FORM.items if i.name in leaves()}


FORMER = {
    "本年制发件数": "本年新制作数量",
    "本年废止件数": "本年新公开数量",
    "现行有效件数": "对外公开总数量",
    "行政规范性文件": "规范性文件",
}


@pytest.mark.parametrize("kind", FORMATS)
def test_headings_of_both_editions(kind: str) -> None:
    """What stands under those of this edition is read; those of the other are named."""
    report = balanced(3)
    mixed = replace(report, mend=lambda _, text: FORMER.get(text.replace("\n", ""), text))
    ret = read(mixed, kind)
    first = [i.name for i in FORM.items if i.row in ("regulations", "normative")]
    assert wrong(ret, report.figures) == first
    (fatal,) = [f for f in ret.findings if f.open]
    assert (fatal.code, list(fatal.items)) == ("M-02", first)
    assert all(text in in_words(fatal.found) for text in ("2019年版", *FORMER.values()))
    assert ret.missing == frozenset()


@pytest.mark.parametrize("kind", FORMATS)
def test_headings_of_later_blocks_missing(kind: str) -> None:
    """The table is there: what stands under its headings is read, the rest is asked for."""
    report = balanced(3)
    ret = read(reshaped(report, {"t2": without_headings}), kind)
    (fatal,) = [f for f in ret.findings if f.open]
    assert fatal.code == "M-02"
    assert wrong(ret, report.figures) == list(fatal.items)
    assert {n.split(".")[1] for n in fatal.items} == {"licences", "penalties", "coercion", "fees"}


def test_printed_as_pdf(convert: Convert) -> None:
    report = balanced(3)
    shapes: dict[str, dict[str, Reshape]] = {
        "untitled": {"t2": untitled},
        "broken": {"t2": broken, "t3": broken, "t4": broken},
        "collapsed": {"t3": collapsed(4, 0, 0, 0, 0, 1, 5)},
    }
    made = {name: written.word(reshaped(report, shape)) for name, shape in shapes.items()}
    for name, data in convert(made, "pdf").items():
        ret = MATCHER.match(book_of(data))
        lost = leaves() if name == "collapsed" else []
        assert [n for n in wrong(ret, report.figures) if n not in lost] == [], name
        assert [f.code for f in ret.findings if f.open] == (["M-18"] if lost else []), name
