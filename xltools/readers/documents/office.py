"""Convert documents of other formats (.doc, .wps, .rtf, .odt) to .docx with LibreOffice, if it is
installed.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from xltools.model.errors import ReadError
from xltools.model.file_kinds import FileKind
from xltools.model.limits import limits
from xltools.model.wording import Phrase

_PROGRAMS: Final = ("soffice", "libreoffice")
_PLACES: Final = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.exe",
    "C:/Program Files (x86)/LibreOffice/program/soffice.exe",
)
# Macros do not run, and nothing that a document links to is loaded.
_SETTINGS: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
</oor:items>
"""


def program() -> str:
    """Return the path of LibreOffice; empty if it is not installed."""
    paths = (shutil.which(name) for name in (*_PROGRAMS, *_PLACES))
    return next((path for path in paths if path), "")


def converted(data: bytes, suffix: str, kind: FileKind) -> bytes:
    """Convert a document to .docx. ``suffix``: that of its format, without a dot; ``kind``: the
    kind of file, for the message. Raises ReadError: F-11 if LibreOffice is not installed or does
    not start, F-02 if it cannot convert the file, F-04 if it takes too long.
    """
    soffice = program()
    if not soffice:
        raise ReadError("F-11", Phrase.NO_LIBREOFFICE(kind))
    with tempfile.TemporaryDirectory(prefix="xltools-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        profile = home / "profile"
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_SETTINGS, "utf-8")
        source = home / f"document.{suffix}"
        source.write_bytes(data)
        command = [
            soffice, "--headless", "--norestore", "--nolockcheck", "--nodefault",
            f"-env:UserInstallation={profile.as_uri()}",
            "--convert-to", "docx:MS Word 2007 XML", "--outdir", str(home / "out"), str(source),
        ]  # fmt: skip
        # The reading process is killed when its time is over, so the program gets less time.
        _run(command, home, limits().seconds * 3 // 4, kind)
        result = home / "out" / "document.docx"
        if not result.is_file():
            raise ReadError("F-02", Phrase.LIBREOFFICE_CANNOT(kind))
        return result.read_bytes()


def _run(command: list[str], home: Path, seconds: int, kind: FileKind) -> None:
    """Run a program until it ends; after ``seconds``, kill it, on POSIX systems with all processes
    that it started. On Linux it keeps its own files in ``home`` instead of the user's folders.
    Raises ReadError: F-04 if it takes too long, F-11 if it does not start.
    """
    posix = os.name == "posix"
    variables = {"LC_ALL": "C.UTF-8", "HOME": str(home)}
    variables |= {
        f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "CACHE", "DATA")
    }
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=posix,
            env={**os.environ, **variables} if sys.platform == "linux" else None,
        )
    except OSError as error:
        raise ReadError(
            "F-11", Phrase.LIBREOFFICE_FAILED(kind, error.strerror or str(error))
        ) from error
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise ReadError("F-04", Phrase.CONVERSION_TIME(seconds)) from error
    finally:
        if process.poll() is None:
            if posix:
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            process.wait()
