"""Write what a decision is about (a finding, a figure, files) in words for the file of decisions,
and read such words back.
"""

import re
from collections.abc import Iterable

from xltools.layout.places import Layout
from xltools.model.cells import Address
from xltools.model.findings import Finding, catalogue
from xltools.model.form import Form, Item
from xltools.model.text import key, listed

_CELL = re.compile(
    r"(?:(?P<sheet>[^!！\s]+)[!！]|(?P<spaced>\S+)\s+)?\$?(?P<at>[A-Za-z]{1,3}\$?[0-9]{1,5})"
)
_NOTE = re.compile(r"\s*[（(].*[）)]\s*\Z", re.S)
_LEVELS = re.compile(r"[>＞/／→]+")
_CODE = re.compile(r"([A-Za-z]{1,6}[0-9]{0,2}-?[0-9]{0,3})(?![A-Za-z0-9-])[：:，,\s]*(.*)", re.S)
_FILES = re.compile(r"\s*[+＋；;\r\n]\s*")


class TargetError(ValueError):
    """A text names nothing that a decision can be about, or more than one thing. The message, in
    Chinese, says what to write.
    """


def cell_target(place: Address) -> str:
    """A cell as the file of decisions names it: ``表三!D5``."""
    return f"{place.sheet}!{place.a1}"


def finding_target(finding: Finding) -> str:
    """A finding as the file of decisions names it: its code and, where it has cells, the first of
    them, as in ``D-06 表三!D5``.
    """
    place = f"{finding.sheet}!{finding.cells[0]}" if finding.cells and finding.sheet else ""
    return f"{finding.code} {place}".strip()


def item_target(layout: Layout, item: int) -> str:
    """A figure as the file of decisions names it: its cell on the template, with its labels in
    brackets. ``item``: its number in the form.
    """
    return f"{cell_target(layout.address(item))}（{layout.form.items[item].path}）"


def code_and_cell(text: str, form: Form) -> tuple[str, str]:
    """Read the code of a finding and its cell (as `cell_words` gives it) from a text; the cell is
    empty where none is named, which means any cell. Raises TargetError for an unknown code, or
    where the rest is not a cell.
    """
    match = _CODE.match(_half(text))
    if match is None:
        raise TargetError(f"“{text}”里没有问题编码；请写编码和单元格，如 编码 表名!D5。")
    code, rest = match[1].upper(), _NOTE.sub("", match[2]).strip()
    known = {rule.code.upper(): rule.code for rule in form.rules} | {c: c for c in catalogue()}
    if code not in known:
        raise TargetError(f"没有“{match[1]}”这个问题编码；编码见汇总表的“问题”页。")
    if not rest:
        return known[code], ""
    place = _CELL.fullmatch(rest)
    if place is None:
        raise TargetError(f"“{rest}”不是单元格；请写成 表名!D5，或只写编码。")
    return known[code], _cell(place)


def after_code(text: str, form: Form) -> str:
    """The part of a text behind the finding's code at its beginning; the whole text where it does
    not begin with a code.
    """
    match = _CODE.match(_half(text))
    known = {rule.code.upper() for rule in form.rules} | catalogue().keys()
    return match[2].strip() if match is not None and match[1].upper() in known else text


def _cell(match: re.Match[str]) -> str:
    """The cell that a match of `_CELL` found, as `cell_words` gives it."""
    sheet = match["sheet"] or match["spaced"] or ""
    at = match["at"].replace("$", "").upper()
    return f"{key(sheet)}!{at}" if sheet else at


def cell_words(text: str) -> str:
    """The cell that a text names, written so that cells can be compared (``表三!D5``, or ``D5``
    without a sheet); empty where the text is not a cell.
    """
    place = _CELL.fullmatch(_half(text))
    return _cell(place) if place is not None else ""


def same_cell(wanted: str, cell: str) -> bool:
    """Whether ``wanted``, a cell as `cell_words` gives it, with or without a sheet, means ``cell``
    (with its sheet).
    """
    return wanted in (key(cell), key(cell).partition("!")[2])


