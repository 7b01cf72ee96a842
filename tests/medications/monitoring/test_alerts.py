"""What a result says, by value: a task for the prescriber, plain words for the therapist (R-MO-LI, R-MO-CLZ)."""

from decimal import Decimal
from typing import Any

import pytest

from clinic import clock
from clinic.audit.models import AuditEvent
from medications.monitoring import actions, alerts, knowledge
from medications.monitoring.alerts import Asked
from medications.monitoring.models import Result
from patients.inbox.models import Task
from tests.cast import Cast
from tests.medications.monitoring.given import (
    ANC,
    LITHIUM,
    QTC,
    WEIGHT,
    day,
    moment,
    on,
    on_lithium,
    reading,
    refused,
    result,
)

KNOWN = knowledge.current()


def said(drug: str, code: str, value: str | None, **more: Any) -> list[tuple[str, str]]:
    """Level and sentence of every alert."""
    item = KNOWN.item(code)
    assert item is not None
    protocols = [pair for pair in KNOWN.items(code) if pair[0].key == drug]
    asked = Asked(item, None if value is None else Decimal(value), **more)
    return [(one.level, one.sentence) for one in alerts.alerts(asked, protocols)]


def level(drug: str, code: str, value: str | None, **more: Any) -> str:
    found = said(drug, code, value, **more)
    return found[0][0] if found else ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0.59", "watch"), ("0.6", ""), ("1.19", ""), ("1.2", "watch"), ("1.49", "watch"), ("1.5", "critical")],
)
def test_r_mo_li_by_value(value: str, expected: str) -> None:
    assert level("lithium", LITHIUM, value) == expected


def test_r_mo_li_in_words() -> None:
    words = "Lithium can be toxic at this level: reach the person today; symptoms count at any level."
    expected = f"Lithium level 1.6 mmol/L: critically high (1.5 or more). {words}"
    assert said("lithium", LITHIUM, "1.6") == [("critical", expected)]


@pytest.mark.parametrize(
    ("value", "expected", "ben"),
    [
        ("1500", "", ""), ("1499", "watch", ""), ("1000", "watch", ""), ("999", "critical", "critical"),
        ("500", "critical", "critical"), ("499", "critical", "critical"), ("0", "critical", "critical"),
    ],
)  # fmt: skip
def test_r_mo_clz_the_table_and_the_one_for_benign_ethnic_neutropenia(value: str, expected: str, ben: str) -> None:
    assert level("clozapine", ANC, value) == expected
    assert level("clozapine", ANC, value, ben=True) == ben


@pytest.mark.parametrize(
    ("value", "ben", "words"),
    [
        ("1350", False, "mild neutropenia. Continue. Three times a week until 1500"),
        ("700", False, "moderate neutropenia. Interrupt"), ("300", False, "severe neutropenia. Stop"),
        ("700", True, "neutropenia. Continue, hematology advice."), ("300", True, "severe neutropenia. Stop"),
    ],
)  # fmt: skip
def test_r_mo_clz_its_actions(value: str, ben: bool, words: str) -> None:
    ((_, sentence),) = said("clozapine", ANC, value, ben=ben)
    assert words in sentence
    assert sentence.endswith("Confirm within 24 hours.")


@pytest.mark.parametrize(
    ("value", "sex", "expected"),
    [
        ("449", "male", ""),
        ("450", "male", "watch"),
        ("450", "female", ""),
        ("470", "female", "watch"),
        ("500", "", "critical"),
    ],
)
def test_r_mo_cit_qtc(value: str, sex: str, expected: str) -> None:
    assert level("citalopram_qt", QTC, value, sex=sex) == expected


def test_r_mo_cit_says_that_it_stops() -> None:
    assert said("citalopram_qt", QTC, "510")[0][1].endswith(
        "Repeat the ECG; the medicine stops where QTc stays so long."
    )


def test_liver_tests_by_the_laboratorys_upper_limit_r_mo_vpa() -> None:
    for value, expected in (("79", "watch"), ("80", "watch"), ("119", "watch"), ("120", "critical"), ("40", "")):
        assert level("valproate", "1742-6", value, high=Decimal(40)) == expected
    assert level("valproate", "1742-6", "500") == ""


def test_a_positive_test_alerts_and_a_negative_one_does_not() -> None:
    for words, expected in (
        ("positive", "critical"),
        ("Negative", ""),
        ("not positive", ""),
        ("weakly positive", "critical"),
    ):
        assert level("valproate", "2106-3", None, words=words) == expected


