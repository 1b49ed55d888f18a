"""Units, the roster of them, and what can be wrong with one."""

import re
from collections.abc import Iterator
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
"""The headings of a roster's columns, in the order of a blank one."""

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
    """One line of the roster. `files_through` and `predecessors` are names of other units.

    `counted`: its figures are part of the sum (a unit under vertical management may report
    elsewhere). `limit`: how many characters the text parts that have a limit may have at most, 0
    for what the form says, None where nothing is asked. `password`: opens the workbooks it sends;
    a secret, which nothing may show. `row`: where it stands in the file, counted from 1; 0 if it
    comes from no file.
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
    row: int = 0

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses it sends from, in small letters: `email` may name several."""
        parts = re.split(r"[\s,;，；、<>]+", self.email.lower())
        return tuple(dict.fromkeys(p for p in parts if "@" in p))


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """All units of a district, in the order of the file."""

    units: tuple[Unit, ...]
    path: Path | None = None
    _names: dict[str, Unit] = field(init=False, repr=False, compare=False, default_factory=dict)
    _keys: dict[str, Unit] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Index the units; a name goes before a code, a code before an alias."""
        self._names.update((unit.name, unit) for unit in self.units)
        named = [(unit.name, unit) for unit in self.units]
        coded = [(unit.code, unit) for unit in self.units]
        also = [(alias, unit) for unit in self.units for alias in unit.aliases]
        for text, unit in (*named, *coded, *also):
            if key(text):
                self._keys.setdefault(key(text), unit)

    def __iter__(self) -> Iterator[Unit]:
        return iter(self.units)

    def __len__(self) -> int:
        return len(self.units)

    def unit(self, name: str) -> Unit:
        """Return the unit of exactly this name; KeyError if there is none."""
        return self._names[name]

    def find(self, text: str) -> Unit | None:
        """Return the unit that has this name, code or alias, whatever its spaces and widths."""
        return self._keys.get(key(text))

    @property
    def expected(self) -> tuple[Unit, ...]:
        """The units in 在册, all of which must be in, be it through another (`covered_by`)."""
        return tuple(unit for unit in self.units if unit.state is UnitState.REGISTERED)

    @property
    def filers(self) -> tuple[Unit, ...]:
        """The expected units that hand in a return of their own."""
        return tuple(unit for unit in self.expected if unit.files_through is None)

    @property
    def passwords(self) -> tuple[str, ...]:
        """What to try on workbooks that have a password: each once, in the order of the file."""
        return tuple(dict.fromkeys(unit.password for unit in self.units if unit.password))

    def covered_by(self, unit: Unit) -> Unit:
        """Return the unit whose return stands for this one: itself, or its joint filer."""
        return unit if unit.files_through is None else self.unit(unit.files_through)


def unit_of(name: str, roster: Roster | None) -> Unit:
    """The unit of a name as the roster has it, else one of which only the name is known."""
    unit = roster.find(name) if roster is not None else None
    return unit or Unit(name=name)


class RosterError(ProblemsError):
    """A roster cannot be used; its problems are of the file, of single rows, and between rows."""

    noun = "单位名录"
