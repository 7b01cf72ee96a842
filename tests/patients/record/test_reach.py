"""Changing a person, and how they are reached: consent for one number, kept with its words, ended at once."""

from datetime import date
from typing import Any

import pytest
from django.db import InternalError, transaction

from clinic.refusal import Conflict, Refused
from patients.record import actions, queries
from patients.record.consent import CONSENT_TEXT, WORDS
from patients.record.models import MessageConsent, Patient
from tests.cast import BEGINNING, Cast
from tests.refused import refused_by

pytestmark = pytest.mark.django_db


def rows(cast: Cast) -> list[tuple[str, str]]:
    return [
        (c.channel, c.revoked_how) for c in MessageConsent.objects.filter(patient=cast.ana).order_by("given_at", "id")
    ]


def test_a_choice_is_kept_with_who_when_and_the_words(cast: Cast) -> None:
    """R-RE-02."""
    assert queries.channel(cast.ana.pk) == "none"
    given = actions.choose_channel(cast.ana, channel="text", by=cast.fran)
    assert (given.given_by, given.text_version, given.given_at is not None) == (cast.fran, CONSENT_TEXT, True)
    assert CONSENT_TEXT in WORDS
    assert queries.channel(cast.ana.pk) == "text"


def test_another_choice_replaces_it(cast: Cast) -> None:
    """R-HP-09: one channel at a time, the newest."""
    actions.choose_channel(cast.ana, channel="text", by=cast.fran)
    actions.choose_channel(cast.ana, channel="email", by=cast.fran)
    actions.choose_channel(cast.ana, channel="email", by=cast.fran)
    assert rows(cast) == [("text", "changed"), ("email", "")]


@pytest.mark.parametrize("how", ["text", "desk"])
def test_stopping_is_at_once_and_twice_is_once(cast: Cast, how: str) -> None:
    """R-RE-03."""
    actions.choose_channel(cast.ana, channel="text", by=cast.fran)
    actions.revoke_messages(cast.ana, how=how, by=None)
    actions.revoke_messages(cast.ana, how=how, by=None)
    assert rows(cast) == [("text", how)]
    assert queries.channel(cast.ana.pk) == "none"


@pytest.mark.parametrize(("channel", "field"), [("text", "phone"), ("email", "email")])
def test_no_number_no_consent(cast: Cast, channel: str, field: str) -> None:
    """R-RE-02."""
    actions.change(cast.ana, by=cast.fran, **{field: ""})
    with pytest.raises(Refused, match="first"):
        actions.choose_channel(cast.ana, channel=channel, by=cast.fran)


def test_consent_ends_with_the_number_it_was_given_for(cast: Cast) -> None:
    """R-RE-02: another number needs another consent, which the form asks for in the same breath."""
    actions.choose_channel(cast.ana, channel="text", by=cast.fran)
    actions.change(cast.ana, by=cast.fran, email="other@example.org", phone="+15035550101")
    assert queries.channel(cast.ana.pk) == "text"
    actions.change(cast.ana, by=cast.fran, phone="503 555 0188")
    assert (queries.channel(cast.ana.pk), rows(cast)) == ("none", [("text", "changed")])
    actions.change(cast.ana, by=cast.fran, phone="503 555 0189", channel="text")
    assert queries.channel(cast.ana.pk) == "text"


def test_a_change_keeps_what_searching_needs(cast: Cast) -> None:
    actions.change(cast.ana, by=cast.fran, family_name="Müller-Quiroga", preferred_name="", phone="(541) 555-0120")
    row = Patient.objects.get(pk=cast.ana.pk)
    assert (row.search_text, row.phone_digits) == ("muller quiroga ana", "15415550120")


def test_who_changes_what_somebody_changed_meanwhile_is_told(cast: Cast) -> None:
    seen = queries.fingerprint(cast.ana)
    actions.change(cast.ana, by=cast.fran, city="Bend", based_on=seen)
    with pytest.raises(Conflict, match="meanwhile"):
        actions.change(cast.ana, by=cast.fran, city="Salem", based_on=seen)
    assert Patient.objects.get(pk=cast.ana.pk).city == "Bend"


@pytest.mark.parametrize(
    "fields",
    [{"born_on": date(2999, 1, 1)}, {"given_name": ""}, {"phone": "1"}, {"email": "x"}, {"contact_note": "y" * 301}],
)
def test_changes_that_cannot_be(cast: Cast, fields: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        actions.change(cast.ana, by=cast.fran, **fields)


def test_only_fields_of_a_person_are_changed_here(cast: Cast) -> None:
    with pytest.raises(ValueError, match="allergies"):
        actions.change(cast.ana, by=cast.fran, allergies="none_known")


def test_the_history_keeps_every_name(cast: Cast) -> None:
    actions.change(cast.ana, by=cast.fran, family_name="Reyes")
    events = cast.ana.events.order_by("pgh_id")  # type: ignore[attr-defined]
    assert [row.family_name for row in events] == ["Quiroga", "Reyes"]
    with pytest.raises(InternalError), transaction.atomic():
        events.update(family_name="x")


def test_what_the_database_refuses(cast: Cast) -> None:
    given = actions.choose_channel(cast.ana, channel="text", by=cast.fran)
    made = {"patient": cast.ana, "text_version": "x", "given_at": BEGINNING}
    with refused_by("consent_one_live_per_patient"):
        MessageConsent.objects.create(channel="email", **made)
    with refused_by("consent_channel_known"):
        MessageConsent.objects.create(channel="pigeon", revoked_at=BEGINNING, revoked_how="x", **made)
    with refused_by("consent_revoked_somehow"):
        MessageConsent.objects.filter(pk=given.pk).update(revoked_at=BEGINNING)
    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        MessageConsent.objects.filter(pk=given.pk).update(channel="email")
