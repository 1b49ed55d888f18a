"""What ``collect`` is to do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xltools.check.run import check
from xltools.layout.places import Layout
from xltools.model.decisions import Decisions
from xltools.model.evaluate import with_totals
from xltools.model.findings import Finding
from xltools.model.limits import Limits
from xltools.model.numbers import Number
from xltools.model.previous import Previous
from xltools.model.returns import Return
from xltools.model.roster import Roster, Texts, Unit
from xltools.model.text import key


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What ``collect`` is to do. ``year`` 0: the one that most returns name; ``accept``: units to
    merge in spite of fatal findings; ``skip``: files of the command itself, which may lie in the
    inbox; ``passwords``: tried on files that have one, beside those of the roster; ``limits``:
    what a file may cost; ``decisions``: of the coordinator.
    """

    layout: Layout
    inbox: Path
    roster: Roster | None = None
    year: int = 0
    previous: Previous | None = None
    accept: frozenset[str] = frozenset()
    workers: int = 1
    passwords: tuple[str, ...] = ()
    skip: frozenset[Path] = frozenset()
    limits: Limits = field(default_factory=Limits)
    decisions: Decisions = field(default_factory=Decisions)

    def listed(self, name: str) -> Unit | None:
        """The unit of a name, where there is a roster that has it."""
        return self.roster.find(name) if self.roster is not None else None

    def unit(self, name: str) -> Unit:
        """The unit of a name as the roster has it, else one of which only the name is known."""
        return self.listed(name) or Unit(name=name)

    @property
    def accepted(self) -> frozenset[str]:
        """The units of ``accept`` by the names that the roster has them under."""
        return frozenset(self.unit(name).name for name in self.accept)

    @property
    def order(self) -> dict[str, int]:
        """The places of the units in the roster, by name."""
        return {unit.name: n for n, unit in enumerate(self.roster or ())}

    def prior(self, unit: Unit) -> Sequence[Number | None] | None:
        """Last year's figures of a unit by item number; None to use what its template carried."""
        if self.previous is None:
            return None
        known = with_totals(self.layout.form, self.previous.of(unit, self.roster))
        if not known:
            return None
        return [known.get(i.index) for i in self.layout.form.items]

    def check(self, unit: Unit, ret: Return) -> tuple[Finding, ...]:
        """The findings of a unit's return, as the roster has the unit if it does."""
        return check(
            self.layout,
            ret,
            category=unit.category or "",
            prior=self.prior(unit),
            text=unit.text if self.listed(unit.name) is not None else Texts.OPTIONAL,
            limit=unit.limit,
        )


def accept_problems(names: Iterable[str], roster: Roster | None) -> list[str]:
    """Names given to accept that the roster does not have."""
    if roster is None:
        return []
    return [n for n in names if roster.find(n) is None and key(n)]
