"""The demo's patients: registered, with contacts, consent, diagnoses, allergies, medical facts and care team."""

from datetime import date, timedelta
from typing import Any

from clinic.demo import Demo, data
from patients.record import actions
from patients.record.enums import AllergyKind, ContactChannel, FactAnswer, FactKey, TeamRole
from patients.record.models import Patient

LANGUAGES = {"en": "English", "es": "Spanish"}
# Everyone whose chart says nothing of it was asked and knows none, but every seventh was never asked.
ALLERGIES = {
    "maren": ("penicillin", AllergyKind.SUBSTANCE, "hives"),
    "babatunde": ("sulfonamides", AllergyKind.SUBSTANCE, "rash"),
    "shirin": ("codeine", AllergyKind.SUBSTANCE, "nausea"),
    "henrike": ("shellfish", AllergyKind.SUBSTANCE, "swelling of the lips"),
}
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
        answers = {key: (str(_answer(row, key)), "") for key in FactKey.values if _concerns(patient, key)}
        actions.record_facts(patient, answers=answers, by=asker)


def _concerns(patient: Patient, key: str) -> bool:
    of_women = (FactKey.PREGNANT, FactKey.COULD_BECOME_PREGNANT, FactKey.BREASTFEEDING)
    return key not in of_women or patient.sex != "male"


def _answer(row: dict[str, Any], key: str) -> FactAnswer:
    yes = {
        ("priyanka", FactKey.PREGNANT), ("damico", FactKey.BREASTFEEDING), ("saoirse", FactKey.EATING_DISORDER),
        ("ottilie", FactKey.EATING_DISORDER), ("maren", FactKey.COULD_BECOME_PREGNANT),
    }  # fmt: skip
    return FactAnswer.YES if (row["key"], key) in yes else FactAnswer.NO
