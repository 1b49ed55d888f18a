"""Returns by the hundred: one filled-in workbook, copied with a unit and a figure of its own."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from pathlib import Path

from support.containers import zip_
from support.jobs import FULL, filled

_UNIT, _FIGURE = "单位0000局", 7_654_321
_NUMBER = b"<v>%d</v>"


def unit(number: int) -> str:
    """The name of a unit; all are of the same length."""
    return f"单位{number:04d}局"


def returns(folder: Path, count: int) -> list[Path]:
    """Write returns of as many units, in subfolders of a hundred."""
    figures = FULL | {"t2.regulations.issued": _FIGURE}
    base = filled(folder / "base.xlsx", unit(0), figures)
    with zipfile.ZipFile(BytesIO(base.read_bytes())) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    base.unlink()
    about = {name for name, part in parts.items() if _UNIT.encode() in part}
    held = [name for name, part in parts.items() if _NUMBER % _FIGURE in part]
    assert about
    assert held
    paths = []
    for number in range(1, count + 1):
        own = dict(parts)
        for name in about | set(held):
            part = own[name].replace(_UNIT.encode(), unit(number).encode())
            own[name] = re.sub(_NUMBER % _FIGURE, _NUMBER % (100 + number), part)
        path = folder / f"{number // 100:02d}" / f"{unit(number)}.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(zip_(own))
        paths.append(path)
    return paths
