"""R-RX-12: every gate with each of its answers, at its limits."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from medications.monitoring.calc import Standing
from medications.refills import calc, gates
from medications.refills.gates import Facts
from tests.medications.refills.given import START, day

CLEAR = Facts(
    today=START, schedule="", on_hold=False, authorised_dose=True, next_change=None, last_seen=day(-30),
    next_visit=day(14), measured=Standing(), risk_open=False, supply_end=day(10), supply_days=30, confirmed=True,
    seen_within=90, early_fill_days=2, toxic=False, risk_days=14,
)  # fmt: skip


def words(ahead: int) -> str:
    return f"{day(ahead):%b} {day(ahead).day}"


IN_ORDER, ASK, REFUSE, NOT_KNOWN = "in_order", "ask", "refuse", "not_known"
EACH: list[tuple[str, dict[str, Any], str, str]] = [
    ("order", {}, IN_ORDER, "The order is active."),
    ("order", {"on_hold": True}, REFUSE, "It is on hold: nothing is dispensed. Resume it first."),
    ("taken", {}, IN_ORDER, "Nothing says that it is taken otherwise than ordered."),
    ("taken", {"said": ("unknown", day(-5))}, NOT_KNOWN, f"How it is taken was not known on {words(-5)}."),
    (
        "taken", {"said": ("differently", day(-5))}, ASK,
        f"The patient said on {words(-5)} that it is taken differently. Say why the same supply goes on.",
    ),
    (
        "taken", {"said": ("stopped", day(-5))}, ASK,
        f"The patient said on {words(-5)} that it is no longer taken. Say why the same supply goes on.",
    ),
    ("schedule", {}, IN_ORDER, "Not a controlled substance."),
    ("schedule", {"schedule": "IV"}, IN_ORDER, "Schedule IV allows refills."),
    ("schedule", {"schedule": "II"}, REFUSE, "Schedule II has no refills: write a new prescription."),
    ("dose", {}, IN_ORDER, "The dose is the one last signed."),
    (
        "dose", {"authorised_dose": False}, ASK,
        "Nothing is authorised for the dose in force. Say why it is dispensed now.",
    ),
    ("seen", {}, IN_ORDER, "Seen 30 days ago."),
    ("seen", {"last_seen": START}, IN_ORDER, "Seen today."),
    ("seen", {"last_seen": day(-1)}, IN_ORDER, "Seen 1 day ago."),
    ("seen", {"last_seen": day(-90)}, IN_ORDER, "Seen 90 days ago."),
    ("seen", {"last_seen": day(-91)}, ASK, "Last seen by a prescriber 91 days ago; 90 is the limit."),
    ("seen", {"last_seen": None}, ASK, "No visit with a prescriber is on record."),
    ("booked", {}, IN_ORDER, "Next visit in 14 days."),
    ("booked", {"next_visit": START}, IN_ORDER, "Next visit today."),
    ("booked", {"next_visit": None}, ASK, "No next visit with a prescriber is booked."),
    ("monitoring", {}, IN_ORDER, "Nothing that is measured for it can stop a refill."),
    ("monitoring", {"measured": Standing(True, True)}, IN_ORDER, "What is measured for it is in order."),
    (
        "monitoring", {"measured": Standing(True, False)}, NOT_KNOWN,
        "No result is on record yet: look where it was measured, or order it.",
    ),
    (
        "monitoring", {"measured": Standing(True, True, 41, 1)}, ASK,
        "1 measurement is overdue, by 41 days. Say why it is dispensed without.",
    ),
    (
        "monitoring", {"measured": Standing(True, False, 41, 2)}, ASK,
        "2 measurements are overdue, by 41 days at most. Say why it is dispensed without.",
    ),
    ("risk", {}, IN_ORDER, "No risk flag is open."),
    ("risk", {"toxic": True}, IN_ORDER, "No risk flag is open."),
    ("risk", {"risk_open": True}, ASK, "A risk flag is open. Say why the supply is safe."),
    (
        "risk", {"risk_open": True, "toxic": True, "supply_days": 14}, ASK,
        "A risk flag is open. Say why the supply is safe.",
    ),
    (
        "risk", {"risk_open": True, "toxic": True, "supply_days": 15}, ASK,
        "A risk flag is open and this is dangerous in overdose: 14 days at most, or a reason.",
    ),
    ("change", {}, IN_ORDER, "No change of dose falls into this supply."),
    ("change", {"next_change": day(40)}, IN_ORDER, "No change of dose falls into this supply."),
    (
        "change", {"next_change": day(39)}, ASK,
        "A signed change of dose comes in 39 days, inside this supply. Say why so much is dispensed.",
    ),
    (
        "change", {"next_change": day(29), "supply_end": day(-20)}, ASK,
        "A signed change of dose comes in 29 days, inside this supply. Say why so much is dispensed.",
    ),
    ("change", {"planned_step": day(40)}, IN_ORDER, "No change of dose falls into this supply."),
    (
        "change", {"planned_step": day(39)}, ASK,
        "A planned step comes in 39 days, inside this supply. Say why so much is dispensed.",
    ),
    (
        "change", {"planned_step": day(-3)}, ASK,
        "A planned step comes in 0 days, inside this supply. Say why so much is dispensed.",
    ),
    (
        "change", {"planned_step": day(30), "next_change": day(20)}, ASK,
        "A signed change of dose comes in 20 days, inside this supply. Say why so much is dispensed.",
    ),
    (
        "change", {"steps": (day(29), day(45))}, IN_ORDER,
        "The steps that begin in it are covered, with their directions.",
    ),
    ("change", {"steps": (day(45),)}, IN_ORDER, "No change of dose falls into this supply."),
    (
        "change", {"steps": (day(20), day(30))}, ASK,
        "A signed change of dose comes in 30 days, inside this supply. Say why so much is dispensed.",
    ),
    (
        "change", {"steps": (day(20),), "next_change": day(25)}, ASK,
        "A signed change of dose comes in 25 days, inside this supply. Say why so much is dispensed.",
    ),
    (
        "change", {"steps": (day(20),), "planned_step": day(22)}, ASK,
        "A planned step comes in 22 days, inside this supply. Say why so much is dispensed.",
    ),
    ("early", {}, IN_ORDER, "No limit on early fills."),
    ("early", {"schedule": "IV", "supply_end": day(2)}, IN_ORDER, "It may be filled from now on."),
    ("early", {"schedule": "IV", "supply_end": day(-5)}, IN_ORDER, "It may be filled from now on."),
    (
        "early", {"schedule": "IV", "supply_end": day(3)}, ASK,
        "3 days of supply are left; a controlled substance is filled 2 days early at most.",
    ),
    (
        "early", {"schedule": "IV", "lost": day(-1), "supply_end": day(-1)}, ASK,
        f"A supply was told as lost on {words(-1)}. Say why a controlled substance is replaced.",
    ),
    ("early", {"lost": day(-1), "supply_end": day(-1)}, IN_ORDER, "No limit on early fills."),
    (
        "fills", {"lost": day(-1)}, IN_ORDER,
        f"Counted from the fills that were told. A supply was told as lost on {words(-1)}.",
    ),
    ("fills", {}, IN_ORDER, "Counted from the fills that were told."),
    ("fills", {"confirmed": False}, NOT_KNOWN, "Fills not confirmed: counted as if filled when they were due."),
]  # fmt: skip


@pytest.mark.parametrize(("name", "facts", "answer", "sentence"), EACH)
def test_r_rx_12(name: str, facts: dict[str, Any], answer: str, sentence: str) -> None:
    found = {gate.gate: gate for gate in gates.answers(replace(CLEAR, **facts))}
    assert (found[name].answer, found[name].sentence) == (answer, sentence)


def test_one_answer_each_and_nothing_against_what_is_clear() -> None:
    stored = [gate.stored() for gate in gates.answers(CLEAR)]
    assert [gate["gate"] for gate in stored] == [
        "order", "taken", "schedule", "dose", "seen", "booked", "monitoring", "risk", "change", "early", "fills"
    ]  # fmt: skip
    assert (gates.against(stored), gates.refused(stored)) == ([], None)


def test_every_answer_of_every_gate_stands_in_the_table() -> None:
    """A gate that learns a new answer needs its line above."""
    asking = {"taken", "dose", "seen", "booked", "monitoring", "risk", "change", "early"}
    assert {name for name, _, answer, _ in EACH if answer == ASK} == asking
    assert {name for name, _, answer, _ in EACH if answer == REFUSE} == {"order", "schedule"}
    assert {name for name, _, answer, _ in EACH if answer == NOT_KNOWN} == {"taken", "monitoring", "fills"}
    assert {name for name, _, answer, _ in EACH if answer == IN_ORDER} == {g.gate for g in gates.answers(CLEAR)}
    assert {answer for _, _, answer, _ in EACH} == set(calc.Answer)


def test_whatever_asks_or_refuses_says_it_briefly_for_the_row() -> None:
    for _, facts, answer, _ in EACH:
        for gate in gates.answers(replace(CLEAR, **facts)):
            assert bool(gate.brief) == (gate.answer != IN_ORDER), gate
        assert answer


def test_a_second_bridge_asks_r_rx_13() -> None:
    gate = gates.bridged_before(START + timedelta(days=1))
    assert (gate.answer, gate.rule) == (ASK, "R-RX-13")
    assert gate.sentence == (
        "A bridge was given on Mar 3 and no visit since: a visit comes first, or say why another is needed."
    )


def test_sentences_name_no_drug_and_no_person() -> None:
    """They stand in the audit, too."""
    words = {word.strip(".,;:").lower() for _, _, _, sentence in EACH for word in sentence.split()}
    assert words.isdisjoint({"sertraline", "lithium", "annie", "ana", "priya"})
