"""`python -m benchmarks.sweeps`: the nightly sweeps over a hundred thousand active orders, in a database of their own.

Each is measured three times, first with everything to do, then again with nothing new, then as in the night after; the
first is set against a bare INSERT … SELECT that finds the same rows and writes them into a table with the same
constraints.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clinic.run.engines import Engines

if TYPE_CHECKING:
    from django.db.models import Model

ROOT = Path(__file__).resolve().parent.parent
DIRECTORY = ROOT / "var" / "bench"
DATABASE, MIGRATED = "sweeps", "sweeps_migrated"
PATIENTS = 50_000  # each with two medicines
CYCLE = 90  # days: a supply of thirty days and two refills, begun on any of them
# Two medicines each, as they are met: what asks for much to be measured, what is controlled, what asks for nothing.
PAIRS = (
    (("lithium", 300), ("quetiapine", 100)), (("sertraline", 50), ("clonazepam", 1)),
    (("lamotrigine", 25), ("bupropion", 75)), (("escitalopram", 10), ("aripiprazole", 5)),
    (("methylphenidate", 10), ("mirtazapine", 15)),
)  # fmt: skip


@dataclass(frozen=True)
class Swept:
    """One sweep: seconds of its first run, of it again, of the night after, of the bare INSERT … SELECT; the counts.

    `processor`: seconds of the first run that our own processes computed; the database's are not in it.
    """

    name: str
    first: float
    processor: float
    again: float
    night: float
    counts: Mapping[str, int]
    bare: float


def main(patients: int = PATIENTS) -> int:
    """Engines, rows, sweeps; everything is stopped again."""
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    engines = Engines(DIRECTORY)
    engines.start()
    try:
        measure(engines, patients)
    finally:
        engines.stop()
    return 0


def measure(engines: Engines, patients: int = PATIENTS) -> None:
    """All of it, in a process in which Django was not set up yet."""
    assert engines.postgres is not None
    assert engines.valkey is not None
    engines.postgres.ensure_database(MIGRATED)
    os.environ |= {"TANDEM_ENV": "demo", "REDIS_URL": engines.valkey.url(), "LOG_LEVEL": "ERROR"}
    here = {**os.environ, "DATABASE_URL": engines.postgres.url(MIGRATED)}
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=here, check=True)
    with engines.postgres.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{DATABASE}" TEMPLATE "{MIGRATED}"')
    os.environ |= {"DATABASE_URL": engines.postgres.url(DATABASE), "DJANGO_SETTINGS_MODULE": "clinic.settings"}
    import django

    django.setup()
    started = time.perf_counter()
    orders = seed(patients)
    print(
        f"{orders:,} active orders in {time.perf_counter() - started:.0f} s; load {os.getloadavg()[0]:.1f}", flush=True
    )
    columns = ("first s", "of it us", "again s", "night s", "bare s")
    print(f"\n{'':24} {' '.join(f'{name:>8}' for name in columns)} {'bare/first':>10}  load")
    for sweep in (refills, tapers, vigilance, monitoring):
        show(sweep())  # as soon as it is known


def seed(patients: int) -> int:
    """Ten orders as people sign them, then their rows multiplied by the database; returns how many are active."""
    from django.db import connection

    from clinic import clock
    from medications.prescribing.models import DoseOrder
    from tests import cast as people
    from tests.furnished import Everything
    from tests.medications.prescribing.given import asked_everything, started, supply

    cast = people.assemble()
    for number, pair in enumerate(PAIRS):
        someone = people.patient(200 + number, f"P{number}", "Bench", cast.site, sex="male")
        people.on_team(someone, cast.priya, "prescriber")
        asked_everything(someone, by=cast.priya)
        for drug, strength in pair:
            form: dict[str, Any] = {
                "drug": drug,
                "strength": strength,
                "supply": supply(refills=0 if drug == "methylphenidate" else 2),
            }
            form["answers"] = Everything()
            started(someone, by=cast.priya, **form)
        _multiply(someone, number, patients // len(PAIRS))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return DoseOrder.objects.filter(until_day=None, from_day__lte=clock.today(someone.zone)).count()


def _multiply(someone: Any, number: int, count: int) -> None:
    """The rows of this patient once more for each of a fifth of all patients, begun on another day."""
    from medications.monitoring.models import Result
    from medications.prescribing.models import Authorisation, DoseOrder, Fill, Prescription, StoredFinding
    from patients.record.models import CareTeamMember, MedicalFact

    mine = _key("t.patient_id")
    back = f"mod(n, {CYCLE})"
    shifted = {"patient_id": mine, "prescription_id": _key("t.prescription_id"), "order_id": _key("t.order_id")}
    _copy(type(someone), "t.id", someone.pk, count, {"number": f"{1_000 + number * count} + n"})
    _copy(CareTeamMember, "t.patient_id", someone.pk, count, {"patient_id": mine})
    _copy(
        MedicalFact,
        "t.patient_id",
        someone.pk,
        count,
        {"patient_id": mine, "recorded_at": f"t.recorded_at - {back} * interval '1 day'"},
    )
    day = {"patient_id": mine, "started_on": f"t.started_on - {back}"}
    _copy(Prescription, "t.patient_id", someone.pk, count, day)
    _copy(DoseOrder, "t.patient_id", someone.pk, count, shifted | {"from_day": f"t.from_day - {back}"})
    issued = {"issued_on": f"t.issued_on - {back}", "expires_on": f"t.expires_on - {back}"}
    _copy(Authorisation, "t.patient_id", someone.pk, count, shifted | issued)
    for order in DoseOrder.objects.filter(patient=someone):
        _copy(StoredFinding, "t.order_id", order.pk, count, {"order_id": _key("t.order_id")})
    for row in Authorisation.objects.filter(patient=someone).select_related("prescription"):
        filled = Fill.objects.create(
            prescription=row.prescription, authorisation=row, patient=someone, filled_on=row.issued_on,
            quantity=row.quantity, days_supply=row.days_supply, told_by="pharmacy", recorded_at=row.issued_at,
            recorded_by=row.issued_by,
        )  # fmt: skip
        given = shifted | {"authorisation_id": _key("t.authorisation_id"), "filled_on": f"t.filled_on - {back}"}
        _copy(Fill, "t.id", filled.pk, count // 2, given)  # of the others nobody told
    measured = Result.objects.create(
        patient=someone, code="29463-7", value=Decimal(80), unit="kg", taken_at=row.issued_at - timedelta(days=3),
        knowledge_version="bench", recorded_at=row.issued_at, recorded_by=row.issued_by,
    )  # fmt: skip
    _copy(Result, "t.id", measured.pk, count, {"patient_id": mine})


def _key(of: str) -> str:
    """The key of the copy number n of a row."""
    return f"md5({of}::text || '/' || n)::uuid"


def _copy(model: "type[Model]", by: str, key: Any, count: int, given: Mapping[str, str]) -> None:
    """The rows of which column `by` is `key`, once for each n up to `count`, with these expressions in their place."""
    from django.db import connection

    columns = [str(one.column) for one in model._meta.concrete_fields if not getattr(one, "generated", False)]
    values = [given.get(name, _key("t.id") if name == "id" else f"t.{name}") for name in columns]
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} "
            f"FROM {table} t, generate_series(1, {count}) n WHERE {by} = %s",
            [key],
        )


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    found = work()
    return time.perf_counter() - started, found


def _bare(table: str, select: str, given: Mapping[str, Any] | None = None) -> float:
    """Seconds of an INSERT … SELECT into a table like this one: its checks, indexes and references included."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bare (LIKE {table} INCLUDING ALL)")
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass",
            [table],
        )
        for (reference,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE bare ADD {reference.replace(' DEFERRABLE INITIALLY DEFERRED', '')}")
        took, _ = _timed(lambda: cursor.execute(f"INSERT INTO bare {select}", given))
        cursor.execute("DROP TABLE bare")
    return took


def swept(name: str, work: Callable[..., Mapping[str, int]], bare: Callable[[], float]) -> Swept:
    """A sweep three times; `bare` is measured after the first, of what that has written."""
    from django.conf import settings

    from clinic import clock

    before = sum(os.times()[:4])
    first, counts = _timed(work)
    processor = sum(os.times()[:4]) - before
    compared = bare()
    again, _ = _timed(work)
    night, _ = _timed(lambda: work(clock.today(settings.TIME_ZONE) + timedelta(days=1)))
    return Swept(name, first, processor, again, night, counts, compared)


def refills() -> Swept:
    """R-RX-11: the forecast of every order, a request with its gates for each that runs out."""
    from django.conf import settings

    from clinic import clock
    from medications.refills import actions, sweep

    given = {"today": clock.today(settings.TIME_ZONE), "zone": settings.TIME_ZONE, "lead": 10, "lead_ii": 7}
    table = "medications_refills_refillrequest"
    find = f"SELECT w.* FROM {table} w JOIN ({sweep.DUE}) due ON due.id = w.prescription_id"
    return swept("refills.open_due", actions.open_due, lambda: _bare(table, find, given))


def monitoring() -> Swept:
    """Everything that has to be measured, made for everybody."""
    from django.conf import settings

    from clinic import clock
    from medications.monitoring import actions, knowledge, looks
    from medications.monitoring.predicates import looked_at

    given = {
        "day": clock.today(settings.TIME_ZONE), "stamp": "other knowledge",
        "keys": sorted(looked_at(knowledge.current())),
    }  # fmt: skip
    table = "medications_monitoring_dueitem"
    find = f"SELECT w.* FROM {table} w JOIN ({looks.TO_LOOK_AT}) due ON due.patient_id = w.patient_id"
    return swept("monitoring.renew_due", actions.sweep, lambda: _bare(table, find, given))


def vigilance() -> Swept:
    """Every order checked anew, as after a new version of the knowledge."""
    from django.conf import settings

    from clinic import clock
    from medications.safety.person import LABS
    from medications.vigilance import actions, queries

    given = {
        "today": clock.today(settings.TIME_ZONE), "stamp": "other knowledge", "now": clock.now(), "labs": list(LABS),
    }  # fmt: skip
    table = "medications_vigilance_rechecked"
    find = f"SELECT w.* FROM {table} w JOIN ({queries.DUE}) due ON due.id = w.order_id"
    return swept("vigilance.recheck", actions.recheck, lambda: _bare(table, find, given))


def tapers() -> Swept:
    """What follows tapers; of plans there are few."""
    from medications.tapers import actions

    table = "medications_tapers_returnreview"
    return swept("tapers.watch", actions.watch, lambda: _bare(table, f"SELECT * FROM {table}"))


def show(one: Swept) -> None:
    """A line of the table: seconds, the ratio to the bare INSERT … SELECT, the machine's load, what was counted."""
    times = f"{one.first:8.2f} {one.processor:8.2f} {one.again:8.2f} {one.night:8.2f} {one.bare:8.2f}"
    times += f" {one.bare / one.first:10.2f}"
    print(f"{one.name:24} {times} {os.getloadavg()[0]:5.1f}  {dict(one.counts)}", flush=True)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
