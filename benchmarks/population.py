"""A made-up clinic of many patients for the measurements of the nightly sweeps, about as varied as a real one.

People of every adult age with one to four of some fifty medicines in several doses, medicines from elsewhere, facts
that were asked or not, diagnoses, allergies, readings and laboratory values. A few dozen courses are signed by the
product's own actions; the database multiplies their rows, and dice that are the same in every run vary them.
"""

import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from benchmarks import plans

if TYPE_CHECKING:
    from django.db.models import Model

CYCLE = 90  # days: a supply of thirty days and two refills, begun on any of them
# Who takes what, of a hundred patients how many: (drug, strength of its tablet) one to four times.
COURSES: tuple[tuple[int, tuple[tuple[str, str], ...]], ...] = (
    (8, (("sertraline", "50"),)), (6, (("escitalopram", "10"),)), (5, (("fluoxetine", "20"),)),
    (4, (("methylphenidate", "10"),)), (3, (("lithium", "300"),)), (3, (("venlafaxine", "75"),)),
    (3, (("citalopram", "20"),)), (2, (("amphetamine", "10"),)),
    (6, (("sertraline", "50"), ("trazodone", "50"))), (4, (("escitalopram", "10"), ("bupropion", "75"))),
    (4, (("lithium", "300"), ("quetiapine", "100"))), (4, (("sertraline", "50"), ("clonazepam", "0.5"))),
    (4, (("lamotrigine", "25"), ("bupropion", "75"))), (4, (("escitalopram", "10"), ("aripiprazole", "5"))),
    (3, (("methylphenidate", "10"), ("mirtazapine", "15"))), (3, (("fluoxetine", "20"), ("hydroxyzine", "25"))),
    (2, (("paroxetine", "20"), ("propranolol", "20"))), (2, (("buspirone", "10"), ("zolpidem", "5"))),
    (2, (("olanzapine", "5"), ("topiramate", "25"))),
    (4, (("sertraline", "50"), ("bupropion", "75"), ("trazodone", "50"))),
    (3, (("lamotrigine", "25"), ("quetiapine", "100"), ("lorazepam", "0.5"))),
    (3, (("venlafaxine", "75"), ("mirtazapine", "15"), ("gabapentin", "600"))),
    (3, (("amphetamine", "10"), ("guanfacine", "1"), ("escitalopram", "10"))),
    (3, (("risperidone", "1"), ("benztropine", "1"), ("propranolol", "20"))),
    (3, (("vortioxetine", "10"), ("aripiprazole", "5"), ("clonazepam", "0.5"))),
    (3, (("clozapine", "100"), ("lithium", "300"), ("sertraline", "50"), ("metformin", "500"))),
    (3, (("lamotrigine", "25"), ("lurasidone", "40"), ("clonidine", "0.1"), ("hydroxyzine", "25"))),
    (3, (("escitalopram", "10"), ("buspirone", "10"), ("trazodone", "50"), ("propranolol", "20"))),
)  # fmt: skip
# What a fifth of them has from elsewhere, each as often; the last one the catalogue does not hold.
ELSEWHERE = (
    "lisinopril", "ibuprofen", "metformin", "ethinyl estradiol combined contraceptive", "omeprazole", "warfarin",
    "hydrochlorothiazide", "tramadol", "St. John's wort", "Sleep gummies",
)  # fmt: skip
ALLERGIES = ("penicillin", "sulfonamides", "latex", "codeine", "lamotrigine", "sertraline", "peanuts", "iodine")
CODES = (
    "F32.1", "F33.1", "F41.1", "F31.9", "F90.0", "F43.10", "F10.20", "F20.9", "E11.9", "I10", "E66.9", "J45.909",
    "N18.3", "G40.909", "G47.33", "F50.2", "I45.81", "G43.909",
)  # fmt: skip
OFTEN_YES = {"alcohol": 40, "smoking": 20, "could_become_pregnant": 30, "high_pressure": 12, "diabetes": 10}


def seed(patients: int) -> int:
    """Orders as people sign them, then their rows multiplied by the database; returns how many are active."""
    from django.db import connection

    from clinic import clock
    from medications.prescribing.models import DoseOrder
    from tests import cast as people

    cast = people.assemble()
    first, whole = 1_000, sum(share for share, _ in COURSES)
    for number, (share, drugs) in enumerate(COURSES):
        someone = people.patient(200 + number, f"P{number}", "Bench", cast.site, sex="male")
        people.on_team(someone, cast.priya, "prescriber")
        _sign(someone, drugs, cast.priya)
        count = patients * share // whole
        _multiply(someone, number, count, first)
        first += count
    with connection.cursor() as cursor:
        _record(cursor, cast.priya)
    plans.seed(cast.priya)
    return DoseOrder.objects.filter(until_day=None, from_day__lte=clock.today(someone.zone)).count()


