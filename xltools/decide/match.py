"""Apply the decisions 名称对应, which say which unit a return is from."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from xltools.decide.log import DecisionLog
from xltools.ledgers.targets import file_named
from xltools.model.decisions import (
    DecisionKind,
    DecisionStanding,
    MatchUnit,
    Matter,
    basis_of,
    changes,
    text_of,
)
from xltools.model.findings import Topic
from xltools.model.record import DocumentRecord, ReturnRecord
from xltools.model.returns import Return
from xltools.model.roster import Roster
from xltools.model.summary import Outcome
from xltools.model.text import clean, key
from xltools.model.wording import in_words


def match_units(log: DecisionLog, records: Iterable[DocumentRecord]) -> list[DocumentRecord]:
    """Set ``match`` of each return to the decision that says which unit it is from. Returns all
    records; those without such a decision are unchanged.
    """
    decisions: dict[str, dict[int, MatchUnit]] = {}
    for number, decision in enumerate(log.last(MatchUnit)):
        for target in (key(decision.target), key(decision.target.replace("\\", "/"))):
            decisions.setdefault(target, {})[number] = decision
    return [
        replace(record, match=_match(log, record, decisions))
        if decisions and isinstance(record, ReturnRecord)
        else record
        for record in records
    ]


def _match(
    log: DecisionLog, record: ReturnRecord, decisions: Mapping[str, Mapping[int, MatchUnit]]
) -> MatchUnit | None:
    """The first decision that concerns a return and holds; None where there is none. The log
    records it as holding; decisions before it that name the file, but were made when the return
    gave other names, are recorded as fallen.

    ``decisions``: by the key of the name or file that they are about, each with its place in the
    order of the decisions.
    """
    names = _names(record.ret)
    near: dict[int, MatchUnit] = {}
    for name in (record.path, record.path.rpartition("/")[2], *names):
        near |= decisions.get(key(name), {})
    for _, decision in sorted(near.items()):
        by_file = bool(file_named(decision.target, [record.path]))
        if not by_file and not _means(log.roster, decision, names):
            continue
        basis = {"表内名称": "、".join(names)} if by_file else {}
        changed = changes(basis_of(decision.basis), basis) if basis else []
        if changed:
            log.fall(decision, changed, record.path)
            continue
        log.rule(decision, DecisionStanding.HOLDS, basis=text_of(basis))
        return decision
    return None


def take_unclear(log: DecisionLog, records: Iterable[DocumentRecord]) -> None:
    """Add to the log's matters the returns that were rejected because it is not clear which unit
    they are from.
    """
    for record in records:
        if not isinstance(record, ReturnRecord) or record.outcome is not Outcome.REJECTED:
            continue
        for finding in record.whose:
            if finding.is_about(Topic.WHOSE):
                by_name = finding.is_about(Topic.UNKNOWN_NAME)
                log.take(
                    Matter(
                        kinds=(DecisionKind.MATCH,),
                        unit="",
                        target=in_words(finding.found) if by_name else record.path,
                        basis="",
                        finding=replace(finding, unit=record.unit, path=record.path),
                    )
                )


def _names(ret: Return) -> list[str]:
    """The names that a return itself gives for its unit, each once."""
    names = map(clean, ret.stated_units)
    return list(dict.fromkeys(n for n in names if n))


def _means(roster: Roster | None, decision: MatchUnit, names: list[str]) -> bool:
    """Whether a decision is about one of these names, and none of the names belongs to a different
    unit of the roster.
    """
    if key(decision.target) not in map(key, names):
        return False
    units = [roster.find(n) for n in names] if roster is not None else []
    return all(unit is None or unit.name == decision.unit for unit in units)
