"""Find files that together are one document, such as a saved web page and its folder. They are
recognised by their names, in a container as well as on a disk.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from xltools.model.wording import Phrase, Saying

PAGES: Final = (".htm", ".html", ".shtml", ".xhtml")
# Only these of a document's other files are read: its further pages, and style sheets.
READ: Final = (*PAGES, ".css", ".xml", ".iwa")
PAGE_NAMES: Final = (*PAGES, ".xls", ".et", ".doc", ".wps")  # their content may be HTML
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
    folders = Folders(paths)
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


class Folders:
    """The paths of files, grouped by the folders that contain them, in the order in which they were
    given. Paths nested deeper than _DEEP are left out.
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


def _package(folder: str, folders: Folders) -> Bundle | None:
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


def _google(folder: str, folders: Folders, google: Callable[[str], bool]) -> Iterator[Bundle]:
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


def _saved(folder: str, folders: Folders) -> Bundle | None:
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
    for suffix in PAGE_NAMES:
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
