"""Storage on other machines, played by rclone on the loopback: a server that speaks S3 and checks
signatures, and one that speaks SFTP. What is in a store lies in a folder, where a test can look.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import fsspec
import paramiko

from xltools.storage import remote

RCLONE = Path(sys.executable).with_name("rclone")
KEY, SECRET = "loopback-key", "loopback-secret-4711"
USER, PASSWORD = "bote", "sftp-secret-4711"


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A running server. ``folder``: what it serves; ``address``: of that folder;
    ``environment``: what a process needs to use it.
    """

    folder: Path
    address: str
    environment: Mapping[str, str]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(kind: str, folder: Path, port: int, *options: str) -> Iterator[None]:
    """Run a server of rclone until the context is left."""
    command = [RCLONE, "serve", kind, "--addr", f"127.0.0.1:{port}", *options, folder]
    with (folder.parent / f"{kind}.log").open("wb") as log:
        server = subprocess.Popen(
            [*map(str, command), "--config", "", "--dir-cache-time=10ms"],
            stderr=log,
        )
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield
    finally:
        server.terminate()
        server.wait(20)


@contextmanager
def s3(home: Path) -> Iterator[Store]:
    """A server of S3 with one bucket, ``amt``."""
    folder = home / "s3"
    (folder / "amt").mkdir(parents=True)
    port = free_port()
    with serving("s3", folder, port, "--auth-key", f"{KEY},{SECRET}"):
        yield Store(
            folder=folder / "amt",
            address="s3://amt",
            environment={
                "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}",
                "AWS_ACCESS_KEY_ID": KEY,
                "AWS_SECRET_ACCESS_KEY": SECRET,
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_MAX_ATTEMPTS": "2",
            },
        )


@contextmanager
def sftp(home: Path) -> Iterator[Store]:
    """A server of SFTP whose key is among the known hosts of the home folder ``home``."""
    folder, ssh = home / "sftp", home / ".ssh"
    folder.mkdir(parents=True)
    ssh.mkdir()
    key, port = paramiko.RSAKey.generate(2048), free_port()
    key.write_private_key_file(str(home / "host_key"))
    line = f"[127.0.0.1]:{port} {key.get_name()} {key.get_base64()}\n"
    (ssh / "known_hosts").write_text(line, "ascii")
    with serving(
        "sftp", folder, port, "--user", USER, "--pass", PASSWORD, "--key", str(home / "host_key")
    ):
        yield Store(
            folder=folder,
            address=f"sftp://{USER}@127.0.0.1:{port}",
            environment={"HOME": str(home), "FSSPEC_SFTP_PASSWORD": PASSWORD},
        )


@contextmanager
def used(store: Store, **changes: str) -> Iterator[None]:
    """Let this process use a store, with its environment and ``changes`` to it."""
    with mock.patch.dict(os.environ, {**store.environment, **changes}):
        _forget()
        try:
            yield
        finally:
            _forget()


def _forget() -> None:
    """Open file systems anew, with what the environment says now."""
    remote._opened.cache_clear()
    fsspec.config.conf.clear()
    fsspec.config.set_conf_env(fsspec.config.conf)
    for kind in ("s3", "sftp"):
        fsspec.get_filesystem_class(kind).clear_instance_cache()
