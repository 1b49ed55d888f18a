"""Which SFTP servers are trusted: those whose keys are in the user's file of known hosts."""

from pathlib import Path
from typing import Any

import paramiko

_FILE = Path("~/.ssh/known_hosts")


class KnownHosts(paramiko.MissingHostKeyPolicy):  # type: ignore[misc]  # because paramiko has no types
    """Accepts a server only if its key is in ``~/.ssh/known_hosts``, as ``ssh`` writes it."""

    def missing_host_key(
        self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey
    ) -> None:
        """Return if the server is known; raises SSHException if not. ``hostname``: as the file
        names it, ``host`` or ``[host]:port``.
        """
        file = _FILE.expanduser()
        known = paramiko.HostKeys(str(file)) if file.is_file() else paramiko.HostKeys()
        if not known.check(hostname, key):
            raise paramiko.SSHException(f"{hostname} is not in known_hosts")


_policy = KnownHosts()


def known_hosts() -> dict[str, Any]:
    """The option of fsspec's SFTP file system that makes it accept known servers only. By itself it
    would accept any server.
    """
    return {"host_key_policy": _policy}
