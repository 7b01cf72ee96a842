"""A titration pack: steps signed together, one supply for all of them, each step the order of its own days."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.refusal import Refused
from medications.prescribing import actions, calc, checks, listing, packs, queries
from medications.prescribing.actions import Step
from medications.prescribing.models import Authorisation, DoseOrder, StoredFinding
from medications.vigilance import actions as vigilance
from patients.timeline.models import Entry
from tests.cast import Cast, at, client
from tests.medications.prescribing.given import TODAY, Whatever, changed, pack, product, regimen, started, supply

FORTNIGHT, MONTH = TODAY + timedelta(days=14), TODAY + timedelta(days=28)


def starter(cast: Cast, **more: Any) -> DoseOrder:
    """Lamotrigine 25 mg, after 14 days 50 mg: the label's own steps."""
    given = {"regimen": regimen("lamotrigine", 25), **pack(), **more}
    return started(cast.ana, by=cast.priya, drug="lamotrigine", **given)


def doses(order: DoseOrder) -> list[Any]:
    """Every order of the prescription that holds on some day."""
    rows = DoseOrder.objects.filter(prescription=order.prescription_id, retracted_at=None).order_by("from_day")
    return [(one.from_day, one.until_day, one.daily_amount, one.kind) for one in rows if one.from_day != one.until_day]


# --- what is signed -----------------------------------------------------------------------


def test_each_step_is_an_order_of_its_own_days(cast: Cast) -> None:
    order = starter(cast)
    assert doses(order) == [(TODAY, FORTNIGHT, 25, "start"), (FORTNIGHT, None, 50, "change")]
    assert queries.current_order(order.prescription, FORTNIGHT - timedelta(days=1)) == order
    later = queries.current_order(order.prescription, FORTNIGHT)
    assert later is not None
    assert (later.pack_id, later.signature) == (order.pk, order.signature)


def test_one_supply_with_the_directions_of_all_steps(cast: Cast) -> None:
    order = starter(cast)
    found = Authorisation.objects.get()
    assert (found.order_id, found.quantity, found.days_supply, found.refills) == (order.pk, Decimal(42), 28, 0)
    assert found.directions == (
        "Take 1 tablet (25\u00a0mg) by mouth each morning for 14 days, "
        "then take 2 tablets (50\u00a0mg) by mouth each morning."
    )


def test_the_timeline_and_the_audit_tell_each_step(cast: Cast) -> None:
    order = starter(cast)
    told = Entry.objects.filter(kind="dose").order_by("occurred_at")
    assert [(one.value, one.label) for one in told] == [
        (Decimal(25), "Lamotrigine 25\u00a0mg started"), (Decimal(50), "Lamotrigine 25 → 50\u00a0mg")
    ]  # fmt: skip
    assert [one.until and one.until.astimezone(cast.ana.zone).date() for one in told] == [FORTNIGHT, None]
    signed = AuditEvent.objects.filter(kind="signed", what="prescribing.prescribe")
    assert {one.object_id for one in signed} == set(DoseOrder.objects.values_list("pk", flat=True))
    assert order.pk in {one.object_id for one in signed}


def test_an_ordinary_order_has_no_directions_of_its_own_on_the_supply(cast: Cast) -> None:
    started(cast.ana, by=cast.priya)
    assert Authorisation.objects.get().directions == ""


# --- the checks ---------------------------------------------------------------------------


def test_the_labels_own_steps_ask_nothing_r_mo_ltg(cast: Cast) -> None:
    starter(cast)
    assert not StoredFinding.objects.filter(code__startswith="speed").exists()


