"""`python -m benchmarks.sweeps`: the nightly sweeps over a hundred thousand active orders, in a database of their own.

Each is measured three times, first with everything to do, then again with nothing new, then as in the night after; the
first is set against a bare INSERT … SELECT that finds the same rows and writes them, with what stands beside them
(tasks, audit), into tables with the same constraints.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks import population
from clinic.run.engines import Engines

ROOT = Path(__file__).resolve().parent.parent
DIRECTORY = ROOT / "var" / "bench"
DATABASE, MIGRATED = "sweeps", "sweeps_migrated"
PATIENTS = 50_000


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
    orders = population.seed(patients)
    population.answered_at_signing()
    print(
        f"{orders:,} active orders in {time.perf_counter() - started:.0f} s; load {os.getloadavg()[0]:.1f}", flush=True
    )
    columns = ("first s", "of it us", "again s", "night s", "bare s")
    print(f"\n{'':24} {' '.join(f'{name:>8}' for name in columns)} {'bare/first':>10}  load")
    for sweep in (refills, tapers, vigilance, newer_rules, monitoring):
        show(sweep())  # as soon as it is known


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    found = work()
    return time.perf_counter() - started, found


@dataclass(frozen=True)
class Rows:
    """Rows that a sweep has written: their table, a statement that finds them, its values."""

    table: str
    select: str
    given: Mapping[str, Any] | Sequence[Any] | None = None


def _bare(*written: Rows) -> float:
    """Seconds of an INSERT … SELECT of all these into tables like theirs: checks, indexes, references, its commit."""
    return sum(map(_inserted, written))


def _inserted(rows: Rows) -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bare (LIKE {rows.table} INCLUDING ALL)")
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass",
            [rows.table],
        )
        for (reference,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE bare ADD {reference}")
        took, _ = _timed(lambda: cursor.execute(f"INSERT INTO bare {rows.select}", rows.given))
        cursor.execute("DROP TABLE bare")
    return took


def _audited(what: str) -> Rows:
    """What the audit was told of it, in the same transactions."""
    return Rows("clinic_audit_auditevent", "SELECT * FROM clinic_audit_auditevent WHERE what = %s", [what])


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
    from medications import shares
    from medications.refills import actions, sweep

    given = {
        "today": clock.today(settings.TIME_ZONE), "zone": settings.TIME_ZONE, "lead": 10, "lead_ii": 7,
        "after": shares.FIRST, "until": shares.LAST,
    }  # fmt: skip
    table = "medications_refills_refillrequest"
    find = f"SELECT w.* FROM {table} w JOIN ({sweep.DUE}) due ON due.id = w.prescription_id"
    return swept(
        "refills.open_due", actions.open_due, lambda: _bare(Rows(table, find, given), _audited("refills.open"))
    )


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
    looked = Rows("medications_monitoring_looked", "SELECT * FROM medications_monitoring_looked")
    return swept("monitoring.renew_due", actions.sweep, lambda: _bare(Rows(table, find, given), looked))


def vigilance() -> Swept:
    """Every order checked anew, as after a release that changes the code of the checks."""
    from medications.vigilance import actions

    found = swept("vigilance.recheck", actions.recheck, lambda: _bare(_rechecked(frozenset()), *_found()))
    texts, cases = _cases()
    return replace(found, counts={**found.counts, "texts": texts, "cases": cases})


def newer_rules() -> Swept:
    """The night after a new version of the knowledge in which what is said about three drugs changed."""
    from medications.safety import knowledge
    from medications.safety.facts import Limits
    from medications.vigilance import actions
    from medications.vigilance.marks import marks

    now = knowledge.current()
    changed = {"lithium", "lamotrigine", "clozapine"}
    cautions = tuple(
        {**row, "effect": f"{row['effect']} Anew."} if row["drug"].get("ingredient") in changed else row
        for row in now.cautions
    )
    newer = replace(now, version="newer", cautions=cautions, of_drug={}, pairs={})
    before, after = marks(now, Limits()), marks(newer, Limits())
    kept = frozenset(drug for drug in before if before[drug] == after[drug])
    ours, knowledge.current = knowledge.current, lambda: newer  # type: ignore[assignment]
    try:
        return swept("vigilance, 3 drugs' rules", actions.recheck, lambda: _bare(_rechecked(kept)))
    finally:
        knowledge.current = ours


def _found() -> tuple[Rows, ...]:
    """What came to stand against an order, and its tasks."""
    late, tasks = "medications_vigilance_latefinding", "patients_inbox_task"
    return (
        Rows(late, f"SELECT * FROM {late}"),
        Rows(tasks, f"SELECT * FROM {tasks} WHERE kind = 'vigilance.late'"),
        _audited("vigilance.found"),
    )


def _rechecked(kept: frozenset[str]) -> Rows:
    """Table, statement and values of what a check of all orders writes, but those of drugs whose mark is kept."""
    from django.conf import settings

    from clinic import clock
    from medications.prescribing.queries import practice_today
    from medications.safety import knowledge
    from medications.safety import queries as safety
    from medications.safety.person import LABS
    from medications.vigilance import queries
    from medications.vigilance.marks import marks

    known = marks(knowledge.current(), safety.limits(practice_today()))
    given = {
        "today": clock.today(settings.TIME_ZONE), "now": clock.now(), "labs": list(LABS),
        "drugs": [drug for drug in known if drug in kept], "marks": [known[drug] for drug in known if drug in kept],
    }  # fmt: skip
    table = "medications_vigilance_rechecked"
    return Rows(table, f"SELECT w.* FROM {table} w JOIN ({queries.DUE}) due ON due.id::uuid = w.order_id", given)


def _cases() -> tuple[int, int]:
    """How many different texts all the orders are, and how many cases: so often one process asks the engine."""
    from clinic import clock
    from medications.prescribing.queries import practice_today
    from medications.safety import knowledge
    from medications.safety import queries as safety
    from medications.vigilance import reading
    from medications.vigilance.actions import Night
    from medications.vigilance.essence import Checks
    from medications.vigilance.queries import Due

    today, now = practice_today(), clock.now()
    checks = Checks(knowledge.current(), safety.limits(today))
    due = [Due(*row) for row in _checked()]
    night = Night.of(checks, {one.drug for one in due}, today, now, None)
    for first in range(0, len(due), 10_000):
        some = due[first : first + 10_000]
        for one in reading.cases(some, today, now, checks.known.longest_washout, night.columns):
            night.answers.to(one.text)
    return len(night.answers.said), len(checks.answers)


def _checked() -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.id::text, o.patient_id::text, 0, hash_record_extended(r, 0), '', d.generic_name"
            " FROM medications_vigilance_rechecked r"
            " JOIN medications_prescribing_doseorder o ON o.id = r.order_id"
            " JOIN medications_prescribing_prescription p ON p.id = o.prescription_id"
            " JOIN medications_catalogue_drug d ON d.id = p.drug_id"
        )
        return list(cursor.fetchall())


def tapers() -> Swept:
    """What follows tapers: a review for each score that rose, with its tasks; measures that were taken."""
    from django.conf import settings

    from clinic import clock
    from clinic.practice import config
    from medications.tapers import actions, sweep
    from medications.tapers.actions import ending

    today = clock.today(settings.TIME_ZONE)
    values, since = config.values(today), clock.now() - ending.WATCHED - timedelta(days=30)
    given = {
        "instruments": list(ending.MEASURED), "sizes": [int(values[key]) for key in ending.MEASURED.values()],
        "watched": ending.WATCHED, "since": since,
    }  # fmt: skip
    found = sweep.RISES.replace("NOT EXISTS", "EXISTS")  # those that are under review by then
    reviews, tasks = "medications_tapers_returnreview", "patients_inbox_task"
    find = (
        f"SELECT w.* FROM {reviews} w JOIN ({found}) due(plan_id, patient_id, score_id, rise) USING (plan_id, score_id)"
    )
    taken = sweep.measured(list(ending.MEASURED), until=today + ending.LEAD, lead=ending.LEAD.days, since=since)
    scored = taken.sql.replace("t.done_at IS NULL", "t.outcome = 'measured'")

    def bare() -> float:
        asked = f"SELECT * FROM {tasks} WHERE purpose IN ({scored})"
        for_all = f"SELECT * FROM {tasks} WHERE kind = 'tapers.review'"
        return _bare(
            Rows(reviews, find, given), Rows(tasks, asked, taken.params), Rows(tasks, for_all), _audited("tapers.watch")
        )  # fmt: skip

    return swept("tapers.watch", actions.watch, bare)


def show(one: Swept) -> None:
    """A line of the table: seconds, the ratio to the bare INSERT … SELECT, the machine's load, what was counted."""
    times = f"{one.first:8.2f} {one.processor:8.2f} {one.again:8.2f} {one.night:8.2f} {one.bare:8.2f}"
    times += f" {one.bare / one.first:10.2f}"
    print(f"{one.name:24} {times} {os.getloadavg()[0]:5.1f}  {dict(one.counts)}", flush=True)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
