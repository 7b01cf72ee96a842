"""The cast with something in every room, made by the product's own actions: what sweeping tests open, send and read.

Now is Monday March 2, 2026, 10:20: Ana has arrived for Tess at ten and is booked with Priya after that.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from clinic import clock
from clinic.outbox import actions as outbox
from clinic.outbox.enums import State
from clinic.outbox.models import LocalDelivery, OutboxItem
from clinic.practice import actions as practice
from clinic.rows import new_id
from clinic.staff import actions as staff
from clinic.staff.enums import Role
from medications.controlled import actions as controlled
from medications.injections import actions as injections
from medications.monitoring import actions as monitoring
from medications.monitoring.knowledge import key_of
from medications.pharmacies import actions as pharmacies
from medications.pharmacies.backends import Receipt
from medications.pharmacies.models import InboundMessage, Transmission
from medications.prescribing import actions as prescribing
from medications.prescribing.models import Prescription
from medications.reconciling import actions as reconciling
from medications.refills import actions as refills
from medications.refills.models import RefillRequest
from medications.safety import actions as safety
from medications.tapers import actions as tapers
from medications.tapers.models import ReturnReview
from medications.vigilance import actions as vigilance
from medications.vigilance.models import LateFinding
from medications.visits import actions as visits
from patients.chart import actions as chart
from patients.handoffs import actions as handoffs
from patients.inbox import queries as inbox
from patients.measures import actions as measures
from patients.measures import desk
from patients.notes import actions as notes
from patients.plan import actions as plan
from patients.plan.models import PlanVersion
from patients.record import actions as record
from patients.record.enums import FactKey
from patients.risk import actions as risk
from patients.risk.models import RiskFlag
from patients.scheduling import actions as scheduling
from patients.scheduling.models import Attendance
from tests.cast import Cast, at
from tests.medications.pharmacies.given import DETAILS
from tests.medications.prescribing.given import changed, monthly, regimen, started, supply
from tests.medications.reconciling.given import said
from tests.medications.tapers.given import planned
from tests.patients.plan.plans import fresh
from therapy.sessions import actions as sessions

NOW = at("2026-03-02 10:20")
# What of Ana's only those who treat her may read (R-HP-08); each stands on a page of a clinician.
SECRETS = (
    "sertraline", "escitalopram", "Ibuprofen", "Penicillin", "low mood", "lighthouse", "bridge alone", "depressive",
    "PHQ-9", "Nausea in week one", "Lost her job", "not want to live", "Sodium 128",
)  # fmt: skip


class Everything(dict[str, prescribing.Override]):
    """The same reason, whatever is found."""

    def get(self, key: str, default: Any = None) -> Any:
        """Always that reason."""
        return prescribing.Override("benefit", "Discussed, and watched closely.")


@dataclass
class Furnished:
    """The cast, and every row by its name: `f.rows.session`, `f.rows.draft`, …"""

    cast: Cast
    rows: Any = field(default_factory=SimpleNamespace)


def furnish(cast: Cast) -> Furnished:
    """Something in every room. The clock stands where it stood before."""
    f = Furnished(cast)
    for build in (
        _practice,
        _record,
        _pharmacies,
        _plan,
        _medicines,
        _controlled,
        _monitoring,
        _ways,
        _held,
        _measures,
        _tapers,
        _today,
        _between,
        _outbox,
    ):
        build(f, cast, f.rows)
    return f


def moment(text: str) -> Any:
    """The clock stands there inside the block."""
    return clock.at(at(text))


def _practice(f: Furnished, cast: Cast, rows: Any) -> None:
    TOTP.activate(cast.olga, generate_totp_secret())
    RecoveryCodes.activate(cast.olga)
    with moment("2026-01-05 08:00"):
        by, day = cast.max, timedelta(days=1)
        rows.closure = practice.close_on(cast.site, on=date(2026, 12, 25), reason="Winter holiday", by=by)
        practice.configure("bridge_days", 20, effective_from=date(2026, 1, 6), reason="Agreed in January", by=by)
        rows.licence, rows.hours = cast.theo.licences.get(), cast.theo.working_hours.order_by("weekday")[0]
        begin = at("2026-04-06 00:00")
        rows.absence = staff.add_absence(
            cast.theo, starts_at=begin, ends_at=begin + 5 * day, reason="leave", covered_by=cast.tess, by=by
        )
        rows.duty = staff.put_on_call(
            cast.paul, starts_at=at("2026-03-01 17:00"), ends_at=at("2026-03-02 17:00"), by=by
        )
        rows.invitation, rows.token = staff.invite(
            email="nora@example.com", given_name="Nora", family_name="Lindqvist", roles=[Role.FRONT_DESK],
            site=cast.site, by=by,
        )  # fmt: skip


def _record(f: Furnished, cast: Cast, rows: Any) -> None:
    ana = cast.ana
    with moment("2026-01-05 09:00"):
        record.choose_channel(ana, channel="text", by=cast.fran)
        rows.allergy = record.record_allergy(ana, kind="ingredient", name="Penicillin", reaction="rash", by=cast.tess)
        rows.condition = record.add_condition(ana, code="F33.1", since=date(2025, 11, 1), by=cast.tess)
        asked = dict.fromkeys(FactKey.values, ("no", ""))
        rows.fact = record.record_facts(ana, answers=asked, by=cast.priya)[-1]
        rows.reading = record.record_reading(
            ana, kind="pressure", value=Decimal(124), lower=Decimal(78), taken_on=date(2026, 1, 5), by=cast.priya
        )
        rows.event = chart.add_event(ana, words="Lost her job at the harbour", on=date(2025, 12, 1), by=cast.tess)
        rows.member = record.add_to_team(ana, cast.theo, "cover", ends_at=at("2026-06-01 00:00"), by=cast.tess)


def _pharmacies(f: Furnished, cast: Cast, rows: Any) -> None:
    with moment("2026-01-05 09:30"):
        rows.pharmacy = pharmacies.save_pharmacy(by=cast.max, **DETAILS)
        pharmacies.take_in(b"<Message/>")
        rows.message = InboundMessage.objects.get()
        pharmacies.choose(cast.ana, pharmacy=rows.pharmacy, by=cast.fran)
    with moment("2026-01-20 09:30"):
        other = pharmacies.save_pharmacy(by=cast.fran, **DETAILS | {"name": "Bridgetown Drug", "ncpdp_id": ""})
        pharmacies.choose(cast.ana, pharmacy=other, by=cast.fran)


def leave(trouble: str = "") -> None:
    """What waits leaves; or comes back."""
    for row in Transmission.objects.filter(state="waiting"):
        with clock.at(row.leaves_at):
            begun = pharmacies.begin(row)
            assert isinstance(begun, Transmission)
            if trouble:
                pharmacies.come_back(begun, trouble, by=None)
            else:
                pharmacies.arrived(begun, Receipt("printed"), by=None)


def _ways(f: Furnished, cast: Cast, rows: Any) -> None:
    """One prescription in each state: failed, filled, for the module, discontinued on paper; one just signed."""
    ana, priya = cast.ana, cast.priya

    def way(drug: str, strength: str, **more: Any) -> Transmission:
        order = started(ana, by=priya, regimen=regimen(drug, strength), answers=Everything(), **more)
        return Transmission.objects.get(authorisation__order=order)

    with moment("2026-02-20 11:00"):
        rows.failed = way("buspirone", "10")
        leave("The fax line did not answer.")
        rows.listed = way("lorazepam", "0.5")
        rows.filled = way("trazodone", "50")
        leave()
        prescribing.record_fill(
            rows.filled.authorisation.prescription, filled_on=date(2026, 2, 20), quantity=Decimal(30), days_supply=30,
            told_by="pharmacy", by=priya,
        )  # fmt: skip
        pharmacies.choose(ana, pharmacy=None, by=cast.fran)
        rows.discontinued = way("mirtazapine", "15")
        leave()
        pharmacies.choose(ana, pharmacy=rows.pharmacy, by=cast.fran)
        stopped = Prescription.objects.get(pk=rows.discontinued.authorisation.prescription_id)
        prescribing.stop(stopped, reason="Too sleepy.", answers=Everything(), by=priya)
    with clock.at(NOW - timedelta(seconds=4)):
        rows.waiting = way("hydroxyzine", "25")


def _plan(f: Furnished, cast: Cast, rows: Any) -> None:
    with moment("2026-01-05 10:00"):
        version = plan.draft(cast.ana, by=cast.tess)
        problem = plan.add_problem(
            version, title="Persistent low mood", goal_words="I want to see the lighthouse again.",
            condition=rows.condition, by=cast.tess,
        )  # fmt: skip
        plan.add_objective(
            problem, words="PHQ-9 under 5", owner="both", instrument="phq9", baseline=16, target=5,
            target_is_below=True, target_on=date(2026, 9, 1), by=cast.tess,
        )  # fmt: skip
        rows.objective = plan.add_objective(
            problem, words="Drives the bridge alone", owner="patient", unit="times a week", baseline=0, target=3,
            target_on=date(2026, 9, 1), by=cast.tess,
        ).objective  # fmt: skip
        plan.add_intervention(
            problem, arm="therapy", modality="cbt", frequency="weekly", duration="16 weeks", provider=cast.tess,
            by=cast.tess,
        )  # fmt: skip
        rows.arm = plan.add_intervention(problem, arm="medication", by=cast.tess).intervention
        rows.problem = problem.problem
        version = PlanVersion.objects.get(pk=version.pk)
        version = plan.save(
            version, based_on=version.revision, discharge_criteria="Eight weeks under five.", by=cast.tess
        )
    rows.unsigned = version


def _medicines(f: Furnished, cast: Cast, rows: Any) -> None:
    ana, priya = cast.ana, cast.priya
    with moment("2026-01-05 11:00"):
        started_on = date(2025, 10, 1)
        rows.reported = prescribing.report(
            ana, drug_text="Ibuprofen", origin="outside", sig_text="as needed", started_on=started_on, by=cast.tess
        )
        rows.order = prescribing.prescribe(
            ana, regimen=regimen(), supply=supply(refills=1), target_symptom="low mood", reason="Agreed together.",
            problem=rows.problem, answers=Everything(), by=priya,
        )  # fmt: skip
        rows.prescription = rows.order.prescription
        prescribing.link(rows.prescription, problem=rows.problem, intervention=rows.arm, by=priya)
        plan.sign(PlanVersion.objects.get(pk=rows.unsigned.pk), patient_agreed="agreed", by=cast.tess)
        rows.first_version = PlanVersion.objects.get(pk=rows.unsigned.pk)
    with moment("2026-01-30 11:00"):
        rows.order = changed(rows.prescription, by=priya, answers=Everything(), reason="Nausea in week one is gone.")
        held = started(ana, by=priya, regimen=regimen("escitalopram", 5), supply=supply(7, 7), answers=Everything())
        prescribing.hold(held.prescription, reason="Until the blood test is back.", by=priya)
        rows.held = held.prescription
    with moment("2026-02-03 12:00"):
        rows.loss = prescribing.record_loss(
            rows.prescription, lost_on=clock.today("UTC"), days=2, reason="Left on the bus.", by=cast.tess
        )
        rows.told_fill = prescribing.record_fill(
            rows.prescription, filled_on=date(2026, 2, 2), quantity=Decimal(30), days_supply=30, told_by="pharmacy",
            by=priya,
        )  # fmt: skip
    with moment("2026-02-25 04:10"):
        refills.open_due()
        rows.request = RefillRequest.objects.get(prescription=rows.prescription)
        rows.call = refills.ask_for_call(ana, words="Reach her after three.", by=cast.fran)


def _controlled(f: Furnished, cast: Cast, rows: Any) -> None:
    """A stimulant in a series, what was attested before it, and what came to stand against a signed order."""
    ana, priya = cast.ana, cast.priya
    with moment("2026-02-26 10:00"):
        rows.look_up = safety.look_up(ana, result="expected", by=priya)
        order = prescribing.prescribe(
            ana, regimen=regimen("methylphenidate", 10), supply=supply(), target_symptom="attention", seen="in_person",
            reason="Agreed together.", answers=Everything(), by=priya,
        )  # fmt: skip
        rows.stimulant_order, rows.stimulant = order, order.prescription
        rows.sleeper = started(
            ana,
            by=priya,
            regimen=regimen("zolpidem", 5, when="bedtime"),
            supply=supply(refills=1),
            answers=Everything(),
        ).authorisations.get()
        rows.exam = ana.in_person_exams.get()
        rows.series = controlled.write_series(
            rows.stimulant, supplies=[supply(), supply()], attested=True, answers=Everything(), by=priya
        )
        rows.certified = controlled.tell_certified(rows.series[0], status="signed", number="A-100", by=priya)
        rows.tuning = safety.lower("IX-065", reason="We titrate by the table anyway.", by=priya)
        vigilance.recheck()
    with moment("2026-02-26 15:00"):
        record.record_fact(ana, key="low_sodium", answer="yes", by=cast.tess)
    with moment("2026-02-27 03:30"):
        vigilance.recheck()
        rows.late = LateFinding.objects.filter(order=rows.order).first()


def _monitoring(f: Furnished, cast: Cast, rows: Any) -> None:
    """A low sodium without an answer, a circumstance, a file that waits and one that was imported."""
    ana, priya = cast.ana, cast.priya
    rows.question = key_of("suicidality_start", "Contact: mood, agitation, sleeplessness, suicidal thoughts")
    with moment("2026-02-12 11:00"):
        given = monitoring.Given("2951-2", clock.now() - timedelta(hours=2), Decimal(128), low=Decimal(135))
        rows.result = monitoring.record(ana, given=given, by=priya)
        monitoring.record(ana, given=monitoring.Given("2951-2", at("2026-01-12 09:00"), Decimal(139)), by=priya)
        rows.circumstance = monitoring.note(ana, key="poor_adherence", words="Nausea in week one.", by=cast.tess)
    head = "Record,Birth date,Test,Result,Unit,Collected\n"
    with moment("2026-02-13 11:00"):
        lines = (
            f"{ana.number},1990-05-17,Potassium,4.1,mmol/L,2026-02-12\n{ana.number},1990-05-17,Moon,1,x,2026-02-12\n"
        )
        rows.imported = monitoring.import_rows(monitoring.upload((head + lines).encode(), by=priya), by=priya)
        more = f"{ana.number},1990-05-17,Calcium,9.4,mg/dL,2026-02-12\n=1+1,1990-05-17,Moon,1,x,2026-02-12\n"
        rows.file = monitoring.upload((head + more).encode(), by=priya)


def booked(cast: Cast, *parts: scheduling.Part) -> list[Attendance]:
    """Ana's parts of one booking, in time."""
    booking = scheduling.book(patient=cast.ana, site=cast.site, parts=list(parts), by=cast.fran)
    return list(Attendance.objects.filter(segment__booking=booking).order_by("segment__starts_at"))


