"""Faults of titration packs: one supply over steps that are signed together."""

from tests.mutants.fault import Fault

PACKS = (
    Fault(
        "the steps of a pack go on while none is taken",
        "prescribing/actions/ending.py",
        "        if step is not None:\n",
        "        if False:\n",
        ["prescribing/test_packs.py::test_after_a_hold_the_dose_of_its_first_day_and_no_further_step"],
        "After a gap the highest step would be the first dose.",
    ),
    Fault(
        "only the first step of a pack is checked",
        "prescribing/checks.py",
        "    for day, words, one in _steps(proposed, regimen, then):",
        "    for day, words, one in _steps(proposed, regimen, ()):",
        ["prescribing/test_packs.py::test_a_step_above_the_maximum_is_found_although_the_first_is_not"],
        "The dose that matters is the last.",
    ),
    Fault(
        "a step is checked as if nothing had been taken before",
        "prescribing/checks.py",
        "        course = (*course, Stretch(before.daily_mg, begun, day))",
        "        course = ()",
        ["prescribing/test_packs.py::test_the_labels_own_steps_ask_nothing_r_mo_ltg"],
        "Findings that are always there are no longer read.",
    ),
    Fault(
        "with the first of a pack in error its steps stay",
        "prescribing/actions/erring.py",
        "    gone = [order, *steps]",
        "    gone = [order]",
        ["prescribing/test_packs.py::test_with_the_first_in_error_all_steps_go"],
        "A wrong chart's titration would begin two weeks later.",
    ),
    Fault(
        "a pack's supply may be too short for its steps",
        "prescribing/packs.py",
        "    if not days - slack <= lasting <= days + max(slack, 1 / last):",
        "    if lasting > days + max(slack, 1 / last):",
        ["prescribing/test_packs.py::test_what_makes_no_pack"],
        "The patient runs out in the middle of a step.",
    ),
    Fault(
        "the pharmacy reads the first step alone",
        "prescribing/packs.py",
        '    return sig([one.sig for one in orders], afters) if steps else ""',
        '    return ""',
        ["prescribing/test_packs.py::test_one_supply_with_the_directions_of_all_steps"],
        "The bottle would say one tablet for ever.",
    ),
    Fault(
        "the second step of a pack has no supply",
        "refills/queries.py",
        "        if first in (one.pk, one.pack_id) and one.until_day != one.from_day",
        "        if one.pk == order.pk",
        ["refills/test_packs.py::test_in_every_step_the_supply_is_the_packs"],
        "The desk would be asked while the box is half full.",
    ),
    Fault(
        "a pack is refilled as a pack",
        "refills/actions/deciding.py",
        "if not one.bridge and not one.directions), None)",
        "if not one.bridge), None)",
        ["refills/test_packs.py::test_what_follows_is_a_supply_of_the_last_dose"],
        "42 tablets for 28 days of four a day.",
    ),
)
