"""Open files packed with gzip, bzip2 or xz, and tar archives, packed in that way or not."""

import bz2
import gzip
import io
import lzma
import re
import tarfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO, Final

from xltools.model.errors import ReadError
from xltools.model.file_kinds import FileKind
from xltools.model.limits import MB, limits, over
from xltools.model.wording import Phrase, Value
from xltools.readers.containers.entry import Budget, ContainerEntry, decoded, entry, moment
from xltools.readers.package import RATIO_FROM

_BLOCK: Final = 512
_SUFFIX: Final = re.compile(r"\.(?:gz|bz2|xz)$", re.IGNORECASE)
# Opens a packed stream for reading bytes.
_OPEN: Final[dict[FileKind, Callable[[io.BytesIO], IO[bytes]]]] = {
    FileKind.TAR: lambda file: file,
    FileKind.GZIP: lambda file: gzip.GzipFile(fileobj=file),  # type: ignore[dict-item,return-value,unused-ignore]  # its read is typed otherwise
    FileKind.BZIP2: bz2.BZ2File,
    FileKind.XZ: lzma.LZMAFile,
}


def is_tar(head: bytes) -> bool:
    """Whether these 512 bytes are the first block of a tar archive, with a correct checksum."""
    if len(head) < _BLOCK or not head[0]:
        return False
    checksum = re.fullmatch(rb"[ 0]*([0-7]{1,7})[ \x00]*", head[148:156])
    return (
        checksum is not None
        and int(checksum[1], 8) == sum(head[:148]) + sum(head[156:512]) + 8 * 32
    )


def opened(data: bytes, kind: FileKind, name: str, budget: Budget) -> Iterator[ContainerEntry]:
    """Yield the file in a packed stream, or, if it is a tar archive, the entries of that. ``name``:
    the name of the packed file. Raises ReadError: F-02 if it is damaged, F-05 over a limit. Raises
    SpentError.
    """
    try:
        with _OPEN[kind](io.BytesIO(data)) as stream:
            head = stream.read(_BLOCK)
    except (OSError, EOFError, ValueError, lzma.LZMAError) as error:
        raise ReadError("F-02", Phrase.STREAM_INCOMPLETE) from error
    with _OPEN[kind](io.BytesIO(data)) as stream:
        if is_tar(head):
            yield from _tar(_CountedStream(stream, len(data), budget))
        else:
            inner = _SUFFIX.sub("", name)
            date = int.from_bytes(data[4:8], "little") if kind is FileKind.GZIP else 0
            read = partial(budget.gather, stream.read, len(data))
            yield entry(inner, read, modified=moment(date))


class _CountedStream:
    """A stream that counts what is read from it against the limits, as ``Budget.gather`` does.
    ``packed``: the size in bytes before unpacking; ``tail``: the bytes read last.
    """

    def __init__(self, stream: IO[bytes], packed: int, budget: Budget) -> None:
        self.stream, self.packed, self.budget = stream, packed, budget
        self.count, self.tail = 0, b""

    def read(self, size: int) -> bytes:
        """Return the next ``size`` bytes, or fewer at the end. Raises ReadError F-05,
        SpentError.
        """
        piece = self.stream.read(size)
        self.budget.take(len(piece))
        self.count += len(piece)
        self.tail = (self.tail + piece)[-4 * tarfile.RECORDSIZE :]
        if self.count > RATIO_FROM and self.count > limits().ratio * self.packed:
            raise over("ratio", Phrase.UNPACKED_RATIO(self.count // self.packed))
        return piece

    def block(self, offset: int) -> bytes:
        """Return the tar block at ``offset``, which must be among the bytes read last."""
        return self.tail[max(0, offset - (self.count - len(self.tail))) :][:_BLOCK]


def _tar(stream: _CountedStream) -> Iterator[ContainerEntry]:
    """Yield the entries of a tar archive, without folders. Raises ReadError: F-02 if it is damaged,
    F-05 for too many entries. Raises SpentError.
    """
    count = 0
    with tarfile.open(
        fileobj=stream,  # type: ignore[call-overload] # it needs no more than read
        mode="r|",
        encoding="utf-8",
        errors="surrogateescape",
        bufsize=tarfile.RECORDSIZE,
    ) as archive:
        for info in archive:
            count += 1
            if count > limits().entries:
                raise over("entries", Phrase.ARCHIVE_ENTRIES_OVER(limits().entries))
            if info.isdir():
                continue
            name = decoded(info.name.encode("utf-8", "surrogateescape"))
            why: Value = "" if info.isfile() else Phrase.NOT_A_FILE
            if info.islnk() or info.issym():
                why = Phrase.LINK
            date = moment(float(info.mtime))
            yield entry(name, partial(_read, archive, info), modified=date, ignored=why)
        # tarfile takes a damaged header for the end of the archive, which is a block of zeros.
        if any(stream.block(archive.offset)):
            raise ReadError("F-02", Phrase.ARCHIVE_DAMAGED_ONWARDS)


def _read(archive: tarfile.TarFile, info: tarfile.TarInfo) -> bytes:
    """Unpack an entry. Raises ReadError: F-02 if it is cut off, F-05 if it is too large, F-10 for a
    sparse file. Raises SpentError.
    """
    if info.size > limits().part * MB:
        raise over("part", Phrase.UNPACKED_PART(info.size // MB))
    if info.issparse():
        raise ReadError("F-10", Phrase.SPARSE_FILE)
    file, unpacked = archive.extractfile(info), io.BytesIO()
    while file is not None and (piece := file.read(MB)):
        unpacked.write(piece)
    data = unpacked.getvalue()
    if len(data) != info.size:
        raise ReadError("F-02", Phrase.ARCHIVE_ENTRY_INCOMPLETE)
    return data