def part(who: Any, when: str, minutes: int, service: str) -> scheduling.Part:
    """A visit of `who` at a time in Portland."""
    begin: datetime = at(when)
    return scheduling.Part(who, service, begin, begin + timedelta(minutes=minutes))


def _held(f: Furnished, cast: Cast, rows: Any) -> None:
    """In February: a session and a medication visit, both signed; a visit not held."""
    with moment("2026-02-06 09:00"):
        first, second = booked(
            cast, part(cast.tess, "2026-02-09 10:00", 45, "therapy"),
            part(cast.priya, "2026-02-09 10:45", 30, "medication"),
        )  # fmt: skip
        (rows.missed,) = booked(cast, part(cast.tess, "2026-02-16 10:00", 45, "therapy"))
        (rows.ahead,) = booked(cast, part(cast.tess, "2026-03-16 10:00", 45, "therapy"))
    with moment("2026-02-09 10:00"):
        session = sessions.begin(cast.ana, by=cast.tess, attendance=first)
        parts = {"data": "She drove over the bridge alone.", "assessment": "Fear falls.", "plan": "Go on."}
        notes.save(session.note, parts=parts, based_on=session.note.revision, by=cast.tess)
        session = sessions.save(
            session, topic="The bridge alone, twice", objectives={rows.objective.pk: ("better", "twice")}, by=cast.tess
        )
        rows.homework = sessions.give_homework(
            session, kind="thought_record", words="The bridge alone at noon", by=cast.tess
        )
    with moment("2026-02-09 10:45"):
        rows.signed_session = sessions.sign(session, by=cast.tess)
        rows.note = rows.signed_session.note
        notes.add_addendum(rows.note, text="She called: three times now.", by=cast.tess)
        visit = visits.begin(cast.ana, by=cast.priya, attendance=second)
        parts = dict.fromkeys(
            ("interval", "medicines", "mental_status", "assessment", "plan"), "Nausea in week one, gone now."
        )
        notes.save(visit.note, parts=parts, based_on=visit.note.revision, by=cast.priya)
        visit = visits.save(
            visit, line="Tell me if she sleeps less.", em_level="moderate", systolic=120, diastolic=80, by=cast.priya
        )
        told = said(cast.ana, {rows.prescription: ("differently", "Nausea in week one: half of it.")})
        rows.reconciliation = reconciling.go_through(cast.ana, said=told, after=None, visit=visit, by=cast.priya)
    with moment("2026-02-09 11:10"):
        rows.signed_visit = visits.sign(visit, by=cast.priya)
        rows.line = handoffs.send(
            cast.ana, to_user=cast.priya, words="She takes it at night: Nausea in week one.", by=cast.tess
        )
        rows.answer = handoffs.send(
            cast.ana, to_user=cast.tess, words="Thank you, I ask her.", answer_to=rows.line, by=cast.priya
        )
        rows.unread = handoffs.send(cast.ana, to_user=cast.tess, words="Ask about the lighthouse.", by=cast.priya)
    with moment("2026-02-16 11:00"):
        scheduling.no_show(rows.missed, reason="forgot", by=cast.tess)


