"""The demo's patients: registered, with contacts, consent, diagnoses, allergies, medical facts and care team."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from clinic import clock
from clinic.demo import Demo, data
from patients.record import actions
from patients.record.enums import (
    FACT_GROUPS,
    AllergyKind,
    ContactChannel,
    FactAnswer,
    FactKey,
    ReadingKind,
    TeamRole,
)
from patients.record.models import Patient

LANGUAGES = {"en": "English", "es": "Spanish"}
# Everyone whose chart says nothing of it was asked and knows none, but every seventh was never asked.
ALLERGIES = {
    "maren": ("penicillin", AllergyKind.SUBSTANCE, "hives"),
    "babatunde": ("sulfonamides", AllergyKind.SUBSTANCE, "rash"),
    "shirin": ("codeine", AllergyKind.SUBSTANCE, "nausea"),
    "henrike": ("shellfish", AllergyKind.SUBSTANCE, "swelling of the lips"),
}
UNTOLD = (FactKey.HLA_B1502, FactKey.CYP2C19_POOR)  # no laboratory has told
SEX = {"she/her": "female", "he/him": "male"}


def load(demo: Demo) -> str:
    """Sixty patients, registered when their course began."""
    for number, row in enumerate(data()["patients"]):
        _register(demo, row, number)
    return f"{len(demo.patients)} patients"


def began(demo: Demo, row: dict[str, Any]) -> date:
    """The day on which a patient of the data came first."""
    story = next((one for one in data()["stories"] if row["key"] in one["patients"]), None)
    if story:
        return demo.day(story["start_date"], 0)
    weeks = max((score["weeks_ago"] for score in row.get("phq9_recent", [])), default=20)
    return demo.today - timedelta(weeks=weeks, days=demo.today.weekday())


def _register(demo: Demo, row: dict[str, Any], number: int) -> None:
    desk = demo.users["fd_kealoha"]
    therapist = demo.users[row["therapist"]]
    with demo.at(began(demo, row) - timedelta(days=5), 9, 30):
        patient = actions.register(
            given_name=row["given"], family_name=row["family"] or row["given"], born_on=date.fromisoformat(row["born"]),
            site=therapist.site, by=desk, preferred_name=row["goes_by"] or "", pronouns=row["pronouns"],
            sex=SEX.get(row["pronouns"], ""), phone=row["phone"], email=row["email"],
            address_line=row["address"]["line"], city=row["address"]["city"], state=row["address"]["state"],
            zip_code=row["address"]["zip"], time_zone=row["time_zone"], language=row["language_name"],
            interpreter=row["interpreter"] or "", contact_note=row["contact_note"] or "",
        )  # fmt: skip
        demo.patients[row["key"]] = patient
        actions.choose_channel(patient, channel=_channel(row["reminders"]), by=desk)
        actions.add_to_team(patient, therapist, TeamRole.THERAPIST, by=therapist)
        if row["prescriber"]:
            actions.add_to_team(patient, demo.users[row["prescriber"]], TeamRole.PRESCRIBER, by=therapist)
    with demo.at(began(demo, row), 9, 45):
        _clinical(demo, row, patient, number)


def _channel(choice: dict[str, Any]) -> ContactChannel:
    if choice["sms"]:
        return ContactChannel.TEXT
    return ContactChannel.EMAIL if choice["email"] else ContactChannel.NONE


def _clinical(demo: Demo, row: dict[str, Any], patient: Patient, number: int) -> None:
    therapist = demo.users[row["therapist"]]
    for code in row["diagnoses"]:
        actions.add_condition(patient, code=code, since=began(demo, row), by=therapist)
    if row["key"] in ALLERGIES:
        name, kind, reaction = ALLERGIES[row["key"]]
        actions.record_allergy(patient, kind=kind, name=name, reaction=reaction, by=therapist)
    elif number % 7:
        actions.no_known_allergies(patient, by=therapist)
    asker = demo.users[row["prescriber"] or row["therapist"]]
    if row["prescriber"] and number % 5:
        asked = [
            key for name, keys in FACT_GROUPS.items() for key in keys
            if (name != "Pregnancy" or patient.sex != "male") and key not in UNTOLD and (number + len(key)) % 11
        ]  # fmt: skip
        answers = {str(key): (str(_answer(row, key)), "") for key in asked}
        actions.record_facts(patient, answers=answers, by=asker)
        _measured(patient, number, asker)


def _measured(patient: Patient, number: int, asker: Any) -> None:
    """Weight and blood pressure, as a prescriber takes them at the first visit."""
    today = clock.today(patient.zone)
    for kind, value, lower in (
        (ReadingKind.WEIGHT, Decimal(58 + number * 7 % 41), None),
        (ReadingKind.PRESSURE, Decimal(112 + number * 5 % 27), Decimal(70 + number * 3 % 17)),
    ):
        actions.record_reading(patient, kind=kind, value=value, lower=lower, taken_on=today, by=asker)


def _answer(row: dict[str, Any], key: str) -> FactAnswer:
    yes = {
        ("priyanka", FactKey.PREGNANT), ("damico", FactKey.BREASTFEEDING), ("saoirse", FactKey.EATING_DISORDER),
        ("ottilie", FactKey.EATING_DISORDER), ("maren", FactKey.COULD_BECOME_PREGNANT),
        ("babatunde", FactKey.SMOKING), ("desmond", FactKey.ALCOHOL), ("eleanor", FactKey.HIGH_PRESSURE),
        ("henrike", FactKey.THYROID), ("lukasz", FactKey.SMOKING),
    }  # fmt: skip
    return FactAnswer.YES if (row["key"], key) in yes else FactAnswer.NO
