"""Files and folders on other machines, given by fsspec addresses such as ``s3://bucket/folder`` and
``sftp://host/folder``: how one is listed and read, and what went wrong in words.

Credentials come from the environment of the process (``AWS_ACCESS_KEY_ID``, an SSH agent,
``FSSPEC_SFTP_PASSWORD`` ...), where the libraries below fsspec look for them. They are never part
of an address, so an address can be shown, logged and sent to other machines.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from hashlib import md5
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from threading import get_ident
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias

from xltools.model.errors import ReadError, XltoolsError, refusal
from xltools.model.limits import MB, limits, over
from xltools.model.wording import Phrase, Value, in_words

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

INSTALL: Final = "pip install xltools[cluster]"
_ADDRESS: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.:-]+)://(.*)", re.DOTALL)
_ON_SERVERS: Final = ("sftp", "ssh")
"""Protocols whose address begins with a server, before which a user's name may stand."""
_NOT_FOLDERS: Final = ("http", "https", "data", "memory")
"""Protocols in which nothing can be listed or written, or that are of one process."""


class StorageError(XltoolsError):
    """An address cannot be used, or the storage refuses. The text says in Chinese where, why, and
    what to do.
    """


class MissingExtraError(XltoolsError):
    """A package of the extra ``cluster`` is not installed; its argument is what needs it."""

    def __str__(self) -> str:
        return f"{self.args[0]}：要先安装附加组件：{INSTALL}"


def require_extra(what: str, *packages: str) -> None:
    """Raise MissingExtraError if one of the packages that ``what`` needs is not installed."""
    if any(find_spec(package) is None for package in packages):
        raise MissingExtraError(what)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A file or folder at an fsspec address.

    ``protocol``: such as ``s3``. ``server``: for protocols that have one, ``host``, ``host:port``
    or ``user@host``; empty for others. ``path``: as the file system takes it, without a slash at
    the end; for ``s3`` it begins with the bucket.
    """

    protocol: str
    server: str
    path: str

    @classmethod
    def parsed(cls, address: str) -> Self:
        """The place that an address names. Raises StorageError if it is none, or has a password or
        parameters in it; the message does not repeat these.
        """
        match = _ADDRESS.fullmatch(address)
        if match is None:
            raise StorageError(f"{address}：不是 s3://桶/文件夹 这样的地址。")
        protocol, rest = match[1].lower(), match[2]
        server, slash, path = rest.partition("/")
        user, at, host = server.rpartition("@")
        if ":" in user or (at and protocol not in _ON_SERVERS):
            raise StorageError(
                f"{protocol}://…@{host}{slash}{path}：地址里不能写用户名和密码；"
                "请放在运行程序的机器的环境变量里（见 docs/scale.md）。"
            )
        if "?" in rest or ":" in protocol:
            raise StorageError(
                f"{protocol}://{rest.partition('?')[0]}：地址里不能带参数；"
                "参数请放在运行程序的机器的环境变量里（见 docs/scale.md）。"
            )
        if protocol in _NOT_FOLDERS:
            raise StorageError(
                f"{protocol}://：这种地址不能列出、写入文件；可用 s3://、sftp:// 等。"
            )
        if protocol in _ON_SERVERS:
            if not host or not path.strip("/"):
                raise StorageError(f"{address}：请写成 {protocol}://服务器/文件夹。")
            return cls(protocol=protocol, server=server, path=f"/{path.strip('/')}")
        kept = rest.rstrip("/") or "/"
        return cls(protocol=protocol, server="", path=kept)

    def __str__(self) -> str:
        return f"{self.protocol}://{self.server}{self.path}"

    def __truediv__(self, name: str) -> Self:
        return replace(self, path=f"{self.path.rstrip('/')}/{name}")

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def suffix(self) -> str:
        """The suffix of the name, with its dot; empty if there is none."""
        return PurePosixPath(self.name).suffix

    @property
    def parent(self) -> Self:
        """The folder that contains it."""
        return replace(self, path=self.path.rpartition("/")[0])

    def within(self, folder: "Remote") -> bool:
        """Whether this is ``folder`` or lies in it."""
        same = (self.protocol, self.server) == (folder.protocol, folder.server)
        return same and f"{self.path}/".startswith(f"{folder.path.rstrip('/')}/")

    @property
    def files(self) -> "AbstractFileSystem":
        """The file system of the address, opened once in a process; for a server once in a thread,
        as two threads on one connection would take each other's answers. Raises MissingExtraError
        if fsspec or what it needs for the protocol is not installed, StorageError for an unknown
        protocol or a server that cannot be reached.
        """
        thread = get_ident() if self.protocol in _ON_SERVERS else 0
        with reaching(self):
            return _opened(self.protocol, self.server, thread)


Location: TypeAlias = Path | Remote
"""Where a file or folder is: on this machine or at an address."""


def located(text: str) -> Location:
    """The location that a text names: an address if it has ``://`` after at least two letters (one
    is a drive), else a path, and so is one of ``file://``. Raises StorageError for an address that
    cannot be used.
    """
    if not _ADDRESS.match(text):
        return Path(text)
    return Path(text[7:]) if text.lower().startswith("file://") else Remote.parsed(text)


def as_address(path: Path) -> Remote:
    """The address of a file or folder of this machine, for those that take nothing else."""
    return Remote(protocol="file", server="", path=path.absolute().as_posix())


@cache
def _opened(protocol: str, server: str, thread: int) -> "AbstractFileSystem":
    """A file system without a cache of listings, as others change what is there. ``thread``: the
    thread for which it is opened, 0 for all of them.
    """
    try:
        import fsspec

        kind = fsspec.get_filesystem_class(protocol)
    except ImportError:
        raise MissingExtraError(f"{protocol}:// 的地址") from None
    except ValueError:
        raise StorageError(f"{protocol}://：没有这种地址；可用 s3://、sftp:// 等。") from None
    if protocol not in _ON_SERVERS:
        return fsspec.filesystem(protocol, use_listings_cache=False)
    from xltools.storage.hosts import known_hosts

    options = kind._get_kwargs_from_urls(f"{protocol}://{server}/")
    return fsspec.filesystem(protocol, **options, **known_hosts())


def why_refused(error: Exception) -> Value | None:
    """Why a storage refused something, from the exception of fsspec or of a library below it; None
    for an exception that does not come from these.
    """
    name, module = type(error).__name__, type(error).__module__.partition(".")[0]
    if isinstance(error, PermissionError) or "Credential" in name or "Authentication" in name:
        return Phrase.STORE_DENIED
    if isinstance(error, FileNotFoundError):
        return Phrase.NO_SUCH_PATH
    if "HostKey" in name or "known_hosts" in str(error):
        return Phrase.UNKNOWN_HOST
    unreachable = (ConnectionError, TimeoutError)
    if isinstance(error, unreachable) or "Connect" in name or "Timeout" in name:
        return Phrase.STORE_UNREACHABLE
    if isinstance(error, OSError):
        return refusal(error)
    if module in ("botocore", "aiobotocore", "aiohttp", "s3fs", "fsspec", "paramiko"):
        return str(error)
    return None


@contextmanager
def reaching(where: Remote) -> Iterator[None]:
    """Raise a refusal of the storage within the context as a StorageError that names ``where``."""
    try:
        yield
    except XltoolsError:
        raise
    except Exception as error:
        why = why_refused(error)
        if why is None:
            raise
        raise StorageError(f"{where}：{in_words(why)}。") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file as it was listed. ``path``: as its file system takes it. ``stamp``: its ETag; where
    the storage has none, its date. ``modified``: in local time, None if unknown. ``link``: whether
    it only points to a file.
    """

    path: str
    size: int
    stamp: str
    modified: datetime | None
    link: bool = False

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


