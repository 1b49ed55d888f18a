"""Find files that together are one document, such as a saved web page and its folder. They are
recognised by their names, in a container as well as on a disk.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xltools.model.limits import MB, limits, over
from xltools.model.wording import Phrase, Saying

PAGES: Final = (".htm", ".html", ".shtml", ".xhtml")
# Only these of a document's other files are read: its further pages, and style sheets.
READ: Final = (*PAGES, ".css", ".xml", ".iwa")
_NAMED_SO: Final = (*PAGES, ".xls", ".et", ".doc", ".wps")  # their content may be HTML
_BESIDE: Final = re.compile(r"(.+)(?:\.files|_files)", re.IGNORECASE)
# The files that Excel saves next to the main page of a workbook.
_SHEET: Final = re.compile(r"sheet[0-9]{3,4}\.html?", re.IGNORECASE)
_LISTING: Final = frozenset(("filelist.xml", "tabstrip.htm", "tabstrip.html", "stylesheet.css"))
_PICTURE: Final = re.compile(r"(.+)_html_[0-9a-f]+\.(?:gif|png|jpe?g|svg)", re.IGNORECASE)
# A file of these kinds in the folder of a page was put there by people, and is a document itself.
_DOCUMENTS: Final = re.compile(
    r"\.(?:xls[xmb]?|xlt[xm]?|et|ett|ods|fods|csv|tsv|docx?|docm|wps|odt|rtf|pdf|ofd|numbers|pages"
    r"|zip|rar|7z|tar|t?gz|eml|msg|mbox|mht|mhtml)",
    re.IGNORECASE,
)
_IWORK: Final = re.compile(r"\.(?:numbers|pages|key)$", re.IGNORECASE)
STYLES: Final = "resources/sheet.css"
_DEEP: Final = 20  # nested folders at most; no program saves deeper


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A document that was saved as several files, given by their paths.

    ``name``: its main file (a web page), or the folder if the whole folder is the document.
    ``parts``: all other files (pictures, styles, further sheets), which are not documents
    themselves. ``folder``: the folder that contains the parts; empty if they are next to the main
    file.
    """

    name: str
    parts: tuple[str, ...]
    folder: str = ""

    @property
    def about(self) -> Saying:
        """The remark on the parts in a list of files: the name of the document that they belong to,
        and their number.
        """
        return Phrase.PARTS_OF(self.name.rpartition("/")[2], len(self.parts))


def bundles(paths: Sequence[str], google: Callable[[str], bool] = bool) -> list[Bundle]:
    """Find the documents that consist of several files among files with these paths (relative, with
    slashes).

    ``google`` is asked about each page next to the style sheets of Google; it says whether the page
    is a sheet of that workbook.
    """
    folders = _Folders(paths)
    documents = [*_google("", folders, google)]
    for folder in sorted(folders.all, key=lambda path: path.count("/")):
        if any(f"{folder}/".startswith(f"{b.folder}/") for b in documents if b.folder):
            continue
        bundle = _package(folder, folders) or _saved(folder, folders)
        documents += [bundle] if bundle is not None else _google(folder, folders, google)
    taken = {path for bundle in documents for path in (bundle.name, *bundle.parts)}
    for folder in ("", *folders.all):
        documents += _flat([n for n in folders.files(folder) if n not in taken])
    return documents


def beside(name: str) -> tuple[str, ...]:
    """Return the names that the folder of a saved page with this file name may have. Such a folder
    need not exist.
    """
    stem = name.rpartition(".")[0] or name
    return f"{stem}.files", f"{stem}_files"


def may_belong(path: str) -> bool:
    """Whether a file may belong to a document of several files, as a part or as its main file."""
    *folders, name = path.split("/")
    return (
        name.lower().endswith(READ)
        or _PICTURE.fullmatch(name) is not None
        or any(_BESIDE.fullmatch(f) or _IWORK.search(f) for f in folders)
    )


def listed(name: str) -> bool:
    """Whether a file next to the main page of a workbook is a part of it, judged by its name."""
    return name.lower() in _LISTING or bool(_SHEET.fullmatch(name))


