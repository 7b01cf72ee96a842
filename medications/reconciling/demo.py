"""The demo's lists of medicines: gone through with most patients, some take something otherwise than ordered."""

from datetime import timedelta

from clinic import clock
from clinic.demo import Demo, data
from medications.reconciling import actions, queries
from medications.reconciling.actions import Said
from medications.reconciling.enums import Answer

AGO = 9  # days
NEVER = 4  # every fourth list was never gone through
OTHERWISE = {
    1: (Answer.DIFFERENTLY, "Half a tablet on workdays, because of the tiredness."),
    5: (Answer.STOPPED, "None since the weekend: the box is empty and the pharmacy was closed."),
    6: (Answer.UNKNOWN, ""),
}  # by the number of the patient


def load(demo: Demo) -> str:
    """Of those who have something on the list, three of four; a few answers wait for the prescriber."""
    count = 0
    for number, person in enumerate(data()["patients"]):
        patient = demo.patients.get(person["key"])
        if patient is None or not person["prescriber"] or number % NEVER == NEVER - 1:
            continue
        with demo.at(demo.today - timedelta(days=AGO), 11, 20):
            listed = queries.listed(patient.pk, clock.today(patient.zone))
            if not listed:
                continue
            said = {one.row.pk: Said(one.base, Answer.CONFIRMED) for one in listed}
            answer, words = OTHERWISE.get(number % 11, (Answer.CONFIRMED, ""))
            said[listed[0].row.pk] = Said(listed[0].base, answer, words)
            actions.go_through(patient, said=said, after=None, by=demo.users[person["prescriber"]])
            count += 1
    return f"{count} lists gone through"
