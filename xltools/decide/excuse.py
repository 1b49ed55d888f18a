"""无需报送: units that need not report."""

from collections.abc import Iterable
from dataclasses import replace

from xltools.decide.log import DecisionLog
from xltools.model.decisions import DecisionStanding, Excuse
from xltools.model.record import DocumentRecord
from xltools.model.roster import Roster, UnitState
from xltools.model.summary import Outcome
from xltools.model.wording import Phrase


def excuse(log: DecisionLog, records: Iterable[DocumentRecord]) -> Roster | None:
    """The roster of this run: a unit that need not report is 免报, unless it did."""
    roster, decisions = log.roster, log.last(Excuse)
    if roster is None:
        for decision in decisions:
            log.rule(decision, DecisionStanding.UNUSED, "没有给出名录")
        return None
    sent = {r.unit: r.path for r in records if r.outcome is not Outcome.IGNORED}
    free = set()
    for decision in decisions:
        unit = roster.find(decision.unit)
        if unit is None or unit.state is not UnitState.REGISTERED:
            log.rule(decision, DecisionStanding.UNUSED, "名录中不是应报的单位")
        elif decision.unit in sent:
            log.fall(decision, [Phrase.UNIT_SENT(sent[decision.unit])])
        else:
            log.rule(decision, DecisionStanding.HOLDS, basis="未报")
            free.add(decision.unit)
    units = tuple(replace(u, state=UnitState.EXEMPT) if u.name in free else u for u in roster)
    return replace(roster, units=units) if free else roster
