"""Last year's figures by unit, and which of them a unit or the district is compared with."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xltools.model import numbers
from xltools.model.errors import ProblemsError
from xltools.model.evaluate import with_totals
from xltools.model.form import Form
from xltools.model.numbers import Number
from xltools.model.roster import Roster, Unit
from xltools.model.text import key


class PreviousError(ProblemsError):
    """Last year's figures, from a workbook or from a folder of returns, cannot be used."""

    noun = "上年数据"


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """Last year's figures, by the name of the unit as it is in the file and by item number, as far
    as the file has them.

    ``year``: the year of the figures. ``left_out``: the units whose figures were not part of the
    district's. ``unsummed``: the items whose figures must not be added up.
    """

    year: int
    figures: Mapping[str, Mapping[int, Number]]
    path: Path
    left_out: frozenset[str] = field(default_factory=frozenset)
    unsummed: frozenset[int] = frozenset()
    _named: list[tuple[Roster | None, Mapping[str, str]]] = field(
        init=False, repr=False, compare=False, default_factory=list
    )

    def of(self, unit: Unit, roster: Roster | None = None) -> Mapping[int, Number]:
        """The figures of a unit by item number. With a roster, the figures of its predecessors and
        of the units that file through it are added to its own.

        An item is left out unless every one of these units that is in the file has a figure for it.
        The result is empty if none of them is in the file.
        """
        names = self._names(roster)
        if roster is None:
            keys = [key(text) for text in (unit.name, *unit.aliases)]
            return dict(next((self.figures[names[w]] for w in keys if w in names), {}))
        units = _stands_for(unit, roster)
        parts = [self.figures[names[part.name]] for part in units if part.name in names]
        return _add(parts, self.unsummed)

    def taken(self, roster: Roster) -> frozenset[str]:
        """The names in the file whose figures some filing unit of the roster takes over, as its own
        or as those of a predecessor or of a unit that files through it.
        """
        claimed = {part.name for unit in roster.filers for part in _stands_for(unit, roster)}
        return frozenset(n for n in self.figures if self._name(n, roster) in claimed)

    def totals(self, items: Container[int], roster: Roster | None = None) -> Mapping[int, Number]:
        """The district's sums of last year by item number: of those ``items`` for which all counted
        units have a figure.

        A unit is not counted if the file says so or, where the file does not, if the roster says
        so.
        """
        counted = []
        for name, figures in self.figures.items():
            unit = None if roster is None else roster.find(name)
            if name not in self.left_out and (unit is None or unit.counted):
                counted.append(figures)
        sums = _add(counted, self.unsummed)
        return {item: n for item, n in sums.items() if item in items}

    def _names(self, roster: Roster | None) -> Mapping[str, str]:
        """The names in the file by those that a roster has for the units; without a roster, by
        their keys. They are kept for the roster asked for last.
        """
        if not self._named or self._named[0][0] is not roster:
            names = {key(n) if roster is None else self._name(n, roster): n for n in self.figures}
            self._named[:] = [(roster, names)]
        return self._named[0][1]

    @staticmethod
    def _name(name: str, roster: Roster) -> str:
        """The name that the roster has for a unit of the file; if it has none, the name in the
        file.
        """
        unit = roster.find(name)
        return name if unit is None else unit.name


def figures_before(
    form: Form, previous: Previous | None, unit: Unit, roster: Roster | None
) -> list[Number | None] | None:
    """Last year's figures of a unit by item number, None for each one that is not known. The result
    itself is None if no figure is known; the check then uses those that the unit's template
    carried.
    """
    if previous is None:
        return None
    known = with_totals(form, previous.of(unit, roster))
    return [known.get(item.index) for item in form.items] if known else None


def _stands_for(unit: Unit, roster: Roster) -> list[Unit]:
    """The unit itself, all its predecessors, and all units that file through one of these."""
    units: dict[str, Unit] = {}
    todo = [unit]
    while todo:
        part = todo.pop()
        if part.name not in units:
            units[part.name] = part
            todo += [roster.unit(name) for name in part.predecessors]
            todo += roster.filing_through(part)
    return list(units.values())


def _add(parts: Sequence[Mapping[int, Number]], unsummed: frozenset[int]) -> dict[int, Number]:
    """The sums of the items that all ``parts`` have. If there are several parts, the items in
    ``unsummed`` are left out.
    """
    items = set(parts[0]).intersection(*parts) if parts else set()
    if len(parts) > 1:
        items -= unsummed
    sums: dict[int, Number] = {}
    for item in sorted(items):
        total: Number = 0
        for part in parts:
            total = total + part[item]
        sums[item] = numbers.tidy(total) if not isinstance(total, int) else total
    return sums