def test_a_step_faster_than_the_label_asks_and_says_which_r_mo_ltg(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        starter(cast, **pack(7, quantity=49))
    assert refused.value.field == "answer:speed:lamotrigine_plain"
    assert not DoseOrder.objects.exists()
    checked = checks.order(
        cast.ana, regimen("lamotrigine", 25), None, from_day=TODAY, then=[Step(7, regimen("lamotrigine", 25, "2"))]
    )
    [found] = [one for one in checked.findings if one.code.startswith("speed")]
    assert found.sentence.startswith(
        "From Mar 9 (50\u00a0mg): The label allows 25\u00a0mg a day now; this is 50\u00a0mg a day."
    )
    assert found.remedy == {}


def test_a_step_above_the_maximum_is_found_although_the_first_is_not(cast: Cast) -> None:
    then = [Step(14, regimen("sertraline", 50, "5"))]
    checked = checks.order(cast.ana, regimen("sertraline", 50), None, from_day=TODAY, then=then)
    assert {one.code for one in checked.findings if one.code.startswith("dose.")} == {"dose.max"}
    assert "daily maximum" not in checked.passed


def test_what_holds_for_several_steps_is_asked_once(cast: Cast) -> None:
    then = [Step(14, regimen("sertraline", 50, "5")), Step(14, regimen("sertraline", 50, "6"))]
    checked = checks.order(cast.ana, regimen("sertraline", 50), None, from_day=TODAY, then=then)
    [found] = [one for one in checked.findings if one.code == "dose.max"]
    assert found.sentence.startswith("From Mar 16 (250\u00a0mg): ")
    assert found.sentence.endswith("The same holds from Mar 30 (300\u00a0mg).")


def test_what_was_answered_once_is_kept_with_the_signature(cast: Cast) -> None:
    order = starter(cast, **pack(7, quantity=49), answers=Whatever())
    assert StoredFinding.objects.get(code__startswith="speed").order == order


# --- refused ------------------------------------------------------------------------------


WRONG: dict[str, tuple[Callable[[], dict[str, Any]], str]] = {
    "refills": (lambda: pack(refills=1), "A titration pack has no refills"),
    "too short": (lambda: pack(days=14, quantity=14), "The last step begins after 14 days, and the supply is for 14"),
    "too few": (lambda: pack(quantity=28), "28 last 21 days in these steps, not 28"),
    "far too few": (lambda: pack(quantity=5), "5 last 5 days in these steps, not 28"),
    "too many": (lambda: pack(quantity=60), "60 last 37 days in these steps, not 28"),
    "at once": (lambda: pack(0), "Step 2 begins after 1 to 90 days"),
    "too late": (lambda: pack(91), "Step 2 begins after 1 to 90 days"),
    "too many steps": (lambda: pack(*[7] * 6), "A titration pack has 6 steps at most"),
    "the same": (lambda: pack() | {"then": [Step(14, regimen("lamotrigine", 25))]}, "Step 2 is the same as the one"),
    "-1": (lambda: pack() | {"then": [Step(14, regimen("lamotrigine", 25, "-1"))]}, "must be more than 0"),
    "1e9": (lambda: pack() | {"then": [Step(14, regimen("lamotrigine", 25, "1e9"))]}, "is not a number"),
    "rhythm": (lambda: pack() | {"regimen": every_other_day()}, "A titration pack is taken every day"),
}


def every_other_day() -> actions.Regimen:
    return replace(regimen("lamotrigine", 25), every_days=2)


@pytest.mark.parametrize("wrong", WRONG)
def test_what_makes_no_pack(cast: Cast, wrong: str) -> None:
    more, sentence = WRONG[wrong]
    with pytest.raises(Refused, match=sentence):
        starter(cast, answers=Whatever(), **more())
    assert not DoseOrder.objects.exists()


def test_the_database_refuses_refills_of_a_pack(cast: Cast) -> None:
    found = starter(cast).authorisations.get()
    values = {
        field.attname: getattr(found, field.attname) for field in Authorisation._meta.concrete_fields
        if field.name not in ("id", "refills", "voided_at", "earliest_fill_on")
    }  # fmt: skip
    with pytest.raises(IntegrityError, match="authorisation_pack_no_refills"), transaction.atomic():
        Authorisation.objects.create(**values, refills=1)


@pytest.mark.parametrize("wrong", ["prescription", "day", "step"])
def test_the_database_refuses_a_step_of_something_else(cast: Cast, wrong: str) -> None:
    order = starter(cast)
    step = order.steps.get()
    other = started(cast.ana, by=cast.priya, answers=Whatever())
    values = {
        field.attname: getattr(step, field.attname) for field in DoseOrder._meta.concrete_fields
        if field.name not in ("id", "during", "from_day", "until_day", "pack")
    }  # fmt: skip
    late = TODAY + timedelta(days=90)
    given: dict[str, Any] = {"pack_id": order.pk, "from_day": late, "until_day": late}
    given["pack_id"] = {"prescription": other.pk, "day": order.pk, "step": step.pk}[wrong]
    given |= {"from_day": TODAY, "until_day": TODAY} if wrong == "day" else {}
    with pytest.raises(DatabaseError, match="steps of a pack follow its first"), transaction.atomic():
        DoseOrder.objects.create(**values, **given)


# --- afterwards ---------------------------------------------------------------------------


def test_a_change_in_the_middle_takes_the_rest_off(cast: Cast) -> None:
    order = starter(cast)
    with clock.at(at(f"{TODAY + timedelta(days=5)} 09:00")):
        changed(order.prescription, by=cast.priya, regimen=regimen("lamotrigine", 25, "½"), supply=None)
    middle = TODAY + timedelta(days=5)
    assert doses(order) == [(TODAY, middle, 25, "start"), (middle, None, Decimal("12.5"), "change")]
    assert Authorisation.objects.get().voided_reason == "The dose changed."
    told = Entry.objects.filter(kind="dose", retracted_at=None).order_by("occurred_at")
    assert [(one.value, one.until and one.until.astimezone(cast.ana.zone).date()) for one in told] == [
        (25, middle), (Decimal("12.5"), None)
    ]  # fmt: skip


def test_a_pack_follows_a_dose_too(cast: Cast) -> None:
    order = started(cast.ana, by=cast.priya)
    actions.change_dose(
        order.prescription, regimen=regimen("sertraline", 50), then=[Step(7, regimen("sertraline", 50, "2"))],
        supply=supply(49, 28), reason="Partial response.", answers=Whatever(), by=cast.priya,
    )  # fmt: skip
    week = TODAY + timedelta(days=7)
    assert doses(order) == [(TODAY, week, 50, "change"), (week, None, 100, "change")]


def test_with_the_first_in_error_all_steps_go(cast: Cast) -> None:
    order = starter(cast)
    actions.retract_order(order, reason="Wrong chart.", by=cast.priya)
    assert (doses(order), queries.active(cast.ana.pk, TODAY)) == ([], [])
    assert not Entry.objects.filter(kind="dose", retracted_at=None).exists()


def test_with_a_pack_in_error_the_dose_before_goes_on(cast: Cast) -> None:
    with clock.at(at("2026-02-02 09:00")):
        first = started(cast.ana, by=cast.priya)
    then = [Step(7, regimen("sertraline", 50, "3"))]
    order = changed(first.prescription, by=cast.priya, then=then, supply=None, answers=Whatever())
    actions.retract_order(order, reason="Wrong chart.", by=cast.priya)
    assert doses(first) == [(date(2026, 2, 2), None, 50, "start")]


def test_with_a_later_step_in_error_the_one_before_goes_on(cast: Cast) -> None:
    order = starter(cast)
    actions.retract_order(order.steps.get(), reason="Too early.", by=cast.priya)
    assert doses(order) == [(TODAY, None, 25, "start")]


def test_after_a_hold_the_dose_of_its_first_day_and_no_further_step(cast: Cast) -> None:
    """Nobody rises by steps while none is taken: what was not reached is written anew."""
    order = starter(cast)
    with clock.at(at(f"{TODAY + timedelta(days=10)} 09:00")):
        held = actions.hold(order.prescription, reason="Influenza.", by=cast.priya)
    resumed = TODAY + timedelta(days=16)
    with clock.at(at(f"{resumed} 09:00")):
        actions.resume(held, answers=Whatever(), by=cast.priya)
    assert doses(order)[-1] == (resumed, None, 25, "resume")
    assert len(doses(order)) == 3  # the second step was in force on two days on which none was taken
    assert Authorisation.objects.get().voided_at is not None


def test_to_stay_at_a_step_it_is_signed_as_it_is_and_the_rest_is_off(cast: Cast) -> None:
    """Some sleepiness at 25 mg: nobody rises, nothing was an error, and the story says that it stays."""
    order = starter(cast)
    middle = TODAY + timedelta(days=5)
    with clock.at(at(f"{middle} 09:00")):
        page = client(cast.priya).get(reverse("prescribing:change", args=[cast.ana.pk, order.prescription_id]))
        stay = changed(order.prescription, by=cast.priya, regimen=regimen("lamotrigine", 25), supply=None)
        with pytest.raises(Refused, match="This is the dose as it is"):
            changed(order.prescription, by=cast.priya, regimen=regimen("lamotrigine", 25), supply=None)
    assert "To stay at 25\u00a0mg, sign it as it is." in page.content.decode()
    assert doses(order) == [(TODAY, middle, 25, "start"), (middle, None, 25, "change")]
    told = Entry.objects.filter(kind="dose", retracted_at=None).order_by("occurred_at")
    assert [one.label for one in told] == ["Lamotrigine 25\u00a0mg started", "Lamotrigine stays at 25\u00a0mg"]
    assert told[1].object_id == stay.pk


def test_whoever_holds_in_the_middle_reads_what_becomes_of_the_steps(cast: Cast) -> None:
    order = starter(cast)
    with clock.at(at(f"{TODAY + timedelta(days=5)} 09:00")):
        page = client(cast.priya).get(reverse("prescribing:hold", args=[cast.ana.pk, order.prescription_id]))
    assert "resumed on a later day it goes on at 25\u00a0mg a day, and they are written anew." in page.content.decode()


def test_on_hold_it_stands_as_it_was_when_the_hold_began(cast: Cast) -> None:
    """The second step's day comes and goes on hold: nobody reads that 50 mg are the dose."""
    order = starter(cast, **pack(14, 14, quantity=63, days=35), answers=Whatever())
    with clock.at(at(f"{TODAY + timedelta(days=10)} 09:00")):
        actions.hold(order.prescription, reason="Influenza.", by=cast.priya)
    later = TODAY + timedelta(days=16)
    with clock.at(at(f"{later} 09:00")):
        [line] = listing.medicines(cast.ana.pk, later).ours
        resume = client(cast.priya).get(reverse("prescribing:resume", args=[cast.ana.pk, order.prescription_id]))
    assert (line.rate, line.ahead and line.ahead.dose, [one.dose for one in line.later]) == (
        "25\u00a0mg a day", "50\u00a0mg", ["75\u00a0mg"]
    )  # fmt: skip
    words = " ".join(resume.content.decode().split())
    assert "25 mg a day, since Mar 2" in words
    assert "50 mg a day" not in words


def test_a_step_that_never_began_is_told_as_such(cast: Cast) -> None:
    order = starter(cast)
    with clock.at(at(f"{TODAY + timedelta(days=5)} 09:00")):
        changed(order.prescription, by=cast.priya, regimen=regimen("lamotrigine", 25, "½"), supply=None)
        pages = [
            client(cast.priya).get(reverse(name, args=args)).content.decode()
            for name, args in (
                ("prescribing:medication", [cast.ana.pk]), ("prescribing:order", [cast.ana.pk, order.steps.get().pk])
            )
        ]  # fmt: skip
    assert ["never begun; it was to begin on Mar 16, 2026" in page for page in pages] == [True, True]


def test_a_hold_of_the_same_day_changes_nothing(cast: Cast) -> None:
    order = starter(cast)
    held = actions.hold(order.prescription, reason="Vomiting.", by=cast.priya)
    actions.resume(held, by=cast.priya)
    assert doses(order) == [(TODAY, FORTNIGHT, 25, "start"), (FORTNIGHT, None, 50, "change")]


def test_after_the_last_step_a_hold_is_a_hold_like_any_other(cast: Cast) -> None:
    order = starter(cast)
    with clock.at(at(f"{MONTH} 09:00")):
        held = actions.hold(order.prescription, reason="Influenza.", by=cast.priya)
    with clock.at(at(f"{MONTH + timedelta(days=2)} 09:00")):
        actions.resume(held, answers=Whatever(), by=cast.priya)
    assert doses(order) == [(TODAY, FORTNIGHT, 25, "start"), (FORTNIGHT, None, 50, "change")]


# --- arithmetic ---------------------------------------------------------------------------


units = st.integers(1, 24).map(lambda quarters: Fraction(quarters, 4))


@given(st.lists(st.integers(1, 90), max_size=5))
def test_the_days_of_the_steps_follow_one_another_without_a_gap(afters: list[int]) -> None:
    days = packs.days_of(TODAY, afters)
    assert [until for _, until in days] == [begin for begin, _ in days[1:]] + [None]
    assert (days[-1][0] - TODAY).days == sum(afters)


@given(st.lists(st.tuples(st.integers(1, 30), units), max_size=5), units, st.integers(1, 60))
def test_a_supply_lasts_as_long_as_its_days_take(before: list[tuple[int, Fraction]], last: Fraction, more: int) -> None:
    """Counted day by day: what so many days need lasts so many days, whichever step they end in."""
    each = [amount for lasting, amount in before for _ in range(lasting)] + [last] * more
    for days in range(1, len(each) + 1, 7):
        assert packs.lasts(sum(each[:days], Fraction(0)), before, last) == days
    assert packs.problem(Decimal(calc.short(sum(each, Fraction(0)))), len(each), before, last) is None


# --- while it is typed --------------------------------------------------------------------


def typed(cast: Cast, **more: str) -> str:
    """What the checks answer to a starter as it stands in the form."""
    chosen = product("lamotrigine", 25)
    data = {
        "drug": str(chosen.drug_id), "product": str(chosen.pk), "q_morning": "1", "from_day": str(TODAY),
        "quantity": "42", "days": "28", "s1_after": "14", "s1_morning": "2", **more,
    }  # fmt: skip
    return client(cast.priya).post(reverse("prescribing:check", args=[cast.ana.pk]), data).content.decode()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"s1_morning": "5..0"}, "Step 2: how many to take is not a number."),
        ({"s2_after": "0", "s2_morning": "3"}, "Step 3 begins after 1 to 90 days."),
        ({"s2_after": "7", "s2_morning": "2"}, "Step 3 is the same as the one before it."),
    ],
)
def test_what_is_wrong_names_its_step_and_says_nothing_of_the_supply(
    cast: Cast, more: dict[str, str], sentence: str
) -> None:
    """The supply is for all steps: while one cannot be read, nobody knows how long it lasts."""
    answer = typed(cast, **more)
    assert sentence in answer
    assert "Correct one of the two" not in answer


