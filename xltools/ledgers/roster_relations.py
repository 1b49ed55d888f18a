"""What the lines of a roster say of each other: one name, one unit; filers and predecessors."""

from collections.abc import Sequence
from dataclasses import replace

from xltools.ledgers.roster_table import Table
from xltools.model.roster import (
    ALIASES,
    CODE,
    NAME,
    PREDECESSORS,
    STATE,
    THROUGH,
    State,
    Unit,
    key,
)


def owners_of(table: Table, units: Sequence[Unit]) -> dict[str, Unit]:
    """Return whom each name, code and alias means; two units with the same one are a problem."""
    owners: dict[str, tuple[Unit, str]] = {}
    for unit in units:
        entries = [(unit.name, NAME), (unit.code, CODE), *((a, ALIASES) for a in unit.aliases)]
        twins: set[int] = set()  # a line pasted twice is one mistake, not one for each cell
        for text, label in entries:
            if not text:
                continue
            other, its = owners.setdefault(key(text), (unit, label))
            if other.row == unit.row or other.row in twins:
                continue
            if label == its == NAME:
                twins.add(other.row)
                message = f"“{text}”与第 {other.row} 行重复；每个单位只能有一行，请删去多余的一行。"
            else:
                message = (
                    f"“{text}”已是第 {other.row} 行“{other.name}”的{its}，"
                    "收表时分不清是哪个单位；请改正其中一个。"
                )
            table.wrong(unit.row - 1, label, message)
    return {text: unit for text, (unit, _) in owners.items()}


def with_filer(table: Table, unit: Unit, owners: dict[str, Unit]) -> Unit:
    """Return the unit with its joint filer by name; one that will not report is a problem."""
    if unit.files_through is None:
        return unit
    text, other = unit.files_through, owners.get(key(unit.files_through))
    if other is None:
        message = f"“{text}”不在名录里；请填名录中一个单位的全称，或为它补一行。"
    elif other.row == unit.row:
        message = "填的是本单位自己；自行报送的请留空，由别的单位合并报送的请填那个单位。"
    elif other.files_through is not None:
        message = (
            f"“{text}”自己也由“{other.files_through}”合并报送；请直接填最后实际报送的那个单位。"
        )
    elif other.state is not State.REGISTERED and not table.faulty(other, STATE):
        message = f"“{text}”的状态是“{other.state.value}”，不会报送；请改填一个在册的单位。"
    else:
        return replace(unit, files_through=other.name)
    table.wrong(unit.row - 1, THROUGH, message)
    return unit


def with_predecessors(table: Table, units: Sequence[Unit], owners: dict[str, Unit]) -> list[Unit]:
    """Return the units with their predecessors by name, each of them abolished and claimed once.

    A predecessor's carry-over of last year goes to its successor: to two, it would count twice.
    """
    heirs: dict[str, Unit] = {}
    done = []
    for unit in units:
        names: dict[str, None] = {}
        for text in unit.predecessors:
            other = owners.get(key(text))
            if other is None:
                message = f"“{text}”不在名录里；请为它补一行，状态填“{State.ABOLISHED.value}”。"
            elif other.row == unit.row:
                message = "填的是本单位自己；前身单位应是已经撤销的其他单位，没有就留空。"
            elif other.state is not State.ABOLISHED and not table.faulty(other, STATE):
                message = (
                    f"“{text}”（第 {other.row} 行）的状态是“{other.state.value}”；"
                    f"前身单位的状态应是“{State.ABOLISHED.value}”，请改正其中一处。"
                )
            elif (heir := heirs.setdefault(other.name, unit)) is not unit:
                message = (
                    f"“{text}”已是第 {heir.row} 行“{heir.name}”的前身单位；"
                    "上年结转只能归一个单位，请只保留一处。"
                )
            else:
                names[other.name] = None
                continue
            table.wrong(unit.row - 1, PREDECESSORS, message)
        done.append(replace(unit, predecessors=tuple(names)))
    return done
