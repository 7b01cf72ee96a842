"""The demo's refill desk: the job ran this morning, three were signed since; two patients asked for a call."""

from collections.abc import Sequence

from clinic.demo import Demo
from clinic.refusal import Refused
from medications.pharmacies import demo as pharmacies
from medications.refills import actions, gates, queries
from medications.refills.models import RefillRequest

WHY = "Talked through at the last visit, the next one is arranged by telephone."


def load(demo: Demo) -> str:
    """Open what is due, as the nightly job does; one approved refill left, one came back, one is for the module."""
    pharmacies.let_leave(demo)
    with demo.at(demo.today, 4, 10):
        counts = actions.open_due(demo.today)
    rows = list(RefillRequest.objects.filter(state="requested").select_related("prescription__drug"))
    plain = [row for row in rows if row.prescription.drug and not row.prescription.drug.schedule]
    listed = [row for row in rows if row.prescription.drug and row.prescription.drug.schedule in ("III", "IV")]
    _approve(demo, plain[3:], 7, 30)
    demo.afterwards[:] = [pharmacies.comes_back]
    _approve(demo, plain[7:], 7, 40)
    demo.afterwards.clear()
    _approve(demo, listed, 7, 50)
    with demo.at(demo.today, 8, 40):
        for key in ("priyanka", "amara"):
            actions.ask_for_call(demo.patients[key], words="reach in the afternoon", by=demo.users["fd_kealoha"])
    return f"{counts['opened']} refill requests"


def _approve(demo: Demo, rows: Sequence[RefillRequest], hour: int, minute: int) -> None:
    """The first of these that can be approved, by a prescriber of its patient."""
    for row in rows:
        member = queries.deciders([row.patient_id]).first()
        if member is None or gates.refused(row.gates):
            continue
        try:
            with demo.at(demo.today, hour, minute):
                actions.approve(row, reasons=dict.fromkeys((gate["gate"] for gate in row.gates), WHY), by=member.user)
        except Refused:
            continue
        return
