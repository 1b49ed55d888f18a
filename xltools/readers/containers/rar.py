"""Open RAR archives. rarfile reads their directory; entries that are packed or encrypted are
unpacked by a program (unrar, unar, 7z, bsdtar), if one is installed.
"""

import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

from xltools.model.errors import ReadError
from xltools.model.limits import limits, over
from xltools.model.wording import Phrase
from xltools.readers.containers.entry import Budget, ContainerEntry, entry
from xltools.readers.passwords import fits

if TYPE_CHECKING:
    from rarfile import RarFile, RarInfo, ToolSetup

_RAR5: Final = b"Rar!\x1a\x07\x01\x00"
_MOST_DOUBLINGS: Final = 20  # doublings of the number of password hashes; RAR uses 15
_BEFORE, _SPLIT = 1, 3  # flags: begins in an earlier volume; is split over volumes


def opened(data: bytes, passwords: Sequence[str], budget: Budget) -> Iterator[ContainerEntry]:
    """Yield the entries of a RAR archive. Raises ReadError: F-02 if it is damaged, F-03 if no
    password fits, F-05 over a limit, F-09 if a program is missing, F-10 for a part of a divided
    archive.
    """
    words = [p for p in dict.fromkeys(passwords) if p and "\x00" not in p]
    split: list[str] = []
    archive = _archive(data, words, split)
    with archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            regular = info.is_file() or info.is_symlink()
            why = Phrase.LINK if info.is_symlink() else "" if regular else Phrase.NOT_A_FILE
            read = partial(_read, archive, info, words, budget)
            yield entry(info.filename, read, modified=_date(info), ignored=why)
        if split:
            raise ReadError("F-10", Phrase.ARCHIVE_LATER_VOLUME)
        if archive.strerror():
            raise ReadError("F-02", Phrase.ARCHIVE_DAMAGED_ONWARDS)


def _archive(data: bytes, passwords: Sequence[str], split: list[str]) -> "RarFile":
    """Open the archive, with the password that fits if its directory is encrypted. Adds the names
    of entries that begin in an earlier volume to ``split``. Raises ReadError as ``opened``.
    """
    import rarfile

    count = 0

    def counted(info: Any) -> None:
        nonlocal count
        if (getattr(info, "flags", 0) or 0) & _BEFORE and getattr(info, "filename", ""):
            split.append(info.filename)
        count += 1
        if count > limits().entries:
            raise over("entries", Phrase.ARCHIVE_ENTRIES_OVER(limits().entries))

    try:
        archive = rarfile.RarFile(
            io.BytesIO(data), charset="gb18030", info_callback=counted, part_only=True
        )
        locked = archive.needs_password() and not archive.infolist()
    except (ReadError, MemoryError):
        raise
    except rarfile.NeedFirstVolume as error:
        raise ReadError("F-10", Phrase.ARCHIVE_VOLUME) from error
    except Exception as error:
        raise ReadError("F-02", Phrase.ARCHIVE_INCOMPLETE) from error
    if not locked:
        return archive
    if data.startswith(_RAR5) and _doublings(data) > _MOST_DOUBLINGS:
        raise ReadError("F-05", Phrase.PASSWORD_ROUNDS)
    for password in passwords:
        count = 0
        try:
            archive.setpassword(password)
        except (ReadError, MemoryError):
            raise
        except rarfile.NoCrypto as error:
            raise ReadError("F-09", Phrase.RAR_SECRET_PROGRAM) from error
        except Exception:  # a wrong password
            continue
        if archive.infolist():
            fits()
            return archive
    raise ReadError("F-03")


def _doublings(data: bytes) -> int:
    """Return how often the number of hashes for the password is doubled, according to the first
    header of an archive whose headers are encrypted; 0 if they are not.
    """
    at, values = 12, []
    for _ in range(5):  # size, type, flags; version and flags of the encryption
        value = shift = 0
        for byte in data[at : at + 10]:
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        values.append(value)
    return data[at] if values[1] == 4 and at < len(data) else 0