# --- who reads it -------------------------------------------------------------------------


def test_the_night_does_not_ask_again_what_was_answered_with_the_pack(cast: Cast) -> None:
    """A step above the label's maximum, answered at the signature, is in force."""
    then = [Step(14, regimen("sertraline", 50, "5"))]
    given = pack() | {"then": then, "supply": supply(84, 28), "answers": Whatever(), "regimen": regimen()}
    order = started(cast.ana, by=cast.priya, **given)
    on = FORTNIGHT + timedelta(days=1)
    with clock.at(at(f"{on} 03:00")):
        assert vigilance.recheck(on)["found"] == 0
    assert order.findings.filter(code="dose.max").exists()


def test_the_list_tells_what_is_ahead_and_nothing_of_it_as_earlier(cast: Cast) -> None:
    starter(cast, **pack(14, 14, quantity=63, days=35, refills=0), answers=Whatever())
    [line] = listing.medicines(cast.ana.pk, TODAY).ours
    assert (line.ahead and line.ahead.dose, [one.dose for one in line.later], line.earlier) == (
        "50\u00a0mg", ["75\u00a0mg"], []
    )  # fmt: skip


def test_whoever_strikes_a_step_reads_what_goes_and_what_stays(cast: Cast) -> None:
    first = starter(cast)
    step = first.steps.get()
    priya = client(cast.priya)
    pages = [
        priya.get(reverse("prescribing:order", args=[cast.ana.pk, one.pk])).content.decode() for one in (first, step)
    ]
    assert "All steps of the titration pack are struck through together" in pages[0]
    assert "nothing of this prescription is left" in pages[0]
    assert "the dose before goes on" in pages[1]


