"""The demo's vigilance: every order checked, a fact told since, what came of it, and one check tuned."""

from datetime import timedelta

from clinic.demo import Demo
from medications.safety import actions as safety
from medications.vigilance import actions
from patients.record import actions as record


def load(demo: Demo) -> str:
    """Two nights: everything in the first; in the second what a therapist was told in between."""
    with demo.at(demo.today - timedelta(days=2), 3, 30):
        first = actions.recheck()
    with demo.at(demo.today - timedelta(days=1), 15):
        patient = demo.patients["rosalind"]
        record.record_fact(
            patient, key="liver", answer="yes", note="fatty liver, from the family doctor",
            by=patient.care_team.order_by("starts_at")[0].user,
        )  # fmt: skip
        patient = demo.patients["maren"]
        record.record_fact(
            patient, key="alcohol", answer="yes", note="two glasses at weekends", by=demo.users["rx_nguyen"]
        )
        safety.lower("IX-065", reason="We titrate by the table of the label in every case.", by=demo.users["rx_nguyen"])
    with demo.at(demo.today, 3, 30):
        second = actions.recheck()
    return f"{first['checked']} orders checked, {first['found'] + second['found']} findings since they were signed"
