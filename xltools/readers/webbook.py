"""Read web pages that consist of several files into a Book: a page with frames, and a workbook that
was saved as one page per sheet, by Excel (a page of frames, with its sheets in a folder next to it)
or by Google.
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
# How the main page of a workbook lists its sheets, for Office programs and for browsers.
_WORKSHEET: Final = re.compile(
    r"<x:Name>([^<]*)</x:Name>\s*<x:WorksheetSource\s+HRef=\"([^\"]*)\"", re.IGNORECASE
)
_LINK: Final = re.compile(r"<link\s+id=\"?shLink\"?\s+href=\"([^\"]*)\"", re.IGNORECASE)
_TAB: Final = re.compile(r"c_rgszSh\[[0-9]+\]\s*=\s*\"([^\"]*)\"")
_TABS: Final = re.compile(r"<a\s+href=\"([^\"]*)\"[^>]*>\s*(?:<font[^>]*>)?([^<]*)", re.IGNORECASE)
_VISIBLE: Final = re.compile(r"<x:Visible>\s*Sheet(Very)?Hidden", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _PageSheet:
    """A page that is one sheet of a workbook: the name of the sheet, and the address of the page
    (``place``).
    """

    name: str
    place: str


def read(data: bytes, name: str, parts: Mapping[str, bytes]) -> Book | None:
    """Read a page; returns None if it has no tables. ``name``: the name for a single table without
    one of its own; ``parts``: the other files that belong to the page, by path.

    Raises ReadError: F-02 if a page is damaged, F-05 for too many cells, F-15 if the pages with the
    tables are not among ``parts``.
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
    """Read a workbook that was saved as pages without a main page. Each page is a sheet, named as
    on the page with the tabs, or else after its file. Returns None if no page has a table. Raises
    ReadError as ``read``.
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
    """Return the sheets that the main page of a workbook lists, in order; an empty list for any
    other page. ``text``: the source of the page.
    """
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
    """Build the Book of a workbook from the pages of its sheets; None if they have no tables.
    Raises ReadError as ``read``.
    """
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
    """Insert into a page the pages that it shows in frames, in the place of the frames. ``needed``:
    the page has no content but the frames; then ReadError F-15 is raised if a page for one of them
    is missing.
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
    """Insert the style sheets that a page links to, so far as they are among ``parts``, and return
    the page.
    """
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
    """The error F-15 for a document of which pages are missing. ``missing``: their addresses;
    ``count``: how many pages it should have in all.
    """
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
    """Return the content of the file that a page refers to by the address ``place``; None if no
    file fits or several do.

    The best fit is the path that shares the most names with the address, counted from the end. A
    path whose beginning differs (because a folder was renamed) fits only if it has no more names
    than the address.
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
    """Yield the folder and file names in an address, from its end to its beginning, in
    lower case.
    """
    plain = unquote(place.partition("#")[0].partition("?")[0]).replace("\\", "/").lower()
    return (step for step in reversed(plain.split("/")) if step)


def _name(path: str) -> str:
    """The file name in a path."""
    return path.replace("\\", "/").rpartition("/")[2]


def _last(place: str) -> str:
    """The file name in an address, in lower case; empty if there is none."""
    return next(_steps(place), "")


def _stem(path: str) -> str:
    """The file name in a path or address, without its suffix and with percent-encoding undone."""
    return unquote(_name(path)).rpartition(".")[0]
