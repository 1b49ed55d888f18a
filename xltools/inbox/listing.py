"""Find the files of an inbox, be it a folder of this machine or one at an address. What counts as a
file, what is set aside and in which order files come is decided by their names, by one rule for
both.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from xltools.inbox.stored import StoredDocument, StoredFolder
from xltools.model.errors import ReadError, refusal
from xltools.model.wording import Phrase, Value
from xltools.readers.bundles import PAGE_NAMES, PAGES, STYLES, Folders, beside, bundles, listed
from xltools.readers.containers.entry import leftover
from xltools.readers.parts import DiskFolder, Surroundings, of_google
from xltools.storage import remote
from xltools.storage.remote import Location, Remote, StoredFile


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxFile:
    """A file of the inbox. ``name``: its path below the inbox, with ``/``, as it can be printed.
    ``place``: where it is read from. ``ignored``: why it is certainly not a return, empty when it
    may be one. ``problem``: for a folder that could not be listed, why not.
    """

    name: str
    place: Path | StoredDocument
    ignored: Value = ""
    problem: Value = ""


def find(inbox: Location) -> Iterator[InboxFile]:
    """All files below ``inbox``, in the order of their names, the files of a folder before its
    subfolders; or ``inbox`` itself, when it is a file. Folders that could not be listed follow at
    the end, with their ``problem``.

    Lock files, files that operating systems leave in folders, links, devices and the parts of a
    saved web page are returned as ignored. A folder that is one document to its program counts as
    one file. Raises OSError or StorageError when the inbox itself cannot be listed.
    """
    return _at_address(inbox) if isinstance(inbox, Remote) else _on_disk(inbox)


def _on_disk(inbox: Path) -> Iterator[InboxFile]:
    """The files of an inbox that is a folder of this machine, or a file."""
    if not inbox.is_dir():
        why = leftover([inbox.name]) or _nature(inbox)
        yield InboxFile(name=_text(inbox.name), place=inbox, ignored=why)
        return
    closed: list[OSError] = []
    natures: dict[str, Value] = {}
    for folder, folders, files in os.walk(inbox, onerror=closed.append):
        parts = Path(folder).relative_to(inbox).parts
        for name in files + [f for f in folders if (Path(folder) / f).is_symlink()]:
            natures["/".join((*parts, name))] = _nature(f"{folder}/{name}")
    taken: set[str] = set()
    yield from _arranged(natures, DiskFolder(inbox), lambda at: inbox / at, taken)
    for error in closed:
        path = Path(error.filename)
        if path == inbox:
            raise error
        problem = Phrase.FOLDER_REFUSED(refusal(error))
        shown = _free(_text(path.relative_to(inbox).as_posix()) + "/", taken)
        yield InboxFile(name=shown, place=path, problem=problem)


def _at_address(inbox: Remote) -> Iterator[InboxFile]:
    """The files of an inbox at an address, or the file that is there."""
    files = remote.listed(inbox)
    if list(files) == [inbox.name] and files[inbox.name].path == inbox.path:
        inbox = inbox.parent
    folders = Folders(files)

    def place(at: str) -> StoredDocument:
        around = folders.below(at) if at not in files else _around(at, files, folders)
        return StoredDocument(
            inbox=inbox,
            path=at,
            file=files.get(at),
            around=tuple((other, files[other]) for other in around),
        )

    natures: dict[str, Value] = {at: Phrase.LINK if f.link else "" for at, f in files.items()}
    yield from _arranged(natures, StoredFolder(inbox, files), place, set())


def _around(at: str, files: Mapping[str, StoredFile], folders: Folders) -> list[str]:
    """The files at an address that may belong to a saved page, judged by the names alone: those
    that `xltools.readers.parts.parts_beside` may ask for. ``at``: the path of the page.
    """
    folder, slash, name = at.rpartition("/")
    for beside_it in beside(name):
        if below := folders.below(f"{folder}{slash}{beside_it}"):
            return below
    if not name.lower().endswith(PAGE_NAMES):
        return []
    siblings = [other for other in folders.files(folder) if other != at]
    styles = f"{folder}{slash}{STYLES}"
    if styles in files:
        return [*(other for other in siblings if other.lower().endswith(PAGES)), styles]
    return [other for other in siblings if listed(other.rpartition("/")[2])]


def _arranged(
    natures: Mapping[str, Value],
    inbox: Surroundings,
    place: Callable[[str], Path | StoredDocument],
    taken: set[str],
) -> Iterator[InboxFile]:
    """The files of an inbox in their order, with those that are ignored.

    ``natures``: for each file, by its path below the inbox, why it is no regular file; empty if it
    is one. ``place``: where a path is read from. ``taken``: the names already given, to which those
    of the files are added.
    """
    why = {at: leftover(at.split("/")) or natures[at] for at in in_order(natures)}
    parts = _together([at for at, ignored in why.items() if not ignored], inbox, place)
    for at, ignored in why.items():
        if at in parts:
            yield from (replace(f, name=_free(_text(f.name), taken)) for f in parts[at])
        else:
            yield InboxFile(name=_free(_text(at), taken), place=place(at), ignored=ignored)


def in_order(paths: Iterable[str]) -> list[str]:
    """Paths with slashes in the order of an inbox: by name, the files of a folder before its
    subfolders.
    """

    def order(path: str) -> list[tuple[bool, str]]:
        *folders, name = path.split("/")
        return [*((True, folder) for folder in folders), (False, name)]

    return sorted(paths, key=order)


def _together(
    files: list[str], inbox: Surroundings, place: Callable[[str], Path | StoredDocument]
) -> dict[str, list[InboxFile]]:
    """Group the files that together are one document, such as a saved page with its pictures, or
    the folder that a program shows as a document. ``files``: their paths below the inbox;
    ``place``: as for `_arranged`.

    Returns, for the path of each part of such a document, the entries that replace it: one for the
    first part, which is the folder of the parts (ignored unless that folder is the document), and
    none for the other parts.
    """

    def google(at: str) -> bool:
        """Whether a page is a sheet of a workbook saved by Google; False where it cannot be
        read.
        """
        try:
            return of_google(inbox, at)
        except (OSError, ReadError):
            return False  # it is reported when it cannot be read

    in_place: dict[str, list[InboxFile]] = {}
    for bundle in bundles(files, google):
        in_place |= {at: [] for at in bundle.parts}
        if not bundle.parts:
            continue
        folder = bundle.folder or bundle.parts[0]
        ignored: Value = "" if bundle.folder == bundle.name else bundle.about
        entry = InboxFile(name=folder, place=place(folder), ignored=ignored)
        in_place[bundle.parts[0]] = [entry]
    return in_place


def _text(name: str) -> str:
    """A file name that can be printed. Bytes that are not valid text on this system are decoded as
    GB18030, since the name was probably written on a Chinese Windows.
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("gb18030", "replace")
    return name


def _free(name: str, taken: set[str]) -> str:
    """``name``, or ``name（2）`` and so on when it is taken, added to ``taken``. Different file
    names can become equal when they are made printable.
    """
    free, number = name, 2
    while free in taken:
        free, number = f"{name}（{number}）", number + 1
    taken.add(free)
    return free


def _nature(path: Path | str) -> Value:
    """Why a path is not a regular file (a link, a device); empty when it is one, or cannot be
    examined.
    """
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return ""  # it is reported when it cannot be read
    if stat.S_ISLNK(mode):
        return Phrase.LINK
    return "" if stat.S_ISREG(mode) else Phrase.NOT_A_FILE
