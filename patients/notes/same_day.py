"""Which codes may stand beside each other: one patient, one day, clinician by clinician (R-CPT-02 to R-CPT-08).

Two clinicians may each bill on the same day (therapist 90834, prescriber 99214): only claims of one clinician exclude
each other. Findings are refuse (no override) or ask (a reason), as everywhere.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from patients.notes.cpt import Code, crisis, everything, may_bill

REFUSE, ASK = "refuse", "ask"


@dataclass(frozen=True, slots=True)
class Claim:
    """A code that a clinician means to bill. `clinician` is any id that tells people apart.

    `licence` empty: not checked here. `level_by`: "decisions" or "time" for a medical visit.
    """

    code: str
    clinician: str
    licence: str = ""
    level_by: str = ""
    documented_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What stands against the claims, in a sentence."""

    kind: str
    sentence: str
    rule: str


def check_day(claims: Sequence[Claim]) -> list[Finding]:
    """Everything that stands against these claims of one patient on one day; empty: nothing does."""
    findings: list[Finding] = []
    for clinician in dict.fromkeys(claim.clinician for claim in claims):
        findings += _one_clinician([claim for claim in claims if claim.clinician == clinician])
    return findings


def _one_clinician(claims: list[Claim]) -> list[Finding]:
    codes = everything()
    if unknown := [claim.code or "An empty code" for claim in claims if claim.code not in codes]:
        return [Finding(REFUSE, f"{code} is not in the list of codes.", "") for code in unknown]
    rows = [codes[claim.code] for claim in claims]
    findings = [found for claim in claims for found in _alone(claim, codes[claim.code])]
    findings += [found for claim in claims if (found := _minutes(claim, codes[claim.code], rows))]
    findings += [found for row in dict.fromkeys(rows) if (found := _partner_missing(row, rows))]
    unique = list(dict.fromkeys(rows))
    for index, first in enumerate(unique):
        for second in unique[index + 1 :]:
            if second.code in first.not_with or first.code in second.not_with:
                findings.append(Finding(REFUSE, _exclusion(first, second), _rule(first, second)))
    findings += _units(rows)
    if any(claim.level_by == "time" for claim in claims) and any(row.needs_visit for row in rows):
        sentence = "With therapy added, the level of the medical visit is set by decision making, not by time."
        findings.append(Finding(REFUSE, sentence, "R-CPT-03"))
    return findings


def _alone(claim: Claim, row: Code) -> list[Finding]:
    """What stands against one claim whatever the others are: its licence."""
    if not claim.licence or may_bill(row.code, claim.licence):
        return []
    rule = next((rule for rule in ("R-CPT-02", "R-CPT-05") if rule in row.rules), "")
    return [Finding(REFUSE, f"{row.code} is for {_who(row.who)}, not for {claim.licence}.", rule)]


def _minutes(claim: Claim, row: Code, rows: list[Code]) -> Finding | None:
    """The documented minutes must be in the code's range (R-CPT-08); a visit's only where time sets its level."""
    minutes, least = claim.documented_minutes, row.least
    if minutes is None or least is None or (row.is_visit and claim.level_by != "time"):
        return None
    if row.kind == "crisis add-on":  # its minutes are judged with 90839
        return None
    if row.code == "90839" and minutes >= least:
        due, given = crisis(minutes).codes.count("90840"), sum(other.code == "90840" for other in rows)
        sentence = f"{minutes} minutes are documented; they fit 90839 with 90840 × {due}, not × {given}."
        return None if due == given else Finding(ASK, sentence, "R-CPT-08")
    if least <= minutes <= (minutes if row.most is None else row.most):
        return None
    return Finding(ASK, f"{minutes} minutes are documented; {row.code} is for {row.range} minutes.", "R-CPT-08")


def _partner_missing(row: Code, rows: list[Code]) -> Finding | None:
    """An add-on needs one of its partners from the same clinician on the same day (R-CPT-02, R-CPT-06, R-CPT-07)."""
    present = {other.code for other in rows}
    if not row.add_on or row.add_on_to & present:
        return None
    if row.needs_visit:
        sentence = f"{row.code} needs a medical visit by the same clinician on the same day."
    else:
        sentence = f"{row.code} is added to {_listed(sorted(row.add_on_to))} by the same clinician, and none is there."
    return Finding(REFUSE, sentence, _rule(row, row))


def _units(rows: list[Code]) -> list[Finding]:
    findings = []
    for row, count in Counter(rows).items():
        if row.units_per_day is not None and count > row.units_per_day:
            findings.append(Finding(REFUSE, f"{row.code} may be billed once a day by one clinician.", _rule(row, row)))
    return findings


def _exclusion(first: Code, second: Code) -> str:
    sentence = f"{first.code} and {second.code} cannot be billed by the same clinician on the same day."
    kinds = {first.kind, second.kind}
    if "psychotherapy" in kinds and (first.is_visit or second.is_visit):
        return f"{sentence} Therapy beside a medical visit is 90833, 90836 or 90838."
    return sentence


def _rule(first: Code, second: Code) -> str:
    """The rule to cite: of those about combinations that either code names, the most particular (the last)."""
    if first.is_visit and second.is_visit:
        return "R-CPT-04"
    if first.kind == second.kind == "psychotherapy":
        return "R-CPT-01"
    about = {"R-CPT-02", "R-CPT-05", "R-CPT-06", "R-CPT-07"}
    return max((rule for rule in (*first.rules, *second.rules) if rule in about), default="")


def _who(who: str) -> str:
    return {"medical": "clinicians who prescribe", "by payer and state": "whom payer and state name"}.get(who, who)


def _listed(codes: list[str]) -> str:
    return codes[0] if len(codes) == 1 else f"{', '.join(codes[:-1])} or {codes[-1]}"
