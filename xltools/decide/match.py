"""名称对应: whose a return is, by decision."""

from dataclasses import replace

from xltools.decide.log import Ruling
from xltools.identify.identify import Recognised
from xltools.inbox.reading import Reading
from xltools.ledgers.targets import file_named
from xltools.model.decisions import (
    Decision,
    DecisionKind,
    DecisionStanding,
    Matter,
    basis_of,
    changes,
    text_of,
)
from xltools.model.findings import Topic, acceptable, finding
from xltools.model.returns import Return
from xltools.model.roster import Roster
from xltools.model.text import clean, key
from xltools.model.wording import in_words


def named(ruling: Ruling, reading: Reading) -> Reading:
    """A reading as it is to be recognised: under the name that a decision gives it."""
    ret = reading.ret
    assert ret is not None, "only what was read is recognised"
    told = _told(ret)
    for one in ruling.last(DecisionKind.MATCH):
        by_file = bool(file_named(one.target, [reading.name]))
        if not by_file and not _means(ruling.roster, one, told):
            continue
        basis = {"表内名称": "、".join(told)} if by_file else {}
        changed = changes(basis_of(one.basis), basis) if basis else []
        if changed:
            ruling.fall(one, changed, reading.name)
            continue
        ruling.rule(one, DecisionStanding.HOLDS, basis=text_of(basis))
        ruling.matched[reading.name] = one
        identity = ret.identity and replace(ret.identity, unit=one.unit, code="")
        return replace(reading, ret=replace(ret, unit=one.unit, identity=identity))
    return reading


def known(ruling: Ruling, reading: Reading, found: Recognised) -> Recognised:
    """What was recognised, with the decision that led to it; what is refused is a matter."""
    one = ruling.matched.get(reading.name)
    if one is not None and not found.ignored:
        told = finding("K-04", found=f"认定为“{one.unit}”", detail=one.why)
        kept = [
            f for f in found.findings
            if not f.is_about(Topic.WHOSE) and not f.is_about(Topic.EVIDENCE)
        ]  # fmt: skip
        found = replace(found, findings=(*kept, told))
    if not found.name or not all(acceptable(f) for f in found.findings):
        for f in found.findings:
            if f.is_about(Topic.WHOSE):
                told = replace(f, unit=found.name, path=reading.name)
                target = in_words(f.found) if f.is_about(Topic.UNKNOWN_NAME) else reading.name
                ruling.matters.append(
                    Matter(
                        kinds=(DecisionKind.MATCH,), unit="", target=target, basis="", finding=told
                    )
                )
    return found


def _told(ret: Return) -> list[str]:
    """The names that a return gives its unit, each once."""
    names = (clean(n) for n in (ret.identity.unit if ret.identity else "", ret.unit))
    return list(dict.fromkeys(n for n in names if n))


def _means(roster: Roster | None, one: Decision, told: list[str]) -> bool:
    """Whether a decision is on one of these names, and none of them is another unit's."""
    if key(one.target) not in map(key, told):
        return False
    units = [roster.find(n) for n in told] if roster is not None else []
    return all(unit is None or unit.name == one.unit for unit in units)
