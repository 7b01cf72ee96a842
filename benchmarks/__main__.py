"""`make bench`: a Tandem of its own; its pages against two floors on the same server, then the nightly sweeps."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.client import Browser, Measured, fields_of
from clinic.run.engines import Engines

ROOT = Path(__file__).resolve().parent.parent
READS = 60
START_SECONDS = 60


def main() -> int:
    """Engines, data, server, measurements; everything is stopped again."""
    directory = ROOT / "var" / "bench"
    directory.mkdir(parents=True, exist_ok=True)
    engines = Engines(directory)
    engines.start()
    assert engines.postgres is not None
    assert engines.valkey is not None
    try:
        engines.postgres.ensure_database()
        os.environ |= {
            "TANDEM_ENV": "demo", "DATABASE_URL": engines.postgres.url(), "REDIS_URL": engines.valkey.url(),
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings", "LOG_LEVEL": "ERROR",
        }  # fmt: skip
        _measure()
    finally:
        engines.stop()
    return subprocess.run([sys.executable, "-m", "benchmarks.sweeps"], cwd=ROOT, check=False).returncode


def _measure() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from benchmarks.seed import seed

    call_command("migrate", verbosity=0)
    print("Preparing a thousand patients (the first time takes a few minutes).", flush=True)
    seeded = seed()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    port = _free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "clinic.wsgi:application", "--preload", "--worker-class", "gthread",
         "--workers", "2", "--threads", "4", "--bind", f"127.0.0.1:{port}", "--no-control-socket", "--log-level",
         "error", "--keep-alive", "600"],  # each measurement uses one connection, whose turn comes late
        cwd=ROOT,
    )  # fmt: skip
    try:
        _wait(port)
        show(pages(port, seeded))
        job()
    finally:
        server.terminate()
        server.wait(20)


def pages(port: int, seeded: object) -> list[Measured]:
    """Every measurement, the floors first."""
    from benchmarks.seed import Seeded, working_day

    assert isinstance(seeded, Seeded)
    therapist, prescriber, desk = (_browser(port, one) for one in (seeded.therapist, seeded.prescriber, seeded.desk))
    day = working_day()
    words = ("lund 11", "kovac 9", "castr", "ada abara", "5550123")
    turn = iter(range(10_000))
    found = [
        _read("bare view, one indexed query", READS, lambda: therapist.send("GET", "/bench/bare/")),
        _read("full middleware, the same row", READS, lambda: therapist.send("GET", "/bench/full/")),
        _read("chart, ten years", READS, lambda: therapist.send("GET", f"/chart/{seeded.old.pk}/?window=all")),
        _read("chart, 90 days", READS, lambda: therapist.send("GET", f"/chart/{seeded.old.pk}/?window=90")),
        _read("plan", READS, lambda: therapist.send("GET", f"/plan/{_with_plan(seeded.therapist)}/")),
        _read("day board, forty clinicians", READS, lambda: desk.send("GET", f"/schedule/board/?day={day}")),
        _read("search", READS, lambda: desk.send("POST", "/patients/palette/", {"q": words[next(turn) % len(words)]})),
    ]
    drafts, prescriptions, people = iter(seeded.drafts), iter(seeded.prescriptions), iter(seeded.to_book)
    saved = seeded.drafts[0]
    page = f"/sessions/{saved.patient_id}/{saved.pk}/"
    written, _ = fields_of(therapist.send("GET", page)[2])

    def save() -> tuple[float, int, str]:
        written["part_data"] += " And so on."
        answer = therapist.send("POST", f"{page}save/", written)
        written["based_on"] = str(json.loads(answer[2])["revision"])
        return answer

    def sign() -> tuple[float, int, str]:
        draft = next(drafts)
        address = f"/sessions/{draft.patient_id}/{draft.pk}/"
        data, _ = fields_of(therapist.send("GET", address)[2])
        return therapist.send("POST", address, data | {"do": "sign"}, fine=(302,))

    def change() -> tuple[float, int, str]:
        row = next(prescriptions)
        address = f"/medicines/{row.patient_id}/{row.pk}/change/"
        data, _ = fields_of(prescriber.send("GET", address)[2])
        twice = data.get("q_morning", "1") != "2"
        data |= {"q_morning": "2" if twice else "1", "quantity": "60" if twice else "30", "days": "30", "refills": "0"}
        data |= {"reason": "partial response", "daily": "", "daily_shown": ""}
        return prescriber.send("POST", address, data, fine=(302,))

    typed = seeded.prescriptions[0]
    at_change = f"/medicines/{typed.patient_id}/{typed.pk}/change/"
    shown, _ = fields_of(prescriber.send("GET", at_change)[2])
    shown |= {"q_morning": "2", "daily": "", "daily_shown": ""}

    def check() -> tuple[float, int, str]:
        return prescriber.send("POST", f"/medicines/{typed.patient_id}/{typed.pk}/check/", shown)

    def book() -> tuple[float, int, str]:
        address = f"/schedule/{next(people).pk}/book/"
        data, radios = fields_of(desk.send("GET", address)[2])
        return desk.send("POST", address, data | {"slot": radios["slot"][0], "book": "1"}, fine=(302,))

    count = len(seeded.drafts)
    return [
        *found,
        _read("autosave", READS, save),
        _read("check a dose while it is typed", READS, check),
        _read("sign a note", count, sign),
        _read("change a dose", count, change),
        _read("book", count, book),
    ]


def _with_plan(therapist: Any) -> object:
    from patients.plan.models import PlanVersion

    return PlanVersion.objects.filter(state="signed", signed_by=therapist).order_by("pk").values_list(
        "patient_id", flat=True
    )[0]  # fmt: skip


def _read(name: str, count: int, ask: Callable[[], tuple[float, int, str]]) -> Measured:
    measured = Measured(name)
    if count == READS:
        for _ in range(4):  # both server processes have loaded what they keep
            ask()
    for _ in range(count):
        took, queries, _page = ask()
        measured.times.append(took)
        measured.queries.add(queries)
    print(f"  {name}: {measured.at(0.5):.1f} ms", flush=True)  # what was measured stays known if a later one fails
    return measured


def _browser(port: int, user: Any) -> Browser:
    from django.test import Client

    session = Client()
    session.force_login(user)
    browser = Browser(port, session.cookies["sessionid"].value)
    browser.learn_token()
    return browser


def show(found: list[Measured]) -> None:
    """The table: milliseconds, multiples of the bare floor and of the one with full middleware, queries."""
    bare, full = found[0].at(0.5), found[1].at(0.5)
    print(f"\n{'':32} {'p50 ms':>8} {'p95 ms':>8} {'× bare':>8} {'× full':>8}  queries")
    for one in found:
        queries = "–".join(str(n) for n in sorted({min(one.queries), max(one.queries)}))
        half, most = one.at(0.5), one.at(0.95)
        print(f"{one.name:32} {half:8.1f} {most:8.1f} {half / bare:8.1f} {half / full:8.1f}  {queries}")


def job() -> None:
    """The nightly refill job over everything."""
    from medications.prescribing.models import Prescription
    from medications.refills.tasks import open_due

    started = time.perf_counter()
    counts = open_due()
    took = time.perf_counter() - started
    number = Prescription.objects.filter(stopped_on=None).count()
    print(f"\nrefills.open_due over {number} prescriptions: {took:.2f} s {counts}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("The server did not start; its lines are above.")


if __name__ == "__main__":
    sys.exit(main())
