"""Suicide screeners: what their answers say, by rules and not by a sum (R-MB-08, R-SI-01).

ASQ answers: 0 no, 1 yes, 9 declined. C-SSRS answers: 0 no, 1 yes; item 6: 0 no, 1 lifetime, 2 past 3 months.
A negative screen closes nothing: clinical judgement stands above it, and an open flag stays open.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from patients.measures.enums import RiskLevel

NO, YES, DECLINED = 0, 1, 9
LIFETIME, PAST_3_MONTHS = 1, 2


@dataclass(frozen=True, slots=True)
class Triage:
    """The screener's own word and the level of R-SI-01 it maps to; both None while the answers do not decide."""

    word: str | None
    level: RiskLevel | None
    missing: tuple[int, ...] = ()


def asq(answers: Sequence[int | None]) -> Triage:
    """ASQ, items 1 to 5 in order. A declined answer counts as positive; item 5 is due once one of 1 to 4 is positive.

    Acute maps to HIGH. Non-acute maps to MODERATE at least, until a named clinician has decided (mapping ours).
    Raises ValueError for answers it does not know.
    """
    if len(answers) != 5 or any(answer not in (NO, YES, DECLINED, None) for answer in answers):
        raise ValueError("ASQ has five items, answered no, yes or declined.")
    first, acuity = answers[:4], answers[4]
    if acuity == YES:
        return Triage("ACUTE", RiskLevel.HIGH)
    positive = any(answer in (YES, DECLINED) for answer in first)
    due = [n for n, answer in enumerate(first, 1) if answer is None]
    if positive and acuity is None:
        due.append(5)
    if due:
        return Triage(None, None, tuple(due))
    return Triage("NON_ACUTE", RiskLevel.MODERATE) if positive else Triage("NEGATIVE", RiskLevel.NONE)


def cssrs(answers: Sequence[int | None]) -> Triage:
    """C-SSRS screener, items 1 to 6 in order (R-SI-01); 3 to 5 are asked only where 2 is yes (to confirm).

    HIGH is said as soon as one answer makes it so. Raises ValueError for answers it does not know.
    """
    if len(answers) != 6 or any(answer not in (NO, YES, None) for answer in answers[:5]):
        raise ValueError("C-SSRS has six items; 1 to 5 are answered no or yes.")
    _, thoughts, method, intent, plan, behaviour = answers
    if behaviour not in (NO, LIFETIME, PAST_3_MONTHS, None):
        raise ValueError("Item 6 of C-SSRS is answered no, lifetime or past 3 months.")
    if intent == YES or plan == YES or behaviour == PAST_3_MONTHS:
        return _level(RiskLevel.HIGH)
    asked = (1, 2, 3, 4, 5, 6) if thoughts == YES else (1, 2, 6)
    missing = tuple(n for n in asked if answers[n - 1] is None)
    if missing:
        return Triage(None, None, missing)
    if method == YES or behaviour == LIFETIME:
        return _level(RiskLevel.MODERATE)
    return _level(RiskLevel.LOW if YES in answers[:2] else RiskLevel.NONE)


def _level(level: RiskLevel) -> Triage:
    return Triage(level.name, level)