def _sign(someone: Any, drugs: tuple[tuple[str, str], ...], by: Any) -> None:
    """Everything asked, then each drug started, whatever stands against it."""
    from clinic import clock
    from medications.prescribing import actions
    from medications.safety import knowledge
    from tests.furnished import Everything
    from tests.medications.prescribing.given import asked_everything, started, supply

    asked_everything(someone, by=by)
    for drug, strength in drugs:
        known = knowledge.current().drug(drug)
        refills = 0 if known is not None and known.schedule == "II" else 2
        started(someone, by=by, drug=drug, strength=strength, supply=supply(refills=refills), answers=Everything())
    for name in ELSEWHERE:
        actions.report(someone, drug_text=name, origin="outside", started_on=clock.today(someone.zone), by=by)


def _multiply(someone: Any, number: int, count: int, first: int) -> None:
    """The rows of this patient once more for each of `count` others, begun on another day."""
    from medications.prescribing.models import Authorisation, DoseOrder, Fill, Prescription, StoredFinding
    from patients.record.models import CareTeamMember, MedicalFact

    mine, back = key("t.patient_id"), f"mod(n, {CYCLE})"
    shifted = {"patient_id": mine, "prescription_id": key("t.prescription_id"), "order_id": key("t.order_id")}
    copy(type(someone), "t.id", someone.pk, count, {"number": f"{first} + n", **_person(number)})
    copy(CareTeamMember, "t.patient_id", someone.pk, count, {"patient_id": mine})
    often = " ".join(f"WHEN '{name}' THEN {share}" for name, share in OFTEN_YES.items())
    told = f"mod(abs(hashtextextended(t.key || n, {number})), 100)"
    copy(
        MedicalFact, "t.patient_id", someone.pk, count,
        {
            "patient_id": mine, "recorded_at": f"t.recorded_at - {back} * interval '1 day'",
            "answer": f"CASE WHEN {told} < CASE t.key {often} ELSE 3 END THEN 'yes' "
            f"WHEN {told} = 79 THEN 'unsure' ELSE 'no' END",
        },
        only=f"{told} < 80",  # of each fact a fifth of the patients was never asked
    )  # fmt: skip
    outside = f"(t.origin = 'ours' OR {dice(number, 'outside', 50)} = mod(abs(hashtext(t.id::text)), 50))"
    day = {"patient_id": mine, "started_on": f"t.started_on - {back}"}
    copy(Prescription, "t.patient_id", someone.pk, count, day, only=outside)
    amount = f"t.daily_amount * (ARRAY[0.5, 1, 1, 1, 1.5, 2])[1 + {dice(number, 'dose', 6)}]"
    ordered = shifted | {"from_day": f"t.from_day - {back}", "daily_amount": amount}
    copy(DoseOrder, "t.patient_id", someone.pk, count, ordered)
    issued = {"issued_on": f"t.issued_on - {back}", "expires_on": f"t.expires_on - {back}"}
    copy(Authorisation, "t.patient_id", someone.pk, count, shifted | issued)
    for order in DoseOrder.objects.filter(patient=someone):
        copy(StoredFinding, "t.order_id", order.pk, count, {"order_id": key("t.order_id")})
    for row in Authorisation.objects.filter(patient=someone).select_related("prescription"):
        filled = Fill.objects.create(
            prescription=row.prescription, authorisation=row, patient=someone, filled_on=row.issued_on,
            quantity=row.quantity, days_supply=row.days_supply, told_by="pharmacy", recorded_at=row.issued_at,
            recorded_by=row.issued_by,
        )  # fmt: skip
        given = shifted | {"authorisation_id": key("t.authorisation_id"), "filled_on": f"t.filled_on - {back}"}
        copy(Fill, "t.id", filled.pk, count // 2, given)  # of the others nobody told


def _person(number: int) -> dict[str, str]:
    """Age, sex and whether allergies were asked, as they are in a clinic."""
    asked = dice(number, "allergies", 100)
    return {
        "born_on": f"current_date - 6800 - {dice(number, 'age', 11_000)} - {dice(number, 'older', 13_000)}",
        "sex": f"CASE WHEN {dice(number, 'sex', 100)} < 57 THEN 'female' "
        f"WHEN {dice(number, 'sex', 100)} < 97 THEN 'male' ELSE 'other' END",
        "allergies": f"CASE WHEN {asked} < 12 THEN 'never_asked' WHEN {asked} < 35 THEN 'some' ELSE 'none_known' END",
        "allergies_asked_at": f"CASE WHEN {asked} >= 12 THEN t.allergies_asked_at END",
        "allergies_asked_by_id": f"CASE WHEN {asked} >= 12 THEN t.allergies_asked_by_id END",
    }


def _record(cursor: Any, by: Any) -> None:
    """Allergies, diagnoses, readings and laboratory values of all of them."""
    given = {"by": by.pk, "codes": list(CODES), "names": list(ALLERGIES)}
    for statement in RECORDS:
        cursor.execute(statement, given)


def _row(table: str, columns: str, values: str, where: str) -> str:
    """An INSERT … SELECT over all patients that were multiplied; `n` is a patient's number, `d` its dice."""
    return f"""
        INSERT INTO {table} (id, patient_id, recorded_at, recorded_by_id, retracted_reason, {columns})
        SELECT md5(p.id::text || '{table}' || k)::uuid, p.id, p.registered_at, %(by)s, '', {values}
        FROM patients_record_patient p, generate_series(1, 3) k,
            LATERAL (SELECT abs(hashtextextended(p.id::text || '{table}', k)) AS d) dice
        WHERE p.number >= 1000 AND {where}
    """


RECORDS = (
    _row(
        "patients_record_allergy", "kind, name, reaction, severe",
        "'ingredient', (%(names)s::text[])[1 + mod(d, 8)], CASE mod(d, 5) WHEN 0 THEN 'rash' ELSE '' END, false",
        "p.allergies = 'some' AND (k = 1 OR k = 2 AND mod(d, 4) = 0)",
    ),
    _row(
        "patients_record_condition", "code, title", "(%(codes)s::text[])[1 + mod(d, 6) + 6 * (k - 1)], ''",
        "(k = 1 OR mod(d / 100, k + 1) = 0)",
    ),
    _row(
        "patients_record_reading", "kind, value, lower, taken_on",
        "(ARRAY['pressure', 'pulse', 'weight'])[k], "
        "CASE k WHEN 1 THEN 95 + mod(d, 30) + mod(d / 100, 30) ELSE 45 + mod(d, 30) + mod(d / 100, 25) END, "
        "CASE k WHEN 1 THEN 60 + mod(d / 10000, 34) END, current_date - mod(d, 400)::integer",
        "mod(d / 1000000, 10) < 6",
    ),
    _row(
        "medications_monitoring_result", "code, value, unit, taken_at, words, typed, source, level, alerts, "
        "knowledge_version, handled_words",
        "(ARRAY['98979-8', '8636-3', '29463-7'])[k], "
        "CASE k WHEN 1 THEN 45 + mod(d, 80) WHEN 2 THEN 380 + mod(d, 90) ELSE 55 + mod(d, 60) END, "
        "(ARRAY['mL/min/{1.73_m2}', 'ms', 'kg'])[k], p.registered_at - mod(d, 300) * interval '1 day', '', '', 'typed',"
        "'', '[]', 'bench', ''",
        "mod(d / 1000000, 10) < (ARRAY[3, 1, 8])[k]",
    ),
)  # fmt: skip


def dice(number: int, what: str, sides: int) -> str:
    """The same throw for the copy `n` of course `number` in every run, from 0 on."""
    return f"mod(abs(hashint8extended(n::bigint, {zlib.crc32(f'{number} {what}'.encode())})), {sides})::integer"


def key(of: str) -> str:
    """The key of the copy number n of a row."""
    return f"md5({of}::text || '/' || n)::uuid"


def copy(model: "type[Model]", by: str, of: Any, count: int, given: Mapping[str, str], *, only: str = "true") -> None:
    """The rows of which column `by` is `of`, once for each n up to `count`, with these expressions in their place."""
    from django.db import connection

    columns = [str(one.column) for one in model._meta.concrete_fields if not getattr(one, "generated", False)]
    values = [given.get(name, key("t.id") if name == "id" else f"t.{name}") for name in columns]
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} "
            f"FROM {table} t, generate_series(1, {count}) n WHERE {by} = %s AND {only}",
            [of],
        )


def answered_at_signing() -> None:
    """What the checks find in these people was answered at the signature, but for one of twenty."""
    from django.db import connection

    from medications.vigilance import actions

    actions.recheck()
    with connection.cursor() as cursor:
        cursor.execute("""
            INSERT INTO medications_prescribing_storedfinding (id, order_id, level, code, rule_id, title, sentence,
                source, confidence, knowledge_version, override_code, override_words)
            SELECT id, order_id, level, code, rule_id, title, sentence, source, confidence, knowledge_version,
                CASE level WHEN 'stop' THEN 'benefit' ELSE '' END, 'Discussed, and watched closely.'
            FROM medications_vigilance_latefinding WHERE mod(abs(hashtext(id::text)), 20) > 0
        """)
        cursor.execute("SET session_replication_role = replica")  # findings are never deleted, but for this once
        for table in ("medications_vigilance_latefinding", "medications_vigilance_rechecked"):
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute("DELETE FROM patients_inbox_task WHERE kind = 'vigilance.late'")
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")