def item_of(layout: Layout, text: str) -> int:
    """The number of the figure that a text names by its name in the form, its cell on the template,
    or its labels. The labels may be the whole path (``a > b > c``), or as much of it as only one
    figure has.

    Raises TargetError where the text means no figure, or several.
    """
    form, bare = layout.form, _half(text).strip()
    if bare in form.by_name:
        return form.by_name[bare]
    for words in (bare, _NOTE.sub("", bare).strip()):
        place = _CELL.fullmatch(words)
        if place is not None:
            wanted = _cell(place)
            at = [
                i.index for i in form.items
                if same_cell(wanted, cell_target(layout.address(i.index)))
            ]  # fmt: skip
            return _only(layout, text, at)
    if not _levels(bare):
        raise TargetError("没有写明数据项；请写单元格（如 表名!D5）或栏目名称。")
    return _only(layout, text, labelled(form, bare))


def labelled(form: Form, text: str) -> list[int]:
    """The numbers of the figures that a path of labels (``a > b > c``) may mean: the one whose
    whole path it is, otherwise all that have these labels in this order.
    """
    parts = _levels(_half(text))
    if not parts:
        return []
    at = [i.index for i in form.items if _means(i, parts, whole=True)]
    return at if len(at) == 1 else [i.index for i in form.items if _means(i, parts, whole=False)]


def _levels(text: str) -> list[str]:
    """The labels of a path, outermost first, each as `_bare` gives it."""
    return [p for p in (_bare(part) for part in _LEVELS.split(text)) if p]


def _only(layout: Layout, text: str, at: list[int]) -> int:
    """The only element of ``at``, the numbers of the figures that ``text`` may mean. Raises
    TargetError where there is none, or several.
    """
    if len(at) == 1:
        return at[0]
    if not at:
        raise TargetError(
            f"找不到“{text}”这个数据项；请写模板上的单元格（如 表名!D5），或逐级写出栏目名称"
            "（行 > 列）。"
        )
    some = listed((cell_target(layout.address(i)) for i in at), 4, more="等 {} 项")
    raise TargetError(f"“{text}”可以指 {some}；请写明工作表和单元格，如 表名!D5。")


def _means(item: Item, parts: list[str], *, whole: bool) -> bool:
    """Whether the labels ``parts`` mean an item. ``whole``: they must be all of the item's labels;
    otherwise they need only occur among these in the same order.
    """
    labels = [_bare(label) for label in (*item.rows, *item.columns) if label]
    if whole:
        return parts == labels or parts == [_bare(x) for x in item.label.split(" / ")]
    rest = iter(labels)
    return all(any(part == label for label in rest) for part in parts)


def _bare(label: str) -> str:
    """A label, as `key` gives it, without the number in front of it, such as 一、, （一） or 1."""
    text = key(label)
    match = re.fullmatch(
        r"(?:[一二三四五六七八九十]+、|\([一二三四五六七八九十0-9]+\)|[0-9]+[.、])(.+)", text
    )
    return match[1] if match else text


def files_of(text: str) -> tuple[str, ...]:
    """The file names in a text, where they are separated by ＋, a semicolon or a line break; each
    once.
    """
    return tuple(dict.fromkeys(part.strip() for part in _FILES.split(text) if part.strip()))


def file_named(name: str, paths: Iterable[str]) -> list[str]:
    """The paths that a file name means: those equal to it, otherwise those whose last part, the
    file's own name, is equal to it.
    """
    known = list(paths)
    wanted = key(name.replace("\\", "/"))
    return [p for p in known if key(p) == wanted] or [
        p for p in known if key(p.rpartition("/")[2]) == wanted
    ]


def _half(text: str) -> str:
    """A text with full-width letters, digits and most signs as half-width ones, and without spaces
    at its ends. （），：；！ stay as they are.
    """
    wide = {c: c - 0xFEE0 for c in range(0xFF01, 0xFF5F) if chr(c) not in "（），：；！"}
    return text.translate(wide).strip()
