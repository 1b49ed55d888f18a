"""Every case into a folder, with a list of them."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from support.hostile import bombs, cells, containers, entries, extents, mails, markup
from support.hostile.case import Case

MODULES = (bombs, markup, extents, cells, containers, mails)


def every() -> Iterator[Case]:
    """The cases that are bytes, one at a time, named with the folder of their module."""
    for module in MODULES:
        folder = module.__name__.rpartition(".")[2]
        for case in module.cases():
            yield replace(case, name=f"{folder}/{case.name}")


def write_all(folder: Path) -> list[Case]:
    """Write all below a folder that is empty or not there; what they are, without their bytes.

    ``cases.json`` beside the folder lists them, for people.
    """
    written: list[Case] = []
    for case in every():
        path = folder / case.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(case.data)
        written.append(replace(case, data=b""))
    where = folder / "entries"
    where.mkdir()
    written += [replace(case, name=f"entries/{case.name}") for case in entries.write(where)]
    listed = [{k: v for k, v in asdict(case).items() if k != "data"} for case in written]
    text = json.dumps(listed, ensure_ascii=True, indent=1)
    folder.with_name(folder.name + ".json").write_text(text, "ascii")
    return written
