"""Configuration holds from a day on; the past stays, nonsense is refused, every change is audited (CFG in RULES)."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from clinic import clock
from clinic.audit.models import AuditEvent
from clinic.practice import actions, config, queries
from clinic.refusal import Refused
from tests.cast import Cast, at, client

TODAY = at("2026-11-24 09:00")


def test_a_value_holds_from_its_day_on(cast: Cast) -> None:
    with clock.at(TODAY):
        actions.configure("plan_review_days", 60, effective_from=date(2026, 12, 1), reason="payer asks", by=cast.max)
    assert config.value("plan_review_days", date(2026, 11, 30)) == 90
    assert config.value("plan_review_days", date(2026, 12, 1)) == 60
    assert config.values(date(2026, 12, 1))["plan_review_days"] == 60


def test_the_later_word_counts_for_the_same_day(cast: Cast) -> None:
    with clock.at(TODAY):
        actions.configure("plan_review_days", 60, effective_from=date(2026, 11, 24), reason="one", by=cast.max)
    with clock.at(at("2026-11-24 10:00")):
        actions.configure("plan_review_days", 45, effective_from=date(2026, 11, 24), reason="two", by=cast.max)
    assert config.value("plan_review_days", date(2026, 11, 24)) == 45


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("no_such_key", 1, "There is no such setting."),
        ("plan_review_days", 6, "Write a number from 7 to 366."),
        ("plan_review_days", True, "Write whole numbers."),
        ("plan_review_days", "60", "Write whole numbers."),
        ("reminder_offsets_days", [], "Write at least one number."),
        ("reminder_offsets_days", [3, 3], "One number is written twice. Write each once."),
        ("monitoring_prolactin", "x", "Choose one of these: when symptoms suggest it, at the start and yearly."),
        ("reminder_window", ["07:00", "21:00"], "Messages may leave between 08:00 and 21:00 only (R-RE-05)."),
        ("schedule_v_as_iii", 1, "Answer yes or no."),
        ("telehealth_cs_until", "soon", "Write a date, such as 2026-12-31."),
    ],
)
def test_nonsense_is_refused_in_a_sentence(cast: Cast, key: str, value: Any, sentence: str) -> None:
    with clock.at(TODAY), pytest.raises(Refused) as refused:
        actions.configure(key, value, effective_from=date(2026, 11, 24), reason="x", by=cast.max)
    assert refused.value.sentence == sentence


def test_the_past_is_not_changed(cast: Cast) -> None:
    with clock.at(TODAY), pytest.raises(Refused):
        actions.configure("plan_review_days", 60, effective_from=date(2026, 11, 23), reason="x", by=cast.max)


def test_a_change_is_audited_with_its_reason(cast: Cast) -> None:
    with clock.at(TODAY):
        actions.configure("plan_review_days", 60, effective_from=date(2026, 12, 1), reason="payer asks", by=cast.max)
    event = AuditEvent.objects.get(what="practice.configured")
    assert (event.actor_id, event.why) == (cast.max.pk, "payer asks")
    assert event.detail == {"key": "plan_review_days", "value": 60, "from": "2026-12-01"}


def test_the_page_keeps_what_was_typed_and_says_what_is_wrong(cast: Cast) -> None:
    answer = client(cast.max).post(
        "/practice/configuration/plan_review_days/",
        {"value": "often", "effective_from": "2030-01-01", "reason": "asked by the payer"},
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Write a whole number of days from 7 to 366." in page
    assert 'value="often"' in page
    assert 'value="asked by the payer"' in page


def test_the_page_saves(cast: Cast) -> None:
    answer = client(cast.max).post(
        "/practice/configuration/reminder_offsets_days/",
        {"value": "5, 2, 1", "effective_from": "2030-01-01", "reason": "fewer missed visits"},
    )
    assert answer.status_code == 302
    assert config.value("reminder_offsets_days", date(2030, 1, 1)) == [5, 2, 1]


def test_all_values_come_in_one_query(cast: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert len(queries.configured(date(2026, 11, 24))) == len(config.KEYS)


@pytest.mark.parametrize(
    ("key", "default"),
    [
        ("reminder_offsets_days", [3, 1]),  # R-RE-06
        ("telehealth_cs_until", "2026-12-31"),  # R-RX-09
        ("plan_review_days", 90),  # R-TP-06
        ("emergency_minutes", 60),  # R-HS-02
        ("schedule_v_as_iii", True),  # R-RX-04
        ("bridge_days", 30),  # R-RX-13
        ("epcs_percent", 70),  # R-RX-08
    ],
)
def test_what_holds_before_anybody_decides(cast: Cast, key: str, default: Any) -> None:
    assert config.value(key, date(2026, 11, 24)) == default


def test_a_day_that_is_a_slip_of_the_pen_is_refused(cast: Cast) -> None:
    with clock.at(TODAY), pytest.raises(Refused, match="more than five years ahead"):
        actions.configure("plan_review_days", 60, effective_from=date(9999, 12, 31), reason="x", by=cast.max)


def test_what_is_one_of_some_is_chosen_by_its_words(cast: Cast) -> None:
    """Nobody types a code of the data: they stand behind words, in the form and in the list."""
    manager = client(cast.max)
    form = manager.get(reverse("practice:setting", args=["monitoring_prolactin"])).content.decode()
    assert '<option value="BASELINE_AND_YEARLY">at the start and yearly</option>' in form
    yes = manager.get(reverse("practice:setting", args=["monitoring_optional"])).content.decode()
    assert '<option value="no" selected>no</option>' in yes
    page = manager.get(reverse("practice:configuration")).content.decode()
    assert "when symptoms suggest it" in page
    assert "SYMPTOMS" not in page


def test_two_values_ahead_stand_apart(cast: Cast) -> None:
    with clock.at(TODAY):
        for month, days in ((12, 60), (12, 45)):
            day = date(2026, month, days // 3)
            actions.configure("plan_review_days", days, effective_from=day, reason="x", by=cast.max)
        page = client(cast.max).get(reverse("practice:configuration")).content.decode()
    assert "45 from Dec 15, 2026; 60 from Dec 20, 2026" in page