def listed(folder: Remote) -> dict[str, StoredFile]:
    """All files below a folder, by their path below it, with slashes; or the file itself by its
    name, if ``folder`` is one. Empty where there is nothing at the address. Raises StorageError.
    """
    start = f"{folder.path.rstrip('/')}/"
    with reaching(folder):
        try:
            found = folder.files.find(folder.path, detail=True)
        except FileNotFoundError:
            return {}
    files: dict[str, StoredFile] = {}
    for path, info in found.items():
        if info["type"] == "directory" or path.endswith("/"):
            continue  # an empty object that stands for a folder
        name = path.removeprefix(start) if path.startswith(start) else path.rpartition("/")[2]
        files[name] = _stored(path, info)
    return files


def is_there(place: Remote) -> bool:
    """Whether there is a file at an address, or a folder with files. Raises StorageError."""
    with reaching(place):
        return bool(place.files.exists(place.path))


def look_up(file: Remote) -> StoredFile | None:
    """The file at an address as it is now; None where there is none. Raises StorageError."""
    with reaching(file):
        try:
            info = file.files.info(file.path)
        except FileNotFoundError:
            return None
    return None if info["type"] == "directory" else _stored(file.path, info)


def _stored(path: str, info: dict[str, Any]) -> StoredFile:
    """A file from what fsspec says about it."""
    date = next((info[k] for k in ("LastModified", "mtime", "last_modified") if k in info), None)
    if isinstance(date, int | float):
        date = datetime.fromtimestamp(date)
    elif isinstance(date, datetime):
        date = date.astimezone().replace(tzinfo=None)
    else:
        date = None
    tag = next((info[key] for key in ("ETag", "etag", "md5") if info.get(key)), None)
    stamp = str(tag).strip('"') if tag else date.isoformat() if date else ""
    link = info["type"] == "link"
    return StoredFile(path=path, size=info["size"], stamp=stamp, modified=date, link=link)


def read_unchanged(folder: Remote, file: StoredFile) -> bytes:
    """The content of a file that was listed in ``folder``.

    Raises ReadError: F-05 if it is too large, F-06 if the storage refuses it or if it is not the
    file any more that was listed (another size or stamp).
    """
    if file.size > limits().file_size * MB:
        raise over("file-size", Phrase.FILE_SIZE(file.size // MB))
    place = replace(folder, path=file.path)
    data: bytes = b""
    failure: Value | None = None
    try:
        data = place.files.cat_file(file.path)
        if len(data) == file.size and md5(data, usedforsecurity=False).hexdigest() == file.stamp:
            return data
    except Exception as error:
        failure = str(error) if isinstance(error, StorageError) else why_refused(error)
        if failure is None:
            raise
    # The ETag need not be a digest of the content: whether it is the same is asked. And a file that
    # is just being replaced may fail in any way.
    try:
        now = look_up(place)
    except StorageError:
        now = file
    if now is not None and (now.size, now.stamp) != (file.size, file.stamp):
        raise ReadError("F-06", Phrase.CHANGED_SINCE_LISTED)
    if now is None:
        raise ReadError("F-06", Phrase.NO_SUCH_PATH)
    if failure is not None:
        raise ReadError("F-06", failure)
    if len(data) != file.size:
        raise ReadError("F-06", Phrase.CHANGED_SINCE_LISTED)
    return data
