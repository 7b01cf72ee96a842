"""Faults of the refill desk: forecast, gates, decisions, and the job that must never sign."""

from tests.mutants.fault import Fault

REFILLS = (
    Fault(
        "spent refills are counted again", "refills/calc.py",
        "    left = max(0, one.refills + 1 - used)", "    left = one.refills + 1",
        ["refills/test_forecast.py::test_a_spent_refill_is_not_counted_again"],
        "The desk would be asked months too late.",
    ),
    Fault(
        "fills are not counted to their authorisation", "refills/answering.py",
        "    used = sum(1 for fill in fills if fill.supply == one.key and fill.completes is None)",
        "    used = 0",
        ["refills/test_opening.py::test_refills_that_are_left_are_used_up_first"],
        "The same, by the rows.",
    ),
    Fault(
        "run-out ignores a hold", "refills/calc.py",
        "        end += timedelta(days=max(0, (until - max(begin, start)).days))", "        end += timedelta(days=0)",
        ["refills/test_forecast.py::test_a_hold_in_mid_supply_pushes_the_end"],
        "On hold nothing is used up.",
    ),
    Fault(
        "an early fill loses what was left", "refills/calc.py",
        "        end = _pushed(max(end, on), days, holds)",
        "        end = _pushed(on, days, holds)",
        ["refills/test_forecast.py::test_a_spent_refill_is_not_counted_again"],
        "R-RX-11: a fill adds to what is left over.",
    ),
    Fault(
        "a late fill begins when the one before ended", "refills/calc.py",
        "        end = _pushed(max(end, on), days, holds)", "        end = _pushed(end, days, holds)",
        ["refills/test_forecast.py::test_a_late_fill_begins_on_its_day"],
        "Days without a supply use nothing of the next one.",
    ),
    Fault(
        "expiry is off by a day", "refills/calc.py",
        "first + timedelta(days=one.days * number) <= one.expires_on)",
        "first + timedelta(days=one.days * number) <= one.expires_on + timedelta(days=1))",
        ["refills/test_forecast.py::test_what_expires_is_not_counted_past_its_last_day"],
        "R-RX-03: after its last day nothing is filled.",
    ),
    Fault(
        "the last day before expiry does not count", "refills/calc.py",
        "first + timedelta(days=one.days * number) <= one.expires_on)",
        "first + timedelta(days=one.days * number) < one.expires_on)",
        ["refills/test_forecast.py::test_what_expires_is_not_counted_past_its_last_day"],
        "R-RX-03: on the last day it is still filled.",
    ),
    Fault(
        "an authorisation that is void still lasts", "refills/calc.py",
        "        if one.ended_on is None:\n", "        if one.ended_on is None or one.ended_on > from_day:\n",
        ["refills/test_forecast.py::test_a_new_authorisation_has_its_first_fill_still_to_come",
         "refills/test_forecast.py::test_nothing_known_of_either_authorisation",
         "refills/test_forecast.py::test_a_known_fill_long_ago_does_not_open_the_desk_again_after_an_approval"],
        "What was voided is dispensed no more, so it carries nobody on.",
    ),
    Fault(
        "Schedule II is asked for ten days before", "refills/calc.py",
        'timedelta(days=lead_days_ii if schedule == "II" else lead_days)', "timedelta(days=lead_days)",
        ["refills/test_forecast.py::test_the_desk_is_asked_ten_days_before_the_end_and_seven_for_schedule_ii"],
        "R-RX-11.",
    ),
    Fault(
        "on hold the desk is asked", "refills/answering.py",
        "        return not self.facts.on_hold and self.facts.today >= self.opens_on",
        "        return self.facts.today >= self.opens_on",
        ["refills/test_sweep.py::test_what_the_database_finds_due_is_what_each_order_answers"],
        "On hold nothing is dispensed.",
    ),
    Fault(
        "a series is filled before its day", "refills/reading.py",
        "coalesce(a.earliest_fill_on, a.issued_on)", "a.issued_on",
        ["controlled/test_series.py::test_what_is_lost_does_not_bring_the_next_one_forward"],
        "R-RX-02: the second waits for its day, whatever was lost.",
    ),
    Fault(
        "the box of an older dose counts", "refills/answering.py",
        "if one.supply not in others and (", "if one.on or (",
        ["refills/test_opening.py::test_the_box_of_an_older_dose_does_not_count"],
        "Tablets of another strength are no supply of this dose.",
    ),
    Fault(
        "the job approves", "refills/actions/opening.py",
        '    audit.record_many(Kind.CREATED, opened, by=by, what="refills.open")\n',
        '    audit.record_many(Kind.CREATED, opened, by=by, what="refills.open")\n'
        "    from medications.refills.actions.deciding import approve\n\n"
        "    for row in opened:\n"
        "        approve(row, reasons={}, by=row.prescription.prescriber)\n",
        ["refills/test_opening.py::test_it_never_approves_r_rx_11"],
        "R-RX-11: jobs prepare, only a prescriber approves.",
    ),
    Fault(
        "the job issues a supply itself", "refills/actions/opening.py",
        '    audit.record_many(Kind.CREATED, opened, by=by, what="refills.open")\n',
        '    audit.record_many(Kind.CREATED, opened, by=by, what="refills.open")\n'
        "    from medications.prescribing.actions import supplying\n"
        "    from medications.prescribing.checks import Supply\n"
        "    from medications.prescribing.models import Authorisation\n\n"
        "    for row in opened:\n"
        "        last = Authorisation.objects.filter(prescription=row.prescription_id).latest(\"issued_at\")\n"
        "        supplying.issue(\n"
        "            row.prescription, last.order, Supply(last.quantity, last.days_supply, 0), today=day,\n"
        "            by=row.prescription.prescriber,\n"
        "        )\n",
        ["refills/test_opening.py::test_it_never_approves_r_rx_11"],
        "R-RX-11, by the back door.",
    ),
    Fault(
        "a request is decided twice", "refills/rules.py",
        '    if request.state == "requested":\n', "    if request.state:\n",
        ["refills/test_deciding.py::test_decided_once"],
        "No double approval.",
    ),
    Fault(
        "the gate of monitoring is skipped", "refills/gates.py",
        "_booked(facts), _monitoring(facts),", "_booked(facts),",
        ["refills/test_gates.py::test_one_answer_each_and_nothing_against_what_is_clear"],
        "R-MO-99: no silent refill.",
    ),
    Fault(
        "what is overdue is in order", "refills/gates.py",
        "    if found.overdue is not None:", "    if found.overdue is not None and found.overdue > 365:",
        ["refills/test_gates.py::test_r_rx_12"],
        "R-MO-99: it asks for a reason.",
    ),
    Fault(
        "an open risk flag is passed by", "refills/gates.py",
        "    if not facts.risk_open:", "    if not facts.risk_open or not facts.toxic:",
        ["refills/test_gates.py::test_r_rx_12"],
        "Any open flag asks why the supply is safe.",
    ),
    Fault(
        "a controlled substance is filled early", "refills/gates.py",
        "    if days <= facts.early_fill_days:", "    if days <= facts.early_fill_days + 7:",
        ["refills/test_gates.py::test_r_rx_12"],
        "R-RX-12: a few days before the end, no more.",
    ),
    Fault(
        "Schedule II may be refilled at the desk", "refills/gates.py",
        '    if facts.schedule == "II":\n        return Gate(\n            "schedule", "Schedule", Answer.REFUSE',
        '    if facts.schedule == "II":\n        return Gate(\n            "schedule", "Schedule", Answer.ASK',
        ["refills/test_gates.py::test_r_rx_12"],
        "R-RX-01: refused, whatever the reason.",
    ),
    Fault(
        "a gate that asks is signed without a reason", "refills/rules.py",
        '        if not reasons.get(gate["gate"], "").strip():', '        if gate["gate"] not in reasons and reasons:',
        ["refills/test_deciding.py::test_each_gate_that_asks_needs_its_reason_r_rx_12"],
        "R-RX-12.",
    ),
    Fault(
        "the gates are those of the night", "refills/actions/deciding.py",
        "    _gates(request, now.gates(supply.days), reasons)\n", "    _gates(request, request.gates, reasons)\n",
        ["refills/test_deciding.py::test_a_flag_raised_since_the_night_asks_at_the_signature"],
        "A flag raised since then counts at the signature.",
    ),
    Fault(
        "a bridge is given twice", "refills/actions/deciding.py",
        "    if last := queries.bridged(request, now.facts.last_seen):", "    if last := None:",
        ["refills/test_bridging.py::test_one_bridge_until_a_visit_or_a_reason_r_rx_13"],
        "R-RX-13: once until a visit, or a reason.",
    ),
    Fault(
        "the therapist's session counts as seen", "refills/seeing.py",
        "    return RoleGrant.objects.filter(role=Role.PRESCRIBER, ended_at=None)",
        "    return RoleGrant.objects.filter(ended_at=None)",
        ["refills/test_opening.py::test_seen_is_any_prescriber_not_on_the_telephone_and_not_the_therapist"],
        "R-RX-12: seen by a prescriber.",
    ),
    Fault(
        "a waiting row past its run-out does not rise", "refills/actions/opening.py",
        "queries.waiting().filter(supply_end__lt=today))", "queries.waiting().filter(supply_end__lt=date.min))",
        ["refills/test_undone.py::test_a_request_past_its_run_out_rises_once_and_ends_with_its_decision"],
        "Nobody's refill falls through a crack.",
    ),
    Fault(
        "pieces that came are still owed", "refills/answering.py",
        "        (0 if fill.completes else live[fill.supply]) - fill.days for fill in fills",
        "        0 if fill.completes else live[fill.supply] - fill.days for fill in fills",
        ["refills/test_partial.py::test_the_rest_comes_in_pieces_until_one_ends_it",
         "refills/test_partial.py::test_parts_and_pieces_against_a_count_day_by_day"],
        "The desk would be asked too late, by the days of each piece.",
    ),
    Fault(
        "the first piece of a rest ends it", "refills/answering.py",
        "    done = {fill.completes for fill in fills if not fill.partial}",
        "    done = {fill.completes for fill in fills}",
        ["refills/test_partial.py::test_the_rest_comes_in_pieces_until_one_ends_it"],
        "What the pharmacy still owes would be asked for anew.",
    ),
    Fault(
        "in the database the first piece of a rest ends it", "refills/sweep.py",
        "coalesce(f.completes_id, f.id) AND NOT c.partial AND", "coalesce(f.completes_id, f.id) AND",
        ["refills/test_sweep.py::test_what_the_database_finds_due_is_what_each_order_answers"],
        "Desk and night would tell different days.",
    ),
    Fault(
        "in the database pieces that came are still owed", "refills/sweep.py",
        "ELSE 0 END - f.days_supply", "ELSE f.days_supply END - f.days_supply",
        ["refills/test_partial.py::test_parts_and_pieces_against_a_count_day_by_day"],
        "The same, in the night.",
    ),
    Fault(
        "a piece may be more than what is owed", "prescribing/rules.py",
        "        if quantity < owed.quantity and days < owed.days:", "        if quantity <= used.quantity:",
        ["refills/test_partial.py::test_a_piece_is_less_than_what_is_owed"],
        "More would be dispensed than was authorised.",
    ),
    Fault(
        "a piece goes while what ended the rest stays", "prescribing/rules.py",
        "    if (told if first == fill else told.filter(partial=False)).exists():",
        "    if first == fill and told.exists():",
        ["refills/test_partial.py::test_a_piece_in_error_is_owed_again_but_not_behind_what_ended_the_rest"],
        "Days would be missing that nobody owes.",
    ),
    Fault(
        "a message is matched without the birth date", "pharmacies/rules.py",
        "    if message.born_on is None or message.born_on != sent.patient.born_on:", "    if message.born_on is None:",
        ["refills/test_renewal_messages.py::test_what_does_not_fit_is_for_a_person_and_nobody_is_guessed"],
        "A mistyped number would ask for the medicine of somebody else.",
    ),
    Fault(
        "any pharmacy may ask by a number that it read", "pharmacies/rules.py",
        "    if sent.pharmacy_id != pharmacy.pk or sent.sent_at is None:", "    if sent.sent_at is None:",
        ["refills/test_renewal_messages.py::test_one_that_went_to_another_pharmacy_is_for_a_person"],
        "Two pharmacies would dispense it.",
    ),
    Fault(
        "what goes elsewhere is approved to who asked", "pharmacies/actions/replying.py",
        "    if made.route != Route.PHARMACY or made.pharmacy_id != message.pharmacy_id:",
        "    if made.route == Route.PAPER:",
        ["refills/test_renewal_messages.py::test_what_goes_another_way_is_no_approval",
         "refills/test_renewal_messages.py::test_a_controlled_substance_is_answered_by_a_new_one_of_the_module"],
        "R-RX-06, and it would be dispensed twice.",
    ),
    Fault(
        "what is void is answered as approved", "pharmacies/handlers.py",
        "    if last.authorisation.voided_at is not None:", "    if last.pk == made.authorisation_id:",
        ["refills/test_renewal_messages.py::test_what_is_void_before_it_left_is_not_approved_but_a_person_calls"],
        "The pharmacy would dispense what was stopped.",
    ),
    Fault(
        "a document type is read", "pharmacies/script.py",
        "    if root.getroottree().docinfo.doctype or any(", "    if any(",
        ["refills/test_renewal_messages.py::test_what_does_not_fit_is_for_a_person_and_nobody_is_guessed"],
        "A stranger's file says what of ours is read.",
    ),
    Fault(
        "the database forgets what was used", "refills/sweep.py",
        "coalesce(u.used, 0) ORDER BY", "0 ORDER BY",
        ["refills/test_sweep.py::test_what_the_database_finds_due_is_what_each_order_answers"],
        "The nightly job would never ask where refills are spent.",
    ),
    Fault(
        "the database forgets the supply of a signed change", "refills/sweep.py",
        "CASE WHEN b.from_day <= c.supply_end THEN", "CASE WHEN b.from_day < r.from_day THEN",
        ["refills/test_sweep.py::test_what_the_database_finds_due_is_what_each_order_answers"],
        "It brings its own supply: nobody is asked before that ends.",
    ),
    Fault(
        "the database takes holds for days of use", "refills/sweep.py",
        "WHERE h.until_day IS NULL OR h.until_day > r.from_day", "WHERE h.until_day IS NULL",
        ["refills/test_sweep.py::test_what_the_database_finds_due_is_what_each_order_answers"],
        "A hold pushes the end of a supply.",
    ),
)  # fmt: skip
