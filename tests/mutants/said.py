"""Faults of what the patient says of the list, and of what is not taken daily."""

from tests.mutants.fault import Fault

SAID = (
    Fault(
        "a refill answers what the patient said", "reconciling/queries.py",
        "    return Q(Exists(signed)) | Q(Exists(held))",
        "    return ~Q(prescription__revision=0) | Q(Exists(signed)) | Q(Exists(held))",
        ["reconciling/test_answered.py::test_a_supply_alone_answers_nothing"],
        "Who approves a refill has not read that the patient stopped.",
    ),
    Fault(
        "not known answers what was said before", "reconciling/queries.py",
        '.distinct("prescription_id", "unknown")', '.distinct("prescription_id")',
        ["reconciling/test_answered.py::test_not_known_stands_where_nothing_else_does"],
        "The last that somebody knew stands.",
    ),
    Fault(
        "a stale list is recorded", "reconciling/actions.py",
        "        raise Conflict(CHANGED)\n", "        pass\n",
        ["reconciling/test_going_through.py::test_an_order_that_changed_meanwhile_is_a_conflict"],
        "“As it says” is said of the order that was read out.",
    ),
    Fault(
        "two people record one after the other unseen", "reconciling/actions.py",
        "        raise Conflict(SOMEBODY)\n", "        pass\n",
        ["reconciling/test_going_through.py::test_somebody_who_went_through_it_meanwhile_is_a_conflict"],
        "The second reads what the first was told.",
    ),
    Fault(
        "what of ours was stopped by the patient asks nobody", "reconciling/actions.py",
        "    if answer in SENTENCES:\n", "    if answer == Answer.DIFFERENTLY:\n",
        ["reconciling/test_going_through.py::test_the_prescriber_is_told"],
        "An abrupt stop is the worst of what a patient can tell.",
    ),
    Fault(
        "what was entered in error still stands on the medicine", "reconciling/queries.py",
        "            reconciliation__retracted_at=None,\n", "",
        ["reconciling/test_answered.py::test_entered_in_error_it_leaves_rows_inbox_and_timeline"],
        "Another patient’s words leave the record.",
    ),
    Fault(
        "a rhythm is dispensed by the average day", "prescribing/calc.py",
        "    steps = -(-(per_day * every_days * rhythms.doses(days, every_days)) // step)\n",
        "    steps = -(-(per_day * days) // step)\n",
        ["prescribing/test_rhythms.py::test_what_is_dispensed_is_what_is_due"],
        "The last dose of the supply would be short.",
    ),
    Fault(
        "an injection is due a rhythm too late", "prescribing/rhythms.py",
        "    return -(-days // every_days)\n", "    return days // every_days + 1\n",
        ["prescribing/test_rhythms.py::test_the_medicine_says_when_it_is_due"],
        "On its day it is due, not four weeks later.",
    ),
    Fault(
        "a long-acting injection every day", "prescribing/rules.py",
        "given.every_days < rhythms.SHORTEST_DEPOT", "given.every_days < 1",
        ["prescribing/test_rhythms.py::test_a_long_acting_injection_is_never_given_daily"],
        "No daily maximum catches it: the checks have no daily numbers for depots.",
    ),
    Fault(
        "what is on hold is due", "prescribing/listing.py",
        "    over = row.held_at is not None or (", "    over = (",
        ["prescribing/test_rhythms.py::test_on_hold_nothing_is_due"],
        "On hold means none.",
    ),
)  # fmt: skip
