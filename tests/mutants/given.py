"""Faults of what is given and what is gone: medications/injections, lost supplies."""

from tests.mutants.fault import Fault

GIVEN = (
    Fault(
        "the next injection is due from the schedule, not from the last", "prescribing/rhythms.py",
        "    found = first if last is None else max(first, last + timedelta(days=every_days))",
        "    found = first",
        ["injections/test_due.py::test_a_late_one_moves_the_next"],
        "An injection given late moves the next one; two close together cannot be taken back.",
    ),
    Fault(
        "an injection in error still counts as given", "injections/queries.py",
        "        prescription__in=prescriptions, retracted_at=None, what__in=",
        "        prescription__in=prescriptions, what__in=",
        ["injections/test_due.py::test_what_was_entered_in_error_does_not_count"],
        "Somebody else's injection must not put this one off.",
    ),
    Fault(
        "one that was not given counts as given", "injections/enums.py",
        "GIVEN = (What.HERE, What.ELSEWHERE)",
        "GIVEN = (What.HERE, What.ELSEWHERE, What.NOT_GIVEN)",
        ["injections/test_due.py::test_one_given_elsewhere_counts_and_one_not_given_does_not"],
        "Who went home without it is still due.",
    ),
    Fault(
        "an early injection asks for nothing", "injections/calc.py",
        "    return days if days < every_days - early(every_days) else None",
        "    return None",
        ["injections/test_recording.py::test_early_needs_its_reason"],
        "Two depots within two weeks is a wrong dose.",
    ),
    Fault(
        "on hold an injection is given", "injections/rules.py",
        "    if what != What.NOT_GIVEN and since is not None and on >= since:",
        "    if False:",
        ["injections/test_recording.py::test_on_hold_none_is_given_but_that_it_was_not_may_be_said"],
        "On hold means none.",
    ),
    Fault(
        "an overdue injection is not urgent", "injections/actions.py",
        "    if late:\n",
        "    if False:\n",
        ["injections/test_watch.py::test_late_it_is_urgent"],
        "What is late rises, or nobody calls.",
    ),
    Fault(
        "a lost supply ends nothing", "refills/calc.py",
        "            end = _pushed(on, left, holds) if left > 0 else on",
        "            end = end",
        ["refills/test_forecast.py::test_what_was_lost_ends_the_supply_sooner"],
        "Who lost the box has none; the desk would learn of it three weeks later.",
    ),
    Fault(
        "the night forgets what was lost", "refills/sweep.py",
        "-coalesce(l.days::integer, 10000)", "0",
        ["refills/test_opening.py::test_a_lost_supply_brings_the_request_forward_until_it_is_replaced"],
        "The forecast of all orders has to be that of each.",
    ),
    Fault(
        "a lost controlled supply is replaced without a word", "refills/gates.py",
        "    if facts.lost is not None:\n        day = ",
        "    if facts.lost is not None and not facts.schedule:\n        day = ",
        ["refills/test_gates.py::test_r_rx_12"],
        "A lost box of a controlled substance has its reason written down.",
    ),
    Fault(
        "what the patient says stops no silent refill", "refills/gates.py",
        '    return Gate("taken", "Taken", Answer.ASK, sentence, how, "R-RX-12")',
        '    return Gate("taken", "Taken", Answer.IN_ORDER, sentence, how, "R-RX-12")',
        ["refills/test_said.py::test_each_answer"],
        "Refilling what is not taken helps nobody.",
    ),
)  # fmt: skip
