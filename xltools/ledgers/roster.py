"""The lines of a roster into units, with every error in them."""

import re
from pathlib import Path

from xltools.ledgers.roster_file import CannotReadError, read_grids
from xltools.ledgers.roster_relations import owners_of, with_filer, with_predecessors
from xltools.ledgers.roster_table import Table, find
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
    Problem,
    Roster,
    RosterError,
    State,
    Texts,
    Unit,
    key,
)

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
        raise RosterError(path, (Problem(message=str(error)),)) from None
    rows = range(table.header + 1, len(table.grid.rows))
    units = [unit for row in rows if (unit := unit_of(table, row))]
    owners = owners_of(table, units)
    units = [with_filer(table, unit, owners) for unit in units]
    units = with_predecessors(table, units, owners)
    if not units and not table.problems:
        message = "名录里还没有单位；请从标题行的下一行起填写，每个单位一行。"
        table.problems.append(Problem(message=message))
    if table.problems:
        raise RosterError(path, table.in_order())
    return Roster(units=tuple(units), path=path)


def unit_of(table: Table, row: int) -> Unit | None:
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
    states, texts = [state.value for state in State], [text.value for text in Texts]
    return Unit(
        name=name,
        code=table.text(row, CODE),
        aliases=tuple(a for a in table.several(row, ALIASES) if key(a) != key(name)),
        category=table.choice(row, CATEGORY, CATEGORIES, "") or None,
        state=State(table.choice(row, STATE, states, State.REGISTERED.value)),
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


def _limit(table: Table, row: int) -> int | None:
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
