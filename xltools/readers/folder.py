"""What lies on a disk beside a page or below a folder that is one document (`bundles`)."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from xltools.model.limits import MB, limits, over
from xltools.readers.bundles import (
    PAGES,
    READ,
    STYLES,
    beside,
    listed,
)

_HEAD: Final = 1 << 16  # bytes at the beginning, where a page says what it is


def parts_below(folder: Path) -> dict[str, bytes]:
    """The files of a folder that is a document, by path, with its own name first.

    What nobody reads is named, without its content. Raises OSError, ReadError F-05.
    """
    return _read(folder.parent, _below(folder))


def parts_beside(page: Path, data: bytes) -> dict[str, bytes]:
    """The files that belong to a saved page with this content, by path: of the folder of its name,
    else, where they were put beside it, the sheets of its workbook. Raises OSError, ReadError F-05.
    """
    folders = [page.with_name(name) for name in beside(page.name)]
    found = next((folder for folder in folders if folder.is_dir()), None)
    if found is not None:
        return _read(page.parent, _below(found))
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
    """Whether a file is a sheet of a workbook that Google saved as pages. Raises OSError."""
    if not page.name.lower().endswith(PAGES):
        return False
    with page.open("rb") as file:
        return STYLES.encode() in file.read(_HEAD)


def _below(folder: Path) -> Iterator[Path]:
    for inner, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(inner) / name for name in sorted(names))


def _read(start: Path, files: Iterable[Path]) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    size = 0
    for number, path in enumerate(files, 1):
        if number > limits().entries:
            raise over("entries", f"文件夹内有 {number} 项")
        data = b""
        if path.name.lower().endswith(READ) and path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                data = file.read(limits().file_size * MB + 1)
        size += len(data)
        if len(data) > limits().file_size * MB or size > limits().unpacked * MB:
            raise over("file-size", f"“{path.name[:60]}”与同一文件夹的文件共 {size // MB} MB")
        parts[path.relative_to(start).as_posix()] = data
    return parts