def test_a_change_in_the_middle_says_all_that_it_takes_the_place_of(cast: Cast) -> None:
    order = starter(cast, **pack(14, 14, quantity=63, days=35, refills=0), answers=Whatever())
    page = client(cast.priya).get(reverse("prescribing:change", args=[cast.ana.pk, order.prescription_id]))
    assert "Signed already: 50\u00a0mg from Mar 16, 75\u00a0mg from Mar 30." in page.content.decode()


def test_a_step_of_the_same_day_follows_no_gap(cast: Cast) -> None:
    """Begun today and raised today: too fast, and nobody has paused."""
    order = starter(cast)
    checked = checks.order(
        cast.ana, regimen("lamotrigine", 25, "2"), None, from_day=TODAY, prescription=order.prescription
    )
    [found] = [one for one in checked.findings if one.code.startswith("speed")]
    assert found.sentence.startswith("The label begins with 25\u00a0mg a day now")


def test_on_hold_the_list_says_that_the_further_steps_do_not_begin(cast: Cast) -> None:
    order = starter(cast)
    actions.hold(order.prescription, reason="Rash.", by=cast.priya)
    page = client(cast.priya).get(reverse("prescribing:medication", args=[cast.ana.pk])).content.decode()
    assert "not while on hold" in page


def test_the_page_of_a_step_tells_its_pack_and_what_was_answered(cast: Cast) -> None:
    order = starter(cast, **pack(7, quantity=49), answers=Whatever())
    step = order.steps.get()
    page = client(cast.priya).get(reverse("prescribing:order", args=[cast.ana.pk, step.pk])).content.decode()
    assert "signed together, one supply" in page
    assert "Take 1 tablet (25\u00a0mg) by mouth each morning for 7 days, then take 2 tablets" in page
    assert "Faster than the label" in page


