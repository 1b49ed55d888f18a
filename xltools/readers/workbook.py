"""Read any file with tables into a Book. The content decides the format; each format has its own
module.

==================================  ====================================
.xlsx, .xlsm, strict OOXML          ``xlsx``: python-calamine, then openpyxl
.xlsb                               ``xlsb``
.xls, .et                           ``biff``: xlrd, then python-calamine
.ods, .fods                         ``odf``
web page, pages of one workbook     ``webbook``, ``html``
XML of Excel 2003                   ``xml2003``
CSV, TSV, a report as text          ``plaintext``
Word, PDF                           ``documents``
==================================  ====================================

Archives and mails, which hold other files, are unpacked beforehand (``containers.walk``). All
modules but that of .xlsx are imported when the first file of their format is read.
"""

import io
import re
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Final

from xltools.model.errors import ReadError, guarded, refusal
from xltools.model.file_kinds import FileKind
from xltools.model.limits import MB, limits, over
from xltools.model.wording import Phrase
from xltools.readers import kinds, xlsx
from xltools.readers.book import Book, Sheet
from xltools.readers.containers.zips import name_of
from xltools.readers.known import Structures
from xltools.readers.markup import decode
from xltools.readers.package import Package, word_part
from xltools.readers.passwords import fits

# The password with which Excel itself encrypts, and opens, a workbook with protected structure.
_OWN: Final = "VelvetSweatshop"
_SPINS: Final = re.compile(rb'spinCount="([0-9]+)"')
_MOST_SPINS: Final = 1_000_000  # hashes to compute for each password; Excel uses 100,000
_LONGEST: Final = 255
# The bit fEncrypted in the first part of a .doc's main stream: [MS-DOC], 2.5.2, FibBase.
_FLAGS_AT: Final = 10
_ENCRYPTED: Final = 0x0100


def document_locked(data: bytes) -> bool:
    """Whether a .doc is locked with a password; False if it is too damaged to find out."""
    import olefile

    def flags() -> int:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            head = ole.openstream("WordDocument").read(_FLAGS_AT + 2)
            return int.from_bytes(head[_FLAGS_AT:], "little")

    return bool((guarded(flags) or 0) & _ENCRYPTED)


def opened(data: bytes, passwords: Sequence[str]) -> bytes:
    """Decrypt a workbook or document with the first of the passwords that fits, and return its
    content. The password with which Excel silently encrypts protected workbooks is tried as well.

    Raises ReadError: F-03 if none fits, F-05 if trying them would take too long.
    """
    import msoffcrypto

    if any(len(n) > 9 or int(n) > _MOST_SPINS for n in _SPINS.findall(data)):
        raise ReadError("F-05", Phrase.PASSWORD_ROUNDS)
    for password in dict.fromkeys((*passwords, _OWN)):
        if not 0 < len(password) <= _LONGEST:
            continue
        out = io.BytesIO()
        try:
            file = msoffcrypto.OfficeFile(io.BytesIO(data))
            # Passwords for old formats are always verified.
            options = {} if file.format in ("xls97", "doc97") else {"verify_password": True}
            file.load_key(password=password, **options)
            file.decrypt(out)
        except MemoryError:
            raise
        except Exception:  # of many kinds, for a wrong password and for damage alike
            continue
        fits()
        return out.getvalue()
    raise ReadError("F-03")


# Parts of a workbook of Excel, among which there is no second document.
_OF_EXCEL: Final = (
    "xl/workbook.xml",
    "xl/worksheets/",
    "xl/styles.xml",
    "xl/theme/",
    "xl/_rels/",
    "xl/sharedstrings.xml",
    "xl/drawings/",
    "docprops/",
    "_rels/",
    "[content_types].xml",
)
_MACROS = "xl/vbaproject", "word/vbaproject", "basic/"

__all__ = ["Book", "Sheet", "book_of", "load_bytes", "open_book"]


_ALONE: Final[Mapping[str, bytes]] = MappingProxyType({})
_PIECE: Final = 1 << 16  # bytes to ask for beyond those that a file is said to have
_OLDER = {FileKind.DOC: "doc", FileKind.RTF: "rtf", FileKind.ODT: "odt"}


def open_book(path: Path, passwords: Sequence[str] = ()) -> Book:
    """Open a file with tables; a locked file is opened with the first of the passwords that fits.

    Raises ReadError: F-01 for a kind of file that cannot be read, F-02 for a file that is damaged
    or has no sheet, F-03 if none of the passwords fits, F-05 over a limit, F-06 if the file cannot
    be accessed, F-19 for a damaged Word document; for further codes see ``book_of``. Damage in a
    single sheet may be raised only when that sheet is asked for.
    """
    return book_of(load_bytes(path), passwords, name=path.name)


