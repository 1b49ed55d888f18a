"""What a decision is made on, in words, and the words back: a finding, a figure, files."""

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
    """Words that name nothing, or more than one thing; the text says what to do."""


def cell_target(place: Address) -> str:
    """A cell in words: ``表三!D5``."""
    return f"{place.sheet}!{place.a1}"


def finding_target(finding: Finding) -> str:
    """A finding in words: its code and its first cell."""
    place = f"{finding.sheet}!{finding.cells[0]}" if finding.cells and finding.sheet else ""
    return f"{finding.code} {place}".strip()


def item_target(layout: Layout, item: int) -> str:
    """A figure in words: its cell on the template, and its labels."""
    return f"{cell_target(layout.address(item))}（{layout.form.items[item].path}）"


def code_and_cell(text: str, form: Form) -> tuple[str, str]:
    """A finding by code and cell (empty: any). Raises TargetError."""
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
    """What stands after the code that some words begin with; all of it where they do not."""
    match = _CODE.match(_half(text))
    known = {rule.code.upper() for rule in form.rules} | catalogue().keys()
    return match[2].strip() if match is not None and match[1].upper() in known else text


def _cell(match: re.Match[str]) -> str:
    sheet = match["sheet"] or match["spaced"] or ""
    at = match["at"].replace("$", "").upper()
    return f"{key(sheet)}!{at}" if sheet else at


def cell_words(text: str) -> str:
    """A cell as it is compared (``表三!D5``, ``D5``); empty for what is none."""
    place = _CELL.fullmatch(_half(text))
    return _cell(place) if place is not None else ""


def same_cell(wanted: str, cell: str) -> bool:
    """Whether a cell that was asked for, with or without its sheet, is this one."""
    return wanted in (key(cell), key(cell).partition("!")[2])


def item_of(layout: Layout, text: str) -> int:
    """The figure that some words name: its name, its cell on the template, or its labels.

    Labels: the whole path (``a > b > c``), or enough of it that only one figure is meant.
    Raises TargetError.
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
    """The figures that labels may mean (``a > b > c``): the one whose whole path they are, else
    all that have them.
    """
    parts = _levels(_half(text))
    if not parts:
        return []
    at = [i.index for i in form.items if _means(i, parts, whole=True)]
    return at if len(at) == 1 else [i.index for i in form.items if _means(i, parts, whole=False)]


def _levels(text: str) -> list[str]:
    return [p for p in (_bare(part) for part in _LEVELS.split(text)) if p]


def _only(layout: Layout, text: str, at: list[int]) -> int:
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
    """Whether each part is one of the item's labels, in their order, the last of rows or columns
    the innermost.
    """
    labels = [_bare(label) for label in (*item.rows, *item.columns) if label]
    if whole:
        return parts == labels or parts == [_bare(x) for x in item.label.split(" / ")]
    rest = iter(labels)
    return all(any(part == label for label in rest) for part in parts)


def _bare(label: str) -> str:
    """A label without its number: 一、, （一）, 1."""
    text = key(label)
    match = re.fullmatch(
        r"(?:[一二三四五六七八九十]+、|\([一二三四五六七八九十0-9]+\)|[0-9]+[.、])(.+)", text
    )
    return match[1] if match else text


def files_of(text: str) -> tuple[str, ...]:
    """Names of files, joined by a plus or a semicolon."""
    return tuple(dict.fromkeys(part.strip() for part in _FILES.split(text) if part.strip()))


def file_named(name: str, paths: Iterable[str]) -> list[str]:
    """The paths that a name means: the path itself, else the file's own name."""
    known = list(paths)
    wanted = key(name.replace("\\", "/"))
    return [p for p in known if key(p) == wanted] or [
        p for p in known if key(p.rpartition("/")[2]) == wanted
    ]


def _half(text: str) -> str:
    """Full-width letters, digits and signs as half-width ones; one character stays one."""
    wide = {c: c - 0xFEE0 for c in range(0xFF01, 0xFF5F) if chr(c) not in "（），：；！"}
    return text.translate(wide).strip()
