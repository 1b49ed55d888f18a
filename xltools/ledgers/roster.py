"""The lines of a roster into units, with every error in them, and what lines say of each other."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from xltools.ledgers.roster_table import CannotReadError, RosterTable, find, read_grids
from xltools.model.form import CATEGORIES
from xltools.model.roster import (
    ALIASES,
    CATEGORY,
    CODE,
    CONTACT,
    COUNTED,
    EMAIL,
    LIMIT,
    NAME,
    NO,
    PASSWORD,
    PHONE,
    PREDECESSORS,
    STATE,
    TEXT,
    THROUGH,
    YES,
    Roster,
    RosterError,
    RosterProblem,
    Texts,
    Unit,
    UnitState,
    key,
)


def owners_of(table: RosterTable, units: Sequence[Unit]) -> dict[str, Unit]:
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


def with_filer(table: RosterTable, unit: Unit, owners: dict[str, Unit]) -> Unit:
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
    elif other.state is not UnitState.REGISTERED and not table.faulty(other, STATE):
        message = f"“{text}”的状态是“{other.state.value}”，不会报送；请改填一个在册的单位。"
    else:
        return replace(unit, files_through=other.name)
    table.wrong(unit.row - 1, THROUGH, message)
    return unit


def with_predecessors(
    table: RosterTable, units: Sequence[Unit], owners: dict[str, Unit]
) -> list[Unit]:
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
                message = f"“{text}”不在名录里；请为它补一行，状态填“{UnitState.ABOLISHED.value}”。"
            elif other.row == unit.row:
                message = "填的是本单位自己；前身单位应是已经撤销的其他单位，没有就留空。"
            elif other.state is not UnitState.ABOLISHED and not table.faulty(other, STATE):
                message = (
                    f"“{text}”（第 {other.row} 行）的状态是“{other.state.value}”；"
                    f"前身单位的状态应是“{UnitState.ABOLISHED.value}”，请改正其中一处。"
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


_LENGTH = re.compile(
    r"(?:不超过|不多于|至多|最多|≤|<=)?([1-9][0-9]{0,5})(?:\.0)?个?字?(?:以内|以下)?"
)
_NO_UNIT = re.compile(r"[(\[【]?(?:示例|例[:)\]】]|填写说明|填表说明|说明:|注:|备注:)")


def load(path: Path | str) -> Roster:
    """Read a roster from a workbook (.xlsx, .xlsm) or a CSV (UTF-8, UTF-16 or GB18030).

    The first sheet with the heading 单位名称 in its first 15 rows is taken. Raises RosterError with
    all problems at once: of the file, of single lines, and between lines.
    """
    path = Path(path)
    try:
        table = find(read_grids(path))
    except CannotReadError as error:
        raise RosterError(path, (RosterProblem(message=str(error)),)) from None
    rows = range(table.header + 1, len(table.grid.rows))
    units = [unit for row in rows if (unit := unit_of(table, row))]
    owners = owners_of(table, units)
    units = [with_filer(table, unit, owners) for unit in units]
    units = with_predecessors(table, units, owners)
    if not units and not table.problems:
        message = "名录里还没有单位；请从标题行的下一行起填写，每个单位一行。"
        table.problems.append(RosterProblem(message=message))
    if table.problems:
        raise RosterError(path, table.in_order())
    return Roster(units=tuple(units), path=path)


def unit_of(table: RosterTable, row: int) -> Unit | None:
    """Return the unit of a line; None for a line that is empty, an example or a note."""
    name = table.text(row, NAME)
    if _NO_UNIT.match(key(name)) or table.unclear(row):
        return None
    if not name:
        filled = [label for label in table.columns if table.text(row, label)]
        if filled:
            labels = "、".join(filled)
            table.wrong(row, NAME, f"本行填了{labels}，但没有单位名称；请补上全称，或清空本行。")
        return None
    email = table.text(row, EMAIL).replace("＠", "@")
    if email and "@" not in email:
        table.wrong(row, EMAIL, f"“{email}”缺少 @，不是邮箱地址；请改正或留空。")
    states, texts = [state.value for state in UnitState], [text.value for text in Texts]
    return Unit(
        name=name,
        code=table.text(row, CODE),
        aliases=tuple(a for a in table.several(row, ALIASES) if key(a) != key(name)),
        category=table.choice(row, CATEGORY, CATEGORIES, "") or None,
        state=UnitState(table.choice(row, STATE, states, UnitState.REGISTERED.value)),
        counted=table.choice(row, COUNTED, (YES, NO), YES) == YES,
        files_through=table.text(row, THROUGH) or None,
        predecessors=table.several(row, PREDECESSORS),
        text=Texts(table.choice(row, TEXT, texts, Texts.OPTIONAL.value)),
        limit=_limit(table, row),
        contact=table.text(row, CONTACT),
        phone=table.text(row, PHONE),
        email=email,
        password=table.raw(row, PASSWORD),
        row=row + 1,
    )


def _limit(table: RosterTable, row: int) -> int | None:
    """What a line says of the length of texts: a number, 是 for the form's own, 否 or nothing."""
    text = key(table.text(row, LIMIT))
    if text in ("", NO):
        return None
    if text == YES:
        return 0
    match = _LENGTH.fullmatch(text.replace(",", ""))
    if match is None:
        table.wrong(
            row,
            LIMIT,
            f"“{text}”不是字数；请填一个数（如 1000），或填“是”按报表规定的字数，或留空。",
        )
        return None
    return int(match[1])