def _measures(f: Furnished, cast: Cast, rows: Any) -> None:
    for day, each, item9 in (("2026-01-12", 2, 0), ("2026-02-09", 1, 0), ("2026-02-27", 2, 1)):
        with moment(f"{day} 09:50"):
            rows.score = measures.record(
                cast.ana, instrument="phq9", answers=[each] * 8 + [item9, 1], answered_at=clock.now(),
                channel="clinician", by=cast.tess,
            )  # fmt: skip
    rows.flag = RiskFlag.objects.get(object_id=rows.score.pk)
    with moment("2026-02-10 09:00"):
        rows.closed_flag = risk.raise_flag(
            cast.ana, source="clinician", sentence="Says she does not want to live like this.", by=cast.tess
        )
        risk.close(rows.closed_flag, disposition="plan_made", words="She calls Ruth and the line.", by=cast.tess)


def _tapers(f: Furnished, cast: Cast, rows: Any) -> None:
    """One ended with a rise of scores after it, one under way with a check, one paused, one drafted."""
    more: dict[str, Any] = {"supply": supply(), "answers": Everything(), "by": cast.priya}
    with moment("2026-02-10 11:00"):
        ended = planned(rows.prescription, (20, "75"), by=cast.priya)
        tapers.start(ended, answers=Everything(), by=cast.priya)
        tapers.end(ended, outcome="lower_dose", reason="Enough for now.", by=cast.priya)
        tapered = started(cast.ana, regimen=regimen("clonazepam", 1), **more).prescription
        raised = started(cast.ana, regimen=regimen("lamotrigine", 25), **more).prescription
    with moment("2026-02-28 11:00"):
        tapers.watch()
        rows.review = ReturnReview.objects.get(plan=ended)
        rows.taper = planned(rows.prescription, (7, "75"), (35, "50"), (63, "0"), by=cast.priya)
        tapers.start(rows.taper, answers=Everything(), by=cast.priya)
        rows.check = tapers.record_check(rows.taper, severity="mild", words="Nausea in week one again.", by=cast.tess)
        rows.paused = planned(tapered, (7, "0.75"), (35, "0.5"), by=cast.priya)
        tapers.start(
            rows.paused, answers=Everything(), care_level="outpatient", care_words="Seen twice a week, Ruth at home.",
            by=cast.priya,
        )  # fmt: skip
        tapers.pause(rows.paused, reason="She sleeps badly.", by=cast.tess)
        rows.drafted = planned(raised, (7, "50"), (21, "100"), kind="titration", by=cast.priya)
        rows.depot = started(cast.ana, regimen=monthly(), **more | {"supply": supply(1, 28)}).prescription
        rows.injection = injections.record(
            rows.depot, what="here", on_day=clock.today("UTC"), site="deltoid_left", lot="AB12", words="Sore.",
            by=cast.priya,
        )  # fmt: skip
        rows.fresh = started(cast.ana, regimen=regimen("mirtazapine", 15), **more).prescription