def load_bytes(path: Path) -> bytes:
    """Return the content of a file. Raises ReadError: F-02 if it is empty, F-05 if it is too large,
    F-06 if it cannot be accessed.
    """
    try:
        info = path.stat()
        if not stat.S_ISREG(info.st_mode):
            raise ReadError("F-06", Phrase.NOT_A_FILE)  # opening a pipe would block forever
        with path.open("rb", buffering=0) as file:
            # Memory for all that is asked for is taken at once: a little more than the file has.
            most = limits().file_size * MB
            data = file.read(min(info.st_size, most) + 1)
            while len(data) <= most and (piece := file.read(min(_PIECE, most + 1 - len(data)))):
                data += piece
    except OSError as error:
        raise ReadError("F-06", refusal(error)) from error
    if len(data) > limits().file_size * MB:
        raise over("file-size", Phrase.FILE_SIZE(info.st_size // MB))
    if not data:
        raise ReadError("F-02", Phrase.EMPTY_FILE)
    return data


def book_of(
    data: bytes,
    passwords: Sequence[str] = (),
    *,
    name: str = "表格",
    parts: Mapping[str, bytes] = _ALONE,
    structures: Structures | None = None,
) -> Book:
    """Read the content of a file into a Book.

    ``name``: the name of the file, used as the sheet's name where the format (such as CSV) has no
    sheet names. ``parts``: for a document saved as several files, the content of the others by
    path; ``data`` is empty if such a document has no main file. ``structures``: what was learned
    from the workbooks read before, by which others like them are read faster.

    Raises ReadError as ``open_book`` does, and F-11 if the program that converts an old format is
    missing, F-12 for a scanned document, F-14 for a format that only its own program reads, F-15 if
    the files that contain the tables are missing, F-16 for a file encrypted by other software, F-18
    for a PDF whose text cannot be read.
    """
    if parts and not data:
        return _pieces(name, parts)
    try:
        return _book_of(data, passwords, name, parts, structures)
    except ReadError as error:
        if error.code == "F-02" and kinds.is_word(data):
            raise ReadError("F-19", error.detail) from error
        raise


def _book_of(
    data: bytes,
    passwords: Sequence[str],
    name: str,
    parts: Mapping[str, bytes] = _ALONE,
    structures: Structures | None = None,
) -> Book:
    """Read a file, which must have a main file, as ``book_of`` does; only that a damaged Word
    document raises ReadError F-02 instead of F-19.
    """
    if seal := kinds.sealed(data):
        raise ReadError("F-16", seal)
    if _locked(data):
        data = opened(data, passwords)
        if len(data) > limits().file_size * MB:
            raise over("file-size", Phrase.DECRYPTED_SIZE(len(data) // MB))
        if _locked(data):
            raise ReadError("F-03")
    if data.startswith(kinds.ZIP):
        return _zipped(Package.of(data), name, structures)
    book: Book | None = None
    kind, stem = kinds.kind(data), PurePath(name).stem
    if kind == FileKind.XLS:
        from xltools.readers import biff

        book = biff.read(data)
        book.macros = "_VBA_PROJECT_CUR".encode("utf-16-le") in data
    elif kind == FileKind.FODS:
        from xltools.readers import odf

        book = odf.flat(decode(data))
    elif kind == FileKind.XML2003:
        from xltools.readers import xml2003

        book = xml2003.read(decode(data))
    elif kind == FileKind.HTML:
        from xltools.readers import webbook

        book = webbook.read(data, stem, parts)
    elif kind == FileKind.TEXT:
        from xltools.readers import plaintext

        book = plaintext.read(data, stem)
    elif kind == FileKind.PDF:
        from xltools.readers.documents import pdf

        book = pdf.read(data, passwords)
    elif kind in _OLDER:
        book = _older(data, kind)
    if book is None:
        raise _refused(kind)
    book.kind = kind
    return book


def kind_of(data: bytes, name: str = "", parts: Mapping[str, bytes] = _ALONE) -> FileKind | None:
    """Return the kind of a file, whether it can be read or not; None for a damaged zip. The
    parameters are those of ``book_of``.
    """
    if parts and not data:
        return _kind_of_parts(name, parts)
    if not data.startswith(kinds.ZIP):
        return kinds.kind(data)
    try:
        return _kind(Package.of(data), name)
    except ReadError:
        return None


def _pieces(name: str, parts: Mapping[str, bytes]) -> Book:
    """Read a document that was saved as several files without a main file. Raises ReadError as
    ``book_of``.
    """
    from xltools.readers import webbook

    kind = _kind_of_parts(name, parts)
    book = webbook.pages(parts) if kind == FileKind.HTML else None
    if book is None:
        raise _refused(kind)
    book.kind = kind
    return book


def _kind_of_parts(name: str, parts: Mapping[str, bytes]) -> FileKind:
    """Return the kind of a document that was saved as several files without a main file."""
    folder = f"{PurePath(name).name}/".lower()
    inside = frozenset(path.lower().rpartition(folder)[2] for path in parts)
    kind = kinds.zipped(inside, "")
    if kind == FileKind.NUMBERS or name.lower().endswith(kinds.APPLE):
        first = next((data for path, data in parts.items() if path.endswith("Document.iwa")), b"")
        return kinds.iwork(name, inside, first)
    return kind if kind in kinds.EXPORTED else FileKind.HTML


def _refused(kind: FileKind) -> ReadError:
    """The error to raise for a kind of file that cannot be read: F-14 with how to export it, if its
    own program can save it in another format, else F-01.
    """
    how = kinds.EXPORTED.get(kind)
    return ReadError("F-14", Phrase.EXPORT_FIRST(kind, how)) if how else ReadError("F-01", kind)


def _kind(package: Package, name: str) -> FileKind:
    """Return the kind of a package, by its parts, its mimetype, and for Apple's programs its file
    ``name``.
    """
    parts = package.parts
    mimetype = package.read("mimetype")[:100] if "mimetype" in parts else b""
    kind = kinds.zipped(frozenset(parts), mimetype.decode("ascii", "replace"))
    if kind == FileKind.NUMBERS:
        first = "index/document.iwa"
        return kinds.iwork(name, parts, package.read(first) if first in parts else b"")
    if kind != FileKind.ZIP:
        return kind
    from xltools.readers import odf

    return odf.kind(package) or (FileKind.WORD if word_part(package) else kind)


def _locked(data: bytes) -> bool:
    """Whether a workbook or a Word document is locked with a password."""
    if kinds.encrypted(data):
        return True
    kind = kinds.kind(data) if data.startswith(kinds.OLE) else None
    if kind == FileKind.XLS:
        from xltools.readers import biff

        return biff.behind(data)
    return kind == FileKind.DOC and document_locked(data)


def _older(data: bytes, kind: FileKind) -> Book:
    """Convert an old or foreign document (.doc, .rtf, .odt) with LibreOffice and read the result,
    which must keep the limits too.

    LibreOffice is never used to repair damaged files of other formats: where a cell occurs twice,
    it would keep the last value without a warning.
    """
    from xltools.readers.documents import office, word

    package = Package.of(office.converted(data, _OLDER[kind], kind))
    return word.read(package, word_part(package), _embedded)


def _embedded(data: bytes) -> Book:
    """Read a workbook that is embedded in a document. A document embedded there is refused, because
    it might contain further ones without end. Raises ReadError as ``open_book``, and F-01 for any
    other kind of file.
    """
    if data.startswith(kinds.ZIP) and _kind(Package.of(data), "") in (FileKind.WORD, FileKind.ODT):
        raise ReadError("F-01", FileKind.WORD)
    return _book_of(data, (), "")


def _zipped(package: Package, name: str, structures: Structures | None) -> Book:
    """Read a package into a Book. ``name``: the name of the file. Raises ReadError as ``book_of``,
    and F-02 if the package contains two workbooks.
    """
    parts = package.parts
    main = xlsx.MAIN if xlsx.MAIN in parts else ""
    is_alone = main and all(part.startswith(_OF_EXCEL) for part in parts)
    kind = FileKind.XLSX if is_alone else _kind(package, name)
    if not main and kinds.XLSB_MAIN not in parts:
        main = xlsx.workbook_part(package)
    if sum((bool(main), kinds.XLSB_MAIN in parts, kind == FileKind.ODS)) > 1:
        # Programs would show different workbooks.
        raise ReadError("F-02", Phrase.TWO_WORKBOOKS)
    if main:
        book = xlsx.read(package, main, structures)
    elif kinds.XLSB_MAIN in parts:
        from xltools.readers import xlsb

        book = xlsb.read(package)
    elif kind == FileKind.ODS:
        from xltools.readers import odf

        book = odf.zipped(package)
    elif kind == FileKind.WORD:
        from xltools.readers.documents import word

        book = word.read(package, word_part(package), _embedded)
    elif kind == FileKind.ODT:
        from xltools.readers import odf

        if odf.locked(package):
            raise ReadError("F-03")
        book = _older(package.data, kind)
    elif kind == FileKind.HTML:
        return _pieces(
            name,
            {
                name_of(e.orig_filename, utf8=e.utf8): package.read(p)
                for p, e in package.parts.items()
            },
        )
    else:
        raise _refused(kind)
    book.macros = any(name.startswith(_MACROS) for name in parts)
    book.kind = FileKind.XLSX if main else kind
    return book