def _read(archive: "RarFile", info: "RarInfo", passwords: Sequence[str], budget: Budget) -> bytes:
    """Unpack an entry. Raises ReadError as ``opened``, and SpentError."""
    import rarfile

    if archive.getinfo(info.filename) is not info:  # rarfile finds entries by name only
        raise ReadError("F-10", Phrase.ARCHIVE_NAME_TWICE)
    if info.flags & _SPLIT:
        raise ReadError("F-10", Phrase.ARCHIVE_ENTRY_SPLIT)
    secret = info.needs_password()
    if secret and not passwords:
        raise ReadError("F-03")
    encryption = getattr(info, "file_encryption", None)
    if encryption and encryption[2] > _MOST_DOUBLINGS:
        raise ReadError("F-05", Phrase.PASSWORD_ROUNDS)
    budget.weigh(info.file_size, info.compress_size)
    if info.filename.startswith("@") and archive.is_solid():
        raise ReadError("F-10", Phrase.ARCHIVE_NAME_AT)  # programs would read it as a file list
    programs = _usable(info)
    for program in programs:
        if program is not None:
            rarfile.CURRENT_SETUP = program
        for password in passwords if secret else (None,):
            spent = budget.size
            try:
                with archive.open(info, pwd=password) as file:
                    data = budget.gather(file.read, info.compress_size)
                if len(data) == archive.getinfo_orig(info).file_size:
                    if secret:
                        fits()
                    return data
            except (rarfile.Error, OSError):
                pass  # a wrong password, damage, or not supported by the program
            budget.size = spent
    if secret:
        raise ReadError("F-03")
    sure = any(p is None or p.setup is rarfile.UNRAR_CONFIG for p in programs)
    raise (
        ReadError("F-02", Phrase.ARCHIVE_ENTRY_DAMAGED)
        if sure
        else ReadError("F-09", Phrase.RAR_BETTER_PROGRAM)
    )


def _usable(info: "RarInfo") -> "Sequence[ToolSetup | None]":
    """Return the programs that may unpack an entry, the most capable first; a single None if no
    program is needed. Raises ReadError F-09 if there is no such program.
    """
    import rarfile

    secret = info.needs_password()
    if info.compress_type == rarfile.RAR_M0 and not secret:
        return (None,)
    installed = installed_programs()
    if not installed:
        raise ReadError("F-09", Phrase.RAR_PROGRAMS)
    usable = [p for p in installed if not secret or p.setup["password"] is not None]
    if not usable:
        raise ReadError("F-09", Phrase.RAR_SECRET_PROGRAM)
    return usable


@cache
def installed_programs() -> "Sequence[ToolSetup]":
    """Return the installed programs that unpack RAR archives, the most capable first."""
    import rarfile

    class Bsdtar(rarfile.ToolSetup):  # type: ignore[misc,unused-ignore] # it has no types
        def open_cmdline(self, pwd: Any, rarfn: str, filefn: str | None = None) -> list[str]:
            # rarfile puts two dashes between -f and the file that it takes.
            named = [] if filefn is None else ["--", filefn]
            return [rarfile.BSDTAR_TOOL, "-x", "--to-stdout", "-f", rarfn, *named]

    others = (
        rarfile.UNRAR_CONFIG,
        rarfile.UNAR_CONFIG,
        rarfile.SEVENZIP_CONFIG,
        rarfile.SEVENZIP2_CONFIG,
    )
    tried = [*map(rarfile.ToolSetup, others), Bsdtar(rarfile.BSDTAR_CONFIG)]
    return [program for program in tried if program.check()]


def _date(info: "RarInfo") -> datetime | None:
    """Return the date of an entry in local time; None if unknown. Newer archives state the zone,
    older ones use local time.
    """
    try:
        if info.mtime is None:
            return datetime(*info.date_time) if info.date_time else None
        local = info.mtime.astimezone() if info.mtime.tzinfo is not None else info.mtime
        return datetime(*local.timetuple()[:6])
    except (TypeError, ValueError, OverflowError, OSError):
        return None