class _Folders:
    """The paths of files, grouped by the folders that contain them. Paths nested deeper than _DEEP
    are left out.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._files: dict[str, list[str]] = {}
        self._below: dict[str, list[str]] = {}
        for path in paths:
            if path.count("/") > _DEEP:
                continue
            folder = path.rpartition("/")[0]
            self._files.setdefault(folder, []).append(path)
            while folder:
                self._below.setdefault(folder, []).append(path)
                folder = folder.rpartition("/")[0]

    @property
    def all(self) -> tuple[str, ...]:
        """All folders that contain files, directly or in subfolders, except the outermost."""
        return tuple(self._below)

    def files(self, folder: str) -> list[str]:
        """Return the paths of the files directly in a folder."""
        return self._files.get(folder, [])

    def below(self, folder: str) -> list[str]:
        """Return the paths of all files in a folder and its subfolders."""
        return self._below.get(folder, [])


def _package(folder: str, folders: _Folders) -> Bundle | None:
    """Return a folder as one document, if it is one: a Numbers, Pages or Keynote document saved as
    a folder, or an unpacked OFD file. None for any other folder. ``folder``: its path;
    ``folders``: the paths of all files, by folder.
    """
    below = folders.below(folder)
    inside = {path[len(folder) + 1 :].lower() for path in below}
    iwork = any(name.startswith("index/") and name.endswith(".iwa") for name in inside)
    old = _IWORK.search(folder) and any(name.startswith("index.") for name in inside)
    if iwork or old or "ofd.xml" in inside:
        return Bundle(name=folder, parts=tuple(below), folder=folder)
    return None


def _google(folder: str, folders: _Folders, google: Callable[[str], bool]) -> Iterator[Bundle]:
    """Yield the workbook that Google saved as pages in a folder, if there is one: the folder is the
    document. Pages in the outermost folder (``""``) are one document too, named after the first of
    them.
    """
    start = f"{folder}/" if folder else ""
    resources = f"{start}resources"
    if f"{start}{STYLES}" not in folders.files(resources):
        return
    pages = [p for p in folders.files(folder) if p.lower().endswith(PAGES) and google(p)]
    if pages:
        parts = (*pages, *folders.below(resources))
        yield Bundle(name=folder or pages[0], parts=parts if folder else parts[1:], folder=folder)


def _saved(folder: str, folders: _Folders) -> Bundle | None:
    """Return the document that ``folder`` belongs to: the saved page next to it, with the folder's
    files as parts; or the folder alone, if it belongs to a workbook whose main page is missing.
    None for any other folder.
    """
    outer, _, last = folder.rpartition("/")
    stem = _BESIDE.fullmatch(last)
    if stem is None:
        return None
    parts = tuple(p for p in folders.below(folder) if not _document(p))
    siblings = {path.rpartition("/")[2].lower(): path for path in folders.files(outer)}
    for suffix in _NAMED_SO:
        page = siblings.get(f"{stem[1].lower()}{suffix}")
        if page is not None:
            return Bundle(name=page, parts=parts, folder=folder)
    names = [path.rpartition("/")[2] for path in parts]
    if any(map(_SHEET.fullmatch, names)) and any(n.lower() in _LISTING for n in names):
        return Bundle(name=folder, parts=parts, folder=folder)
    return None


def _flat(paths: Sequence[str]) -> Iterator[Bundle]:
    """Yield the pages whose parts are in the same folder, as happens when all files are attached to
    a mail. ``paths``: the files of one folder.
    """
    names = {path: path.rpartition("/")[2] for path in paths}
    pages = [path for path in paths if path.lower().endswith(PAGES) and not listed(names[path])]
    sheets = [path for path in paths if listed(names[path])]
    if len(pages) != 1 or not any(names[path].lower() in _LISTING for path in sheets):
        sheets = []
    shown: dict[str, list[str]] = {}
    for path in paths:
        if picture := _PICTURE.fullmatch(names[path]):
            shown.setdefault(picture[1], []).append(path)
    for page in pages:
        parts = (*sheets, *shown.get(names[page].rpartition(".")[0], ()))
        if parts:
            yield Bundle(name=page, parts=parts)


def _document(path: str) -> bool:
    """Whether a file is a document itself, judged by its suffix."""
    return _DOCUMENTS.fullmatch(path[path.rfind(".") :]) is not None


_HEAD: Final = 1 << 16  # bytes at the beginning of a page that are searched


def parts_below(folder: Path) -> dict[str, bytes]:
    """Read the files of a folder that is a document. Returns their content by path, which begins
    with the folder's name; the content is left empty for files of a kind that is not needed (see
    READ). Raises OSError, and ReadError F-05 over a limit.
    """
    return _read(folder.parent, _below(folder))


def parts_beside(page: Path, data: bytes) -> dict[str, bytes]:
    """Read the files that belong to a saved page, and return their content by path, relative to the
    page's folder: the files of the folder named after the page, or, without such a folder, the
    sheets of its workbook that are next to it. ``data``: the content of the page. Raises OSError,
    and ReadError F-05 over a limit.
    """
    folders = [page.with_name(name) for name in beside(page.name)]
    folder = next((folder for folder in folders if folder.is_dir()), None)
    if folder is not None:
        return _read(page.parent, _below(folder))
    styles = page.parent / STYLES
    google = styles.is_file() and of_google(page)
    # A folder may hold thousands of pages: it is listed only for those that need it.
    if not google and b"<frameset" not in data[:_HEAD].replace(b"\x00", b"").lower():
        return {}
    siblings = [path for path in sorted(page.parent.iterdir()) if path != page and path.is_file()]
    if google:
        return _read(page.parent, [*filter(of_google, siblings), styles])
    return _read(page.parent, [path for path in siblings if listed(path.name)])


def of_google(page: Path) -> bool:
    """Whether a file is a sheet of a workbook that Google saved as pages. Raises OSError if it
    cannot be read.
    """
    if not page.name.lower().endswith(PAGES):
        return False
    with page.open("rb") as file:
        return STYLES.encode() in file.read(_HEAD)


def _below(folder: Path) -> Iterator[Path]:
    """Yield all files in a folder and its subfolders, in the order of their names."""
    for inner, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(inner) / name for name in sorted(names))


def _read(start: Path, files: Iterable[Path]) -> dict[str, bytes]:
    """Read files, and return their content by path relative to ``start``, left empty as
    ``parts_below`` says. Raises OSError, and ReadError F-05 over a limit.
    """
    parts: dict[str, bytes] = {}
    size = 0
    for number, path in enumerate(files, 1):
        if number > limits().entries:
            raise over("entries", Phrase.FOLDER_ENTRIES(number))
        data = b""
        if path.name.lower().endswith(READ) and path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                data = file.read(limits().file_size * MB + 1)
        size += len(data)
        if len(data) > limits().file_size * MB or size > limits().unpacked * MB:
            raise over("file-size", Phrase.FOLDER_SIZE(path.name[:60], size // MB))
        parts[path.relative_to(start).as_posix()] = data
    return parts
