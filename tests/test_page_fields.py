"""Figures in the fields of a web page: read as they were saved, told where they were not."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import replace

import pytest

from support import written
from support.documents import balanced, bytes_of, codes, page_of, read, wrong
from support.filled import FORM
from xltools.model.returns import Status

REPORT = balanced(5)
MARK = "@@"

Field = Callable[[str], str]

FIELDS: dict[str, Field] = {
    "text": lambda text: f'<input type="text" name="f" value="{text}">',
    "of no kind": lambda text: f"<input value='{text}' readonly>",
    "number": lambda text: f'<input type="number" value="{text}"><input type="hidden" value="9">',
    "of a kind of its own": lambda text: f'<input type="currency" value="{text}">',
    "lines": lambda text: f"<textarea rows=1>\n{text}\n</textarea>",
    "choice": lambda text: (
        f"<select><option>请选择</option><option value='7'>1</option><option selected>{text}"
        "</option></select>"
    ),
    "the only choice": lambda text: f"<select><option>{text}</option></select>",
    "proposals": lambda text: f'<input value="{text}"><datalist><option>1</option></datalist>',
    "a button": lambda text: f'<input value="{text}"><button>0</button><noscript>9</noscript>',
    "within a label": lambda text: f'<label><input value="{text}"></label>',
    "beside a tick": lambda text: f'<input type="checkbox" value="1">{text}',
}


def page(field: Field, *, around: bool = True) -> bytes:
    """A page whose figures are in fields; without text around it is a sheet."""
    marked = replace(REPORT, mend=lambda box, text: text if box.item is None else MARK + text)
    parts = written.page(marked).decode().split(MARK)
    made = [parts[0]]
    for part in parts[1:]:
        text, rest = part.split("</span>", 1)
        made.append(field(html.unescape(text).strip()) + "</span>" + rest)
    whole = "".join(made)
    if not around:
        tables = [t.split("</table>")[0] for t in whole.split("<table")[1:]]
        whole = "<html><body>" + "".join(f"<table{t}</table>" for t in tables) + "</body></html>"
    return whole.encode()


@pytest.mark.parametrize("around", [True, False])
@pytest.mark.parametrize("kind", FIELDS)
def test_figures_in_fields(kind: str, around: bool) -> None:
    ret = read(page(FIELDS[kind], around=around))
    assert wrong(ret, REPORT.figures) == []
    assert codes(ret.findings) <= {"M-03"}


EMPTY: dict[str, Field] = {
    "without a value": lambda _: '<input type="text" name="f">',
    "with an empty one": lambda _: '<input value=" ">',
    "lines": lambda _: "<textarea> </textarea>",
    "a choice without a mark": lambda text: (
        f"<select><option>0</option><option>{text}</option></select>"
    ),
}


@pytest.mark.parametrize("around", [True, False])
@pytest.mark.parametrize("kind", EMPTY)
def test_fields_that_were_not_saved(kind: str, around: bool) -> None:
    """They are no blanks: what was typed may have been lost."""
    ret = read(page(EMPTY[kind], around=around))
    inputs = [i.index for i in FORM.items if i.formula is None]
    assert {ret.statuses[i] for i in inputs} == {Status.UNREADABLE}
    assert codes(ret.findings) <= {"B-06", "M-03"}
    named = {name for f in ret.findings if f.code == "B-06" for name in f.items}
    assert named == {FORM.items[i].name for i in inputs}


JOINED: dict[str, Field] = {
    "two": lambda text: f'<input value="{text}"><input value="3">',
    "lines": lambda text: f"<textarea>{text}</textarea><textarea>3</textarea>",
    "text beside": lambda text: f'{text}<input value="5">',
}


@pytest.mark.parametrize("around", [True, False])
@pytest.mark.parametrize("kind", JOINED)
def test_two_things_in_a_cell_are_not_joined(kind: str, around: bool) -> None:
    ret = read(page(JOINED[kind], around=around))
    inputs = [i.index for i in FORM.items if i.formula is None]
    assert {ret.statuses[i] for i in inputs} == {Status.UNREADABLE}
    assert "V-02" in codes(ret.findings)


def test_some_fields_left_empty_are_blank() -> None:
    """Where others have kept what was typed, it was nothing."""
    ret = read(page(lambda text: f'<input value="{"" if text == "0" else text}">'))
    blank = [i.index for i in FORM.items if i.formula is None and not REPORT.figures[i.index]]
    assert blank
    assert {ret.statuses[i] for i in blank} == {Status.BLANK}
    assert ret.findings == ()


def test_prose_typed_into_a_field_is_read_and_a_search_box_is_not() -> None:
    data = written.page(REPORT).decode()
    said = REPORT.texts["p5.problems"]
    data = data.replace(f"&nbsp;&nbsp;{said}", f"<textarea>{said}\n另有一段。</textarea>")
    data = data.replace("<h2>", "<input value='请输入关键词'><h2>", 1)
    ret = read(data)
    assert ret.texts["p5.problems"] == f"{said}\n另有一段。"
    assert ret.findings == ()


def test_a_cell_covers_a_thousand_columns_at_most() -> None:
    """As browsers have it: what goes further covers none of the cells that follow."""
    report = balanced(3)
    returns = []
    for span in ("1000", "1001", "16000"):
        page = page_of(written.page(report))
        row = list(list(page.iter("table"))[1].iter("tr"))[12]
        row[-3].set("colspan", span)
        returns.append(read(bytes_of(page)))
    assert not wrong(returns[0], report.figures)
    assert len({tuple(ret.numbers) for ret in returns}) == 1
    assert [codes(ret.findings) for ret in returns] == [{"M-08"}] * 3
