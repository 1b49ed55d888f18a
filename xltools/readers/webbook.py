"""Web pages of several files to a book: a page with frames, and a workbook that was saved as one
page for each sheet, by Excel (a page of frames, its sheets in a folder beside it) or by Google.
"""

import html as entities
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final
from urllib.parse import unquote

from xltools.model.errors import ReadError
from xltools.model.wording import Phrase
from xltools.readers import html
from xltools.readers.book import Book, CellBudget, SheetDraft, book
from xltools.readers.bundles import PAGES, STYLES, listed
from xltools.readers.html import WebPage

_FRAMED: Final = re.compile(r"<frameset[\s>]", re.IGNORECASE)
# How the first page of a workbook lists its sheets: for the programs of Office, and for browsers.
_WORKSHEET: Final = re.compile(
    r"<x:Name>([^<]*)</x:Name>\s*<x:WorksheetSource\s+HRef=\"([^\"]*)\"", re.IGNORECASE
)
_LINK: Final = re.compile(r"<link\s+id=\"?shLink\"?\s+href=\"([^\"]*)\"", re.IGNORECASE)
_TAB: Final = re.compile(r"c_rgszSh\[[0-9]+\]\s*=\s*\"([^\"]*)\"")
_TABS: Final = re.compile(r"<a\s+href=\"([^\"]*)\"[^>]*>\s*(?:<font[^>]*>)?([^<]*)", re.IGNORECASE)
_VISIBLE: Final = re.compile(r"<x:Visible>\s*Sheet(Very)?Hidden", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _PageSheet:
    """A page that is one sheet of a workbook: the name of the sheet, and the path of the page."""

    name: str
    place: str


def read(data: bytes, name: str, parts: Mapping[str, bytes]) -> Book | None:
    """The book of a page; None when it has no tables. ``name``: for a single table without a name
    of its own; ``parts``: the other files that belong to the page, by path.

    Raises ReadError: F-02 damaged, F-05 too many cells, F-15 where the pages with the tables are
    not among ``parts``.
    """
    if any(path.lower().endswith(STYLES) for path in parts):
        return pages({f"{name}.html": data, **parts})
    page = html.parsed(data)
    if page is None:
        return None
    framed = _FRAMED.search(page.text) is not None
    sheets = _listed(page.text) if framed or "WorksheetSource" in page.text else []
    if sheets:
        return _workbook(sheets, parts)
    _frame(page, parts, needed=framed)
    return html.book_of(_styled(page, parts), name)


def pages(parts: Mapping[str, bytes]) -> Book | None:
    """The book of a workbook that was saved as pages without a first one. Each page is a sheet,
    named as the page with the tabs names it, else as its file. Raises ReadError as ``read``.
    """
    paths = [path for path in parts if path.lower().endswith(PAGES)]
    tabs = next((path for path in paths if _name(path).lower().startswith("tabstrip")), "")
    names: dict[str, str] = {}
    if tabs:
        shown = html.parsed(parts[tabs])
        names = {_last(place): text for place, text in _TABS.findall(shown.text if shown else "")}
    sheets = [
        _PageSheet(entities.unescape(names.get(_name(path).lower(), "")) or _stem(path), path)
        for path in (sorted(paths) if tabs or any(listed(_name(p)) for p in paths) else paths)
        if not _name(path).lower().startswith("tabstrip")
    ]
    return _workbook(sheets, parts)


def _listed(text: str) -> list[_PageSheet]:
    """The sheets that the first page of a workbook lists, in order; none for any other page."""
    sheets = [_PageSheet(entities.unescape(n), place) for n, place in _WORKSHEET.findall(text)]
    if sheets:
        return sheets
    links = _LINK.findall(text)
    names = _TAB.findall(text)
    if links:
        named = names if len(names) == len(links) else [_stem(link) for link in links]
        return [_PageSheet(n, link) for n, link in zip(named, links, strict=True)]
    return []


def _workbook(sheets: Sequence[_PageSheet], parts: Mapping[str, bytes]) -> Book | None:
    """The book of the pages that are the sheets of a workbook. Raises ReadError as ``read``."""
    missing = [sheet.place for sheet in sheets if _part(parts, sheet.place) is None]
    if missing:
        raise _incomplete(missing, len(sheets))
    budget, drafts, names = CellBudget(), list[SheetDraft](), set[str]()
    for sheet in sheets:
        page = html.parsed(_part(parts, sheet.place) or b"")
        if page is None:
            continue
        hidden = _VISIBLE.search(page.text)
        for number, draft in enumerate(html.drafts(_styled(page, parts), budget), 1):
            name = sheet.name if number == 1 else f"{sheet.name}（{number}）"
            while name in names:
                name += "（另）"
            names.add(name)
            draft.name = name
            draft.visible, draft.buried = hidden is None, bool(hidden and hidden[1])
            drafts.append(draft)
    return book(drafts) if drafts else None


def _frame(page: WebPage, parts: Mapping[str, bytes], *, needed: bool) -> None:
    """Put the pages that a page shows in frames into it, where the frames stand. ``needed``: the
    page has nothing but frames. Raises ReadError F-15 when it needs a page that is missing.
    """
    frames = [*page.root.iter("frame", "iframe")]
    missing = []
    for frame in frames:
        place = frame.get("src") or ""
        data = _part(parts, place)
        inner = html.parsed(data) if data is not None else None
        if data is None and frame.tag == "frame":
            missing.append(place)
        if inner is None:
            continue
        content = inner.root.find("body")
        frame.tag = "div"
        frame.extend([inner.root if content is None else content])
        for style in [*inner.root.iter("style", "link")]:
            frame.append(style)
    if needed and missing:
        raise _incomplete(missing, len(frames))
    for outer in [*page.root.iter("frameset")]:
        outer.tag = "div"


def _styled(page: WebPage, parts: Mapping[str, bytes]) -> WebPage:
    """The page with the style sheets that it links to in it, as far as they are among ``parts``."""
    for link in [*page.root.iter("link")]:
        if "stylesheet" not in str(link.get("rel", "")).lower():
            continue
        data = _part(parts, link.get("href") or "")
        if data is not None:
            link.tag = "style"
            del link.attrib["rel"]
            link.text = data.decode("utf-8", "replace").replace("\x00", "")
    return page


def _incomplete(missing: Sequence[str], count: int) -> ReadError:
    """The error for pages whose other pages are missing. ``count``: how many there should be."""
    folder = unquote(missing[0]).replace("\\", "/").rpartition("/")[0].rpartition("/")[2]
    lost = (
        Phrase.PAGES_NOT_SENT
        if len(missing) == count
        else Phrase.PAGES_LACKING(len(missing), next(_steps(missing[0]), ""))
    )
    return ReadError(
        "F-15",
        Phrase.PAGES_IN_FOLDER(folder, lost) if folder else Phrase.PAGES_ELSEWHERE(lost),
    )


def _part(parts: Mapping[str, bytes], place: str) -> bytes | None:
    """The file that a page refers to by ``place``, an address; None where none or several fit.

    The best fit is the path that shares the most names with the address, from the end on. Where
    only the beginning differs (a folder was renamed), a path with fewer folders than the address
    has fits as well.
    """
    if place in parts:
        return parts[place]
    want = [*_steps(place)]
    best, most = list[bytes](), 1
    for path, data in parts.items() if want else ():
        have = path.lower().split("/")[::-1]
        pairs = zip(want, have, strict=False)
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        if same < most or (same < len(want) < len(have)):
            continue
        best, most = [data] if same > most else [*best, data], same
    return best[0] if len(set(best)) == 1 else None


def _steps(place: str) -> Iterator[str]:
    """The folder and file names in an address, from its end, in small letters."""
    plain = unquote(place.partition("#")[0].partition("?")[0]).replace("\\", "/").lower()
    return (step for step in reversed(plain.split("/")) if step)


def _name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def _last(place: str) -> str:
    """The file name in an address."""
    return next(_steps(place), "")


def _stem(path: str) -> str:
    return unquote(_name(path)).rpartition(".")[0]
