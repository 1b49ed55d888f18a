"""The folder of a year's work: begun, and last year's found beside it."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from xltools.ledgers.roster_blank import write_blank
from xltools.model.errors import XltoolsError
from xltools.settings.fields import FILE, SETTINGS, Settings
from xltools.settings.file import read, written

LASTING: Final = (
    *("district", "form", "office", "contact", "telephone", "address", "signature", "agency"),
)
"""The settings that a new year takes over from the last."""

_FOLDERS: Final = ("inbox", "outbox", "corrections", "former")
_BESIDE_ROSTER: Final = "decisions.xlsx"


class NoFiguresError(XltoolsError):
    """A folder of last year's work has neither a summary nor returns. ``folder``: that folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(folder)

    def __str__(self) -> str:
        return (
            f"上年的文件夹 {self.folder} 里没有汇总表，也没有收到的报表：请先在那里汇总，"
            "或在设置里另写 previous（上年的汇总表或数据表）。"
        )


class TwoLedgersError(XltoolsError):
    """There are two files of decisions. ``first`` and ``second``: both."""

    def __init__(self, first: Path, second: Path) -> None:
        self.first, self.second = first, second
        super().__init__(first, second)

    def __str__(self) -> str:
        return (
            f"决定表有两份：{self.first} 和 {self.second}。请把要用的决定并到前一份里，"
            "移走后一份；或用 --decisions 指明用哪一份。"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class YearFolder:
    """A year's folder after `begin`. ``settings``: those in force there; ``new``: the paths that
    were made; ``kept``: those that were there already and have not been touched. ``copied``: last
    year's roster, which the new one is a copy of; None if it is an empty one, or was there.
    """

    settings: Settings
    new: tuple[Path, ...]
    kept: tuple[Path, ...]
    copied: Path | None = None


def begin(folder: Path, values: Mapping[str, Any]) -> YearFolder:
    """Make the folder of a year's work with all that is missing in it: the file of settings with
    ``values`` by name, the roster (a copy of last year's, else an empty one), and the folders.
    Nothing that exists is changed; a file of settings that is there counts, not ``values``.

    Raises SettingsError for a faulty file, OSError where nothing can be written.
    """
    new: list[Path] = []
    kept: list[Path] = []
    file = folder / FILE
    folder.mkdir(parents=True, exist_ok=True)
    if file.exists():
        kept.append(file)
    else:
        initial = {name: s.initial for name, s in SETTINGS.items() if s.initial}
        with file.open("x", encoding="utf-8", newline="\r\n") as stream:
            stream.write(written(initial | {n: v for n, v in values.items() if v}))
        new.append(file)
    settings = read(file)
    roster, copied = settings.located("roster"), None
    if isinstance(roster, Path):
        (kept if roster.exists() else new).append(roster)
        if not roster.exists():
            copied = _roster_of(settings.located("previous"))
            roster.parent.mkdir(parents=True, exist_ok=True)
            if copied is not None and copied.suffix == roster.suffix:
                shutil.copyfile(copied, roster)
            else:
                copied = None
                write_blank(roster)
    places = [settings.located(name) for name in _FOLDERS]
    ledger = settings.located("decisions")
    places.append(ledger.parent if isinstance(ledger, Path) else None)
    for place in places:
        if isinstance(place, Path):
            (kept if place.exists() else new).append(place)
            place.mkdir(parents=True, exist_ok=True)
    return YearFolder(settings=settings, new=tuple(new), kept=tuple(kept), copied=copied)


def _roster_of(place: object) -> Path | None:
    """The roster of a year's folder; None if ``place`` is none, or has none."""
    if not isinstance(place, Path) or not (place / FILE).is_file():
        return None
    roster = read(place / FILE).located("roster")
    return roster if isinstance(roster, Path) and roster.is_file() else None


def year_before(folder: Path, year: int) -> Settings | None:
    """The settings of last year's folder beside ``folder``; None if there is none, or there are
    several. ``year``: of the new folder. Faulty files are passed over.
    """
    candidates = []
    for file in sorted(folder.absolute().parent.glob(f"*/{FILE}")):
        try:
            settings = read(file)
        except XltoolsError:
            continue
        if settings.year == year - 1:
            candidates.append(settings)
    return candidates[0] if len(candidates) == 1 else None


def figures_of(place: Path) -> Path:
    """Where last year's figures are: ``place`` itself, or for a year's folder its summary or, if
    there is none, its inbox. Raises NoFiguresError where that is empty, SettingsError.
    """
    if not (place / FILE).is_file():
        return place
    settings = read(place / FILE)
    summary, inbox = settings.located("summary"), settings.located("inbox")
    if isinstance(summary, Path) and summary.is_file():
        return summary
    if isinstance(inbox, Path) and inbox.is_dir() and any(inbox.iterdir()):
        return inbox
    raise NoFiguresError(place)


def ledger_of(settings: Settings) -> tuple[Path | None, str]:
    """The file of decisions, whether it exists or not, with a note for the user: "" where there is
    nothing to say. Where the settings name one that does not exist, but there is one beside the
    roster, where earlier versions had it, it is that. Raises TwoLedgersError where both exist.
    """
    ledger, roster = settings.located("decisions"), settings.located("roster")
    if not isinstance(roster, Path):
        return (ledger if isinstance(ledger, Path) else None), ""
    beside = roster.parent / _BESIDE_ROSTER
    if not isinstance(ledger, Path):
        return beside, ""
    if not beside.is_file() or (ledger.is_file() and ledger.samefile(beside)):
        return ledger, ""
    if ledger.is_file():
        raise TwoLedgersError(ledger, beside)
    return beside, f"决定表还在名录旁边：{beside}；可以移到 {ledger}。"