def _today(f: Furnished, cast: Cast, rows: Any) -> None:
    """Today: arrived, a session and a visit being written, a plan being drafted."""
    with moment("2026-02-27 12:00"):
        rows.here, rows.next = booked(
            cast, part(cast.tess, "2026-03-02 10:30", 45, "therapy"),
            part(cast.priya, "2026-03-02 11:15", 30, "medication"),
        )  # fmt: skip
    with clock.at(NOW):
        scheduling.arrive(rows.here, by=cast.fran)
        rows.session = sessions.begin(cast.ana, by=cast.tess)
        notes.save(
            rows.session.note,
            parts={"data": "The lighthouse again."},
            based_on=rows.session.note.revision,
            by=cast.tess,
        )
        rows.visit = visits.begin(cast.ana, by=cast.priya)
        version = plan.draft(cast.ana, by=cast.tess)
        rows.draft = fresh(version)
        rows.problem_row = rows.draft.problem_rows.all()[0]
        rows.objective_row = rows.problem_row.objective_rows.all()[0]
        rows.intervention_row = rows.problem_row.intervention_rows.all()[0]
        handed = desk.hand_over(cast.ana, attendance=rows.here, by=cast.fran)
        rows.desk_token = handed.token


def _between(f: Furnished, cast: Cast, rows: Any) -> None:
    with clock.at(NOW - timedelta(minutes=10)):
        rows.emergency = record.open_in_emergency(cast.cleo, reason="Her mother called.", by=cast.paul)
        rows.task = inbox.mine(cast.tess)[0]


def _outbox(f: Furnished, cast: Cast, rows: Any) -> None:
    with clock.at(NOW):
        rows.item = outbox.enqueue("scheduling.reminder", purpose="furnished", due_at=NOW, patient_id=cast.ana.pk)
        OutboxItem.objects.filter(pk=rows.item.pk).update(
            state=State.FAILED, finished_at=NOW, outcome="The gateway did not answer.", attempts=8
        )
        outbox.send(
            "text", str(cast.ana.phone), subject="", body="Alder Street: Annie, see you Mon Mar 16.", key=new_id(),
            patient_id=cast.ana.pk,
        )  # fmt: skip
        rows.message = LocalDelivery.objects.get()
