"""Units, and the roster that lists them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TypeAlias

from xltools.model.errors import ProblemsError
from xltools.model.text import key
from xltools.model.wording import Worded

NAME, CODE, ALIASES, CATEGORY, STATE, COUNTED = "单位名称 单位代码 别名 类别 状态 计入汇总".split()
THROUGH, PREDECESSORS, TEXT = "由…合并报送 前身单位 文字".split()
CONTACT, PHONE, EMAIL, PASSWORD, LIMIT = "联系人 电话 邮箱 打开密码 字数要求".split()
LABELS = (
    *(NAME, CODE, ALIASES, CATEGORY, STATE, COUNTED),
    *(THROUGH, PREDECESSORS, TEXT, CONTACT, PHONE, EMAIL, PASSWORD, LIMIT),
)
"""The headings of a roster's columns, in the order in which a new roster has them."""

Category: TypeAlias = str
YES, NO = "是", "否"


class UnitState(Worded):
    """Whether a unit reports this year."""

    REGISTERED = "在册"
    ABOLISHED = "撤销"
    EXEMPT = "免报"


class Texts(Enum):
    """Whether a unit fills in the text parts of the report."""

    REQUIRED = "必填"
    OPTIONAL = "选填"
    NONE = "不填"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One line of the roster.

    `aliases`: other names of the unit. `category`: one of `form.CATEGORIES`, None if not given.
    `files_through`: the name of the unit that includes this unit's figures in its own return; None
    if this unit files one itself. `predecessors`: the names of the units from which it was made.
    `counted`: whether its figures are part of the district's sums; those of a unit under vertical
    management may be counted elsewhere. `limit`: how many characters those text parts may have for
    which the form sets a limit: 0 for the form's limit, None for no limit. `password`: opens the
    workbooks that the unit sends; it is a secret that must not be shown anywhere. `group`: the
    group that it belongs to in the summary, "" for none. `row`: its row in the file, counted from
    1; 0 if it comes from no file.
    """

    name: str
    code: str = ""
    aliases: tuple[str, ...] = ()
    category: Category | None = None
    state: UnitState = UnitState.REGISTERED
    counted: bool = True
    files_through: str | None = None
    predecessors: tuple[str, ...] = ()
    text: Texts = Texts.OPTIONAL
    limit: int | None = None
    contact: str = ""
    phone: str = ""
    email: str = ""
    password: str = field(default="", repr=False)
    group: str = ""
    row: int = 0

    @property
    def addresses(self) -> tuple[str, ...]:
        """The mail addresses in `email`, which may name several, in small letters."""
        parts = re.split(r"[\s,;，；、<>]+", self.email.lower())
        return tuple(dict.fromkeys(p for p in parts if "@" in p))


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """All units of a district, in the order of the file. ``path``: the file; None if a program made
    the roster. ``grouped_by``: the heading of the column by which the units are grouped in the
    summary; "" if they are not.
    """

    units: tuple[Unit, ...]
    path: Path | None = None
    grouped_by: str = ""
    _names: dict[str, Unit] = field(init=False, repr=False, compare=False, default_factory=dict)
    _keys: dict[str, Unit] = field(init=False, repr=False, compare=False, default_factory=dict)
    _through: dict[str, list[Unit]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        """Index the units by name, code and alias. If the same text occurs as several of these, the
        name takes precedence over a code, and a code over an alias. Index the expected ones by the
        unit that they file through.
        """
        for unit in self.expected:
            if unit.files_through is not None:
                self._through.setdefault(unit.files_through, []).append(unit)
        self._names.update((unit.name, unit) for unit in self.units)
        named = [(unit.name, unit) for unit in self.units]
        coded = [(unit.code, unit) for unit in self.units]
        also = [(alias, unit) for unit in self.units for alias in unit.aliases]
        for text, unit in (*named, *coded, *also):
            if text_key := key(text):
                self._keys.setdefault(text_key, unit)

    def __iter__(self) -> Iterator[Unit]:
        return iter(self.units)

    def __len__(self) -> int:
        return len(self.units)

    def unit(self, name: str) -> Unit:
        """The unit with exactly this name. Raises KeyError if there is none."""
        return self._names[name]

    def find(self, text: str) -> Unit | None:
        """The unit that has this name, code or alias, compared without spaces and full width; None
        if there is none.
        """
        return self._keys.get(text) or self._keys.get(key(text))  # most texts are keys already

    @property
    def expected(self) -> tuple[Unit, ...]:
        """The units whose state is 在册. All of them must be in the summary, through another unit
        if need be (see `covered_by`).
        """
        return tuple(unit for unit in self.units if unit.state is UnitState.REGISTERED)

    @property
    def filers(self) -> tuple[Unit, ...]:
        """The expected units that file a return of their own."""
        return tuple(unit for unit in self.expected if unit.files_through is None)

    def filing_through(self, unit: Unit) -> Sequence[Unit]:
        """The expected units whose figures are part of the return of ``unit``."""
        return self._through.get(unit.name, ())

    @property
    def passwords(self) -> tuple[str, ...]:
        """The passwords to try on workbooks that have one: each once, in the order of the file."""
        return tuple(dict.fromkeys(unit.password for unit in self.units if unit.password))

    def covered_by(self, unit: Unit) -> Unit:
        """The unit whose return contains the figures of ``unit``: the one through which it files,
        or itself.
        """
        return unit if unit.files_through is None else self.unit(unit.files_through)


def unit_of(name: str, roster: Roster | None) -> Unit:
    """The unit that the roster has for ``name``; if there is none, a Unit with this name and
    nothing else.
    """
    unit = roster.find(name) if roster is not None else None
    return unit or Unit(name=name)


class RosterError(ProblemsError):
    """A roster cannot be used. Its problems may concern the file, single rows, or the relation
    between rows.
    """

    noun = "单位名录"