def test_weight_five_percent_above_the_first_r_mo_sga() -> None:
    for kilos, expected in (("83.9", ""), ("84", "watch")):
        weights = [reading(-1, "80"), reading(60, kilos)]
        assert level("metabolic", WEIGHT, kilos, weights=weights, start=day(0)) == expected


def test_pulse_and_pressure_with_stimulants_r_mo_stim() -> None:
    assert level("stimulant_vitals", "8867-4", "100") == "watch"
    assert level("stimulant_vitals", "8480-6", "139") == ""
    assert level("stimulant_vitals", "8480-6", "140") == "watch"


def test_aims_asks_for_a_work_up_r_mo_aims() -> None:
    assert [alerts.movements(one) for one in ([0, 3, 0], [2, 1, 2], [2, 1, 1], [0] * 7 + [4], [None, 3])] == [
        True, True, False, False, True,
    ]  # fmt: skip


def test_a_toxic_level_is_an_urgent_task_of_the_prescriber_and_plain_words_for_the_therapist(cast: Cast) -> None:
    on_lithium(cast.ana, cast.priya)
    row = result(cast.ana, LITHIUM, "1.6", number=7, by=cast.tess)
    task = Task.objects.get(kind="monitoring.alert")
    assert (task.for_user, task.urgent, task.object_id, task.patient) == (cast.priya, True, row.pk, cast.ana)
    assert task.sentence.startswith("Lithium level 1.6 mmol/L: critically high")
    assert row.level == "critical"
    assert row.alerts[0]["plain"].startswith("The lithium level is far too high. ")
    assert "shaking" in row.alerts[0]["plain"].lower()
    assert (row.alerts[0]["confidence"], row.alerts[0]["rule"]) == ("high", "R-MO-LI")


def test_a_prescriber_answers_once_and_the_task_is_over(cast: Cast) -> None:
    on_lithium(cast.ana, cast.priya)
    row = result(cast.ana, LITHIUM, "1.6", number=7, by=cast.tess)
    with clock.at(moment(7, "12:00")):
        with refused("Only a prescriber"):
            actions.handle(row, words="Held.", by=cast.tess)
        with refused("Write what is done"):
            actions.handle(row, words=" ", by=cast.priya)
        actions.handle(row, words="On hold, level again tomorrow.", by=cast.priya)
        with refused("answered already"):
            actions.handle(row, words="Again.", by=cast.priya)
    row.refresh_from_db()
    assert (row.handled_by, row.handled_words) == (cast.priya, "On hold, level again tomorrow.")
    assert Task.objects.get(kind="monitoring.alert").outcome == "answered"
    assert AuditEvent.objects.filter(what="monitoring.handle", actor_id=cast.priya.pk).count() == 1


def test_what_says_nothing_asks_for_no_answer(cast: Cast) -> None:
    on_lithium(cast.ana, cast.priya)
    row = result(cast.ana, LITHIUM, "0.8", number=7, by=cast.tess)
    assert not Task.objects.filter(kind="monitoring.alert").exists()
    with refused("Nothing in this result"):
        actions.handle(row, words="Fine.", by=cast.priya)


def test_without_a_prescriber_the_whole_team_is_asked(cast: Cast) -> None:
    on_lithium(cast.ana, cast.priya)
    cast.priya.role_grants.update(ended_at=clock.now(), ended_by=cast.max)
    result(cast.ana, LITHIUM, "1.6", number=7, by=cast.tess)
    assert set(Task.objects.filter(kind="monitoring.alert").values_list("for_user", flat=True)) == {
        cast.tess.pk, cast.priya.pk,
    }  # fmt: skip


def test_entered_in_error_ends_its_task(cast: Cast) -> None:
    on_lithium(cast.ana, cast.priya)
    row = result(cast.ana, LITHIUM, "1.6", number=7, by=cast.tess)
    with clock.at(moment(8)):
        actions.retract(row, reason="Another person's.", by=cast.tess)
        with refused("entered in error"):
            actions.handle(Result.objects.get(pk=row.pk), words="Held.", by=cast.priya)
    assert Task.objects.get(kind="monitoring.alert").outcome == "entered in error"


def test_the_persons_own_medicines_decide(cast: Cast) -> None:
    """A pulse of 105 is high with a stimulant (100), not with clozapine (110)."""
    on("clozapine", 25, cast.ana, cast.priya)
    assert result(cast.ana, "8867-4", "105", number=1, by=cast.priya).level == ""
    on("methylphenidate", 10, cast.ben, cast.paul)
    assert result(cast.ben, "8867-4", "105", number=1, by=cast.paul).level == "watch"
