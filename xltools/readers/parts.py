"""Read the files that belong to a document which was saved as several, such as the sheets in the
folder of a saved page; from a folder on a disk, or wherever else they are.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Protocol

from xltools.model.limits import MB, limits, over
from xltools.model.wording import Phrase
from xltools.readers.bundles import PAGES, READ, STYLES, beside, listed

_HEAD: Final = 1 << 16  # bytes at the beginning of a page that are searched


class Surroundings(Protocol):
    """The folder in which a document is, with all below it. Files and folders have their paths
    relative to it, with slashes.
    """

    def has_folder(self, path: str) -> bool:
        """Whether there is such a folder."""

    def has_file(self, path: str) -> bool:
        """Whether there is such a file."""

    def files(self) -> Iterable[str]:
        """The files directly in the folder, in the order of their names."""

    def below(self, folder: str) -> Iterable[str]:
        """All files in a folder and its subfolders, in the order of their names."""

    def read(self, path: str, most: int) -> bytes:
        """The first ``most`` bytes of a file; nothing of what is no regular file. Raises OSError or
        ReadError if it cannot be read.
        """


class DiskFolder:
    """A folder on a disk as the surroundings of a document."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has_folder(self, path: str) -> bool:
        """Whether there is such a folder."""
        return (self._folder / path).is_dir()

    def has_file(self, path: str) -> bool:
        """Whether there is such a file."""
        return (self._folder / path).is_file()

    def files(self) -> Iterable[str]:
        """The files directly in the folder, in the order of their names."""
        return [path.name for path in sorted(self._folder.iterdir()) if path.is_file()]

    def below(self, folder: str) -> Iterable[str]:
        """All files in a folder and its subfolders, in the order of their names."""
        for inner, folders, names in os.walk(self._folder / folder):
            folders.sort()
            for name in sorted(names):
                yield (Path(inner) / name).relative_to(self._folder).as_posix()

    def read(self, path: str, most: int) -> bytes:
        """The first ``most`` bytes of a file; nothing of what is no regular file. Raises OSError if
        it cannot be read.
        """
        place = self._folder / path
        if place.is_symlink() or not place.is_file():
            return b""
        with place.open("rb") as file:
            return file.read(most)


def parts_below(around: Surroundings, folder: str) -> dict[str, bytes]:
    """Read the files of a folder that is a document. Returns their content by path; the content is
    left empty for files of a kind that is not needed (see READ). Raises OSError, and ReadError F-05
    over a limit.
    """
    return _read(around, around.below(folder))


def parts_beside(around: Surroundings, page: str, data: bytes) -> dict[str, bytes]:
    """Read the files that belong to a saved page, and return their content by path: the files of
    the folder named after the page, or, without such a folder, the sheets of its workbook that are
    next to it. ``page``: the name of the page; ``data``: its content. Raises OSError, and ReadError
    F-05 over a limit.
    """
    folder = next((folder for folder in beside(page) if around.has_folder(folder)), None)
    if folder is not None:
        return _read(around, around.below(folder))
    google = around.has_file(STYLES) and of_google(around, page)
    # A folder may hold thousands of pages: it is listed only for those that need it.
    if not google and b"<frameset" not in data[:_HEAD].replace(b"\x00", b"").lower():
        return {}
    siblings = [name for name in around.files() if name != page]
    if google:
        return _read(around, [*(n for n in siblings if of_google(around, n)), STYLES])
    return _read(around, [name for name in siblings if listed(name)])


def of_google(around: Surroundings, page: str) -> bool:
    """Whether a file is a sheet of a workbook that Google saved as pages. Raises OSError if it
    cannot be read.
    """
    return page.lower().endswith(PAGES) and STYLES.encode() in around.read(page, _HEAD)


def _read(around: Surroundings, paths: Iterable[str]) -> dict[str, bytes]:
    """Read files, and return their content by path, left empty as ``parts_below`` says. Raises
    OSError, and ReadError F-05 over a limit.
    """
    parts: dict[str, bytes] = {}
    size = 0
    for number, path in enumerate(paths, 1):
        if number > limits().entries:
            raise over("entries", Phrase.FOLDER_ENTRIES(number))
        data = b""
        if path.lower().endswith(READ):
            data = around.read(path, limits().file_size * MB + 1)
        size += len(data)
        if len(data) > limits().file_size * MB or size > limits().unpacked * MB:
            name = path.rpartition("/")[2]
            raise over("file-size", Phrase.FOLDER_SIZE(name[:60], size // MB))
        parts[path] = data
    return parts
