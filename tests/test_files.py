"""Putting files in their place: whole or not at all, and the one before is kept."""

import os
from pathlib import Path

import pytest

from xltools.model.files import Placed, put, put_written


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_a_new_file_and_the_same_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "汇总.xlsx"
    placed = put(path, b"one")
    assert (placed.path, placed.kept, placed.beside) == (path, None, False)
    assert put(path, b"one").kept is None
    assert names(path.parent) == ["汇总.xlsx"]


def test_the_one_before_is_kept_with_its_date(tmp_path: Path) -> None:
    path = tmp_path / "汇总.xlsx"
    for content in (b"one", b"two", b"three"):
        if path.exists():
            os.utime(path, (1_768_000_000, 1_768_000_000))
        placed = put(path, content)
    assert placed.kept is not None
    assert path.read_bytes() == b"three"
    kept = sorted(p.read_bytes() for p in tmp_path.iterdir() if p != path)
    assert kept == [b"one", b"two"]
    assert all(p.startswith("汇总_2026") for p in names(tmp_path) if p != path.name)


def test_what_is_written_piece_by_piece(tmp_path: Path) -> None:
    path = tmp_path / "汇总.xlsx"

    def write(*pieces: bytes) -> Placed:
        return put_written(path, lambda file: file.writelines(pieces))

    assert write(b"o", b"ne").kept is None
    before = path.stat()
    assert write(b"on", b"e").kept is None
    assert path.stat() == before
    kept = write(b"two").kept
    assert kept is not None
    assert (path.read_bytes(), kept.read_bytes()) == (b"two", b"one")
    with pytest.raises(ZeroDivisionError):
        put_written(path, lambda file: file.write(b"%d" % (1 // 0)))
    assert sorted(names(tmp_path)) == sorted([path.name, kept.name])


def test_in_use_it_is_written_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows refuses to replace a file that Excel holds; here its refusal is imitated."""
    path = tmp_path / "汇总.xlsx"
    path.write_bytes(b"open in Excel")
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if Path(target) == path:
            raise PermissionError(13, "in use")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    placed = put(path, b"new")
    assert placed.beside
    assert placed.path.read_bytes() == b"new"
    assert path.read_bytes() == b"open in Excel"
    assert len(names(tmp_path)) == 2


def test_a_failure_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "汇总.xlsx"
    path.write_bytes(b"before")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        put(path, b"after")
    assert names(tmp_path) == ["汇总.xlsx"]
    assert path.read_bytes() == b"before"