# --- the form -----------------------------------------------------------------------------


def sent(cast: Cast, **change: Any) -> Any:
    """What a browser without scripts sends for the starter; the answer."""
    product = regimen("lamotrigine", 25).product
    data = {
        "drug": str(product.drug_id), "product": str(product.pk), "daily": "25", "daily_shown": "25", "q_morning": "1",
        "every_days": "1", "from_day": TODAY.isoformat(), "quantity": "42", "days": "28", "refills": "0",
        "reason": "Second depression.", "target_symptom": "mood swings", "s1_after": "14", "s1_morning": "2", **change,
    }  # fmt: skip
    return client(cast.priya).post(reverse("prescribing:new", args=[cast.ana.pk]), data)


def test_the_form_signs_a_pack(cast: Cast) -> None:
    assert sent(cast).status_code == 302
    assert [one.daily_amount for one in DoseOrder.objects.order_by("from_day")] == [25, 50]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"s1_after": ""}, "Step 2: write after how many days it begins."),
        ({"s1_morning": ""}, "Step 2: write how many are taken."),
        ({"s1_after": "two weeks"}, "Write after how many days as a whole number."),
        ({"s1_after": "0"}, "Step 2 begins after 1 to 90 days."),
        ({"s1_morning": "-5"}, "Step 2: how many to take must be more than 0."),
        ({"s1_morning": "5..0"}, "Step 2: how many to take is not a number. Write digits, such as 1.5."),
        ({"s1_morning": "1e9"}, "Step 2: how many to take is not a number. Write digits, such as 1.5."),
        ({"s1_morning": "1.3"}, "This product cannot be split that way. Write multiples of"),
        ({"refills": "2"}, "A titration pack has no refills"),
        ({"every_days": "2"}, "A titration pack is taken every day."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(cast: Cast, change: dict[str, str], sentence: str) -> None:
    answer = sent(cast, **change)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    for name, value in (change | {"reason": "Second depression."}).items():
        assert value in page, name
    assert not DoseOrder.objects.exists()


def test_a_change_of_a_pack_begins_without_its_supply(cast: Cast) -> None:
    """42 for 28 days belong to the steps; the form of a change asks anew."""
    order = starter(cast)
    page = client(cast.priya).get(reverse("prescribing:change", args=[cast.ana.pk, order.prescription_id]))
    assert page.context["form"]["quantity"].value() is None
