"""Faults of tapers and titrations."""

from tests.mutants.fault import Fault

PLANS = (
    Fault(
        "a paused taper is put on hold", "tapers/actions/checking.py",
        '    touch(plan, "state", "paused_at", "paused_by", "pause_reason")\n    dose = ',
        '    touch(plan, "state", "paused_at", "paused_by", "pause_reason")\n'
        "    row = plan.prescription\n"
        "    row.held_at, row.held_by, row.hold_reason = clock.now(), by, reason\n"
        '    row.save(update_fields=["held_at", "held_by", "hold_reason"])\n'
        "    dose = ",
        ["tapers/test_stepping.py::test_paused_is_never_on_hold"],
        "Paused: stay at this dose. On hold: take none.",
    ),
    Fault(
        "a step is confirmed while the taper is paused", "tapers/rules.py",
        "    if now.plan.state == State.PAUSED:\n        return \"This is paused: the dose stays. Resume it first, "
        "then confirm the next step.\"\n    if now.plan.state != State.ACTIVE:\n",
        "    if now.plan.state not in RUNNING:\n",
        ["tapers/test_stepping.py::test_a_significant_symptom_pauses_at_once_r_ta_02",
         "tapers/test_stepping.py::test_a_therapist_pauses_and_only_a_prescriber_resumes_with_the_next_date_pushed"],
        "R-TA-02.",
    ),
    Fault(
        "significant symptoms do not pause", "tapers/actions/checking.py",
        "    if severity == Severity.SIGNIFICANT and plan.state == State.ACTIVE:",
        "    if severity == Severity.SIGNIFICANT and plan.state == State.DRAFT:",
        ["tapers/test_stepping.py::test_a_significant_symptom_pauses_at_once_r_ta_02"],
        "R-TA-02: at once.",
    ),
    Fault(
        "mild symptoms tick the check off", "tapers/queries.py",
        "        return self.check is not None and self.check.severity == Severity.NONE",
        "        return self.check is not None",
        ["tapers/test_stepping.py::test_a_mild_symptom_is_not_ticked_off_and_confirming_needs_a_reason_r_ta_02"],
        "R-TA-02: any symptom asks for a reason.",
    ),
    Fault(
        "a check in error still counts", "tapers/queries.py",
        "    checks = StepCheck.objects.filter(retracted_at=None).select_related(",
        "    checks = StepCheck.objects.select_related(",
        ["tapers/test_stepping.py::test_a_check_in_error_counts_no_more"],
        "What was entered wrongly ticks nothing off.",
    ),
    Fault(
        "the therapist resumes", "tapers/actions/checking.py",
        "    check(rules.plan, by, plan.prescription)\n", "    check(rules.record, by, patient.pk)\n",
        ["tapers/test_stepping.py::test_a_therapist_pauses_and_only_a_prescriber_resumes_with_the_next_date_pushed"],
        "A therapist may pause; only the prescriber resumes.",
    ),
    Fault(
        "the therapist ends a plan", "tapers/rules.py",
        "    return prescribing.prescribe(by, found.patient_id)", "    return record(by, found.patient_id)",
        ["tapers/test_stepping.py::test_the_lower_dose_is_a_proper_end"],
        "A therapist may pause; whether it ends at this dose is the prescriber's word (R-RX-05).",
    ),
    Fault(
        "a step comes earlier than planned", "tapers/rules.py",
        "    if day < now.next.on_day:", "    if day < now.today:",
        ["tapers/test_stepping.py::test_one_step_at_a_time_and_never_earlier_than_planned"],
        "Faster is another plan.",
    ),
    Fault(
        "a late step leaves the others where they were", "tapers/actions/stepping.py",
        "    if later:\n", "    if later and plan.state == \"paused\":\n",
        ["tapers/test_stepping.py::test_a_step_that_is_signed_late_pushes_the_others"],
        "Two steps within days.",
    ),
    Fault(
        "a step above the allowed fall", "tapers/calc.py",
        "        if fall > percent:", "        if fall > 2 * percent:",
        ["tapers/test_arithmetic.py::test_falls_add_up_over_fourteen_days_r_ta_01"],
        "R-TA-01: a quarter in a fortnight at most.",
    ),
    Fault(
        "small falls do not add up", "tapers/calc.py",
        "WINDOW = 14 ", "WINDOW = 1 ",
        ["tapers/test_arithmetic.py::test_falls_add_up_over_fourteen_days_r_ta_01"],
        "R-TA-01: within any fourteen days.",
    ),
    Fault(
        "falls are reckoned from the plan and not from the orders", "tapers/stepping.py",
        "    past = [one for one in known.past if one.day < day]\n    before = past[0].average",
        "    past: list[Stair] = []\n    before = past[0].average",
        ["tapers/test_stepping.py::test_falls_add_up_over_the_real_orders_r_ta_01"],
        "R-TA-01: what was really taken counts.",
    ),
    Fault(
        "the floor of the last step is ignored", "tapers/calc.py",
        "        if before <= floor or one.average >= before:", "        if one.average >= before:",
        ["tapers/test_arithmetic.py::test_falls_add_up_over_fourteen_days_r_ta_01",
         "tapers/test_arithmetic.py::test_it_ends_at_the_floor_then_at_zero_r_ta_01"],
        "R-TA-01: zero follows the lowest dispensable dose; otherwise a taper never ends.",
    ),
    Fault(
        "zero comes from anywhere", "tapers/calc.py",
        "        if before <= floor or one.average >= before:",
        "        if before <= floor or one.average >= before or not one.dose:",
        ["tapers/test_arithmetic.py::test_falls_add_up_over_fourteen_days_r_ta_01"],
        "R-TA-01: only from the floor.",
    ),
    Fault(
        "dates need not go forward", "tapers/calc.py",
        "    return all(one.day < two.day for one, two in itertools.pairwise(stairs))",
        "    return all(one.day <= two.day for one, two in itertools.pairwise(stairs))",
        ["tapers/test_planning.py::test_bad_stairs_get_a_sentence"],
        "Each step later than the one before.",
    ),
    Fault(
        "a taper goes up", "tapers/rules.py",
        "any(two >= one for one, two in itertools.pairwise(averages))",
        "any(two > 2 * one for one, two in itertools.pairwise(averages))",
        ["tapers/test_planning.py::test_bad_stairs_get_a_sentence"],
        "A taper only goes down.",
    ),
    Fault(
        "a taper never ends", "tapers/rules.py",
        "    if given[-1].day > today + timedelta(days=MOST_DAYS):",
        "    if given[-1].day > today + timedelta(days=100 * MOST_DAYS):",
        ["tapers/test_planning.py::test_bad_stairs_get_a_sentence"],
        "Three years at most.",
    ),
    Fault(
        "a dose that no tablet makes is rounded", "tapers/calc.py",
        "        if count <= 0 or count % one.part or count > most:", "        if count <= 0 or count > most:",
        ["tapers/test_arithmetic.py::test_a_dose_is_made_of_pieces_r_ta_08"],
        "R-TA-08: made exactly, or flagged.",
    ),
    Fault(
        "every other day with a short half-life", "tapers/findings.py",
        "            Level.REFUSE, \"taper.alternate\", \"R-TA-08\"",
        "            Level.NOTE, \"taper.alternate\", \"R-TA-08\"",
        ["tapers/test_planning.py::test_every_other_day_is_refused_for_short_half_lives_r_ta_08"],
        "R-TA-08: withdrawal every other day.",
    ),
    Fault(
        "a taper without therapy is not asked about", "tapers/findings.py",
        "    if one.kind == Kind.TAPER and _benzodiazepine(known) and not known.therapies:",
        "    if one.kind == Kind.TAPER and _benzodiazepine(known) and known.therapies is None:",
        ["tapers/test_planning.py::test_without_a_therapy_a_reason_is_asked_r_ta_03"],
        "R-TA-03.",
    ),
    Fault(
        "two things change at once unseen", "tapers/findings.py",
        "    if known.changing:\n", "    if len(known.changing) > 1:\n",
        ["tapers/test_planning.py::test_two_things_that_change_at_once_are_asked_r_ta_09"],
        "R-TA-09.",
    ),
    Fault(
        "lamotrigine beside valproate is planned at the usual speed", "tapers/findings.py",
        "        if stair.average > most:\n            return stair, most\n",
        "        if stair.average > 2 * most:\n            return stair, most\n",
        ["tapers/test_planning.py::test_with_valproate_the_slow_schedule_holds_r_mo_ltg",
         "tapers/test_planning.py::test_a_titration_never_outruns_its_schedule_without_a_reason_r_mo_ltg"],
        "R-MO-LTG.",
    ),
    Fault(
        "a rise at the limit opens no review", "tapers/sweep.py",
        "s.total - before.total >= m.size", "s.total - before.total > m.size",
        ["tapers/test_afterwards.py::test_a_reliable_rise_within_eight_weeks_opens_a_review_r_ta_10"],
        "R-TA-10: a reliable change is one of that size.",
    ),
    Fault(
        "no measures are due after a taper", "tapers/actions/ending.py",
        "WEEKS = (2, 4, 12)", "WEEKS = (2, 4)",
        ["tapers/test_stepping.py::test_measures_are_due_two_four_and_twelve_weeks_after_the_end_r_ta_10"],
        "R-TA-10: two, four and twelve weeks.",
    ),
    Fault(
        "a task leads to a review of another worker's", "tapers/actions/ending.py",
        "zip(wanted, found, strict=True) if row.pk in written]", "zip(wanted, found, strict=True) if row.pk]",
        ["test_sweeps.py::test_three_workers_open_a_review_once_and_its_tasks_lead_to_it"],
        "Two workers at once leave the rows of one.",
    ),
)  # fmt: skip
