"""Files of results: uploaded, columns matched, imported share by share; refused lines are kept, each with why.

A share is a transaction that moves `done`: a worker that is killed, or two of them, take each line once.
"""

import csv
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time
from io import StringIO
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.outbox import actions as outbox
from clinic.refusal import Refused
from medications.monitoring import imports, knowledge, queries
from medications.monitoring.actions.due import renew
from medications.monitoring.actions.results import Given, judged, told
from medications.monitoring.enums import Source
from medications.monitoring.imports import Line, Unreadable
from medications.monitoring.models import Result, ResultFile
from medications.monitoring.rules import CHECK_UNIT
from patients.record.access import visible_patients
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

NOBODY = "No patient of yours has this record number and birth date."
TWICE = "There is a result of this for that time already."
AGAIN = "The same result stands in this file above."
GONE = "This file is imported already."
IMPORT = "monitoring.import"  # kind of the outbox's work
SHARE = 500  # lines a transaction
LOOKED_AT = 2_000  # lines of a preview
KEY, ORIGIN = ("patient_id", "code", "taken_at"), ("source", "recorded_at", "recorded_by_id")


@transaction.atomic
def upload(raw: bytes, *, by: "User") -> ResultFile:
    """Keep a file that can be read, with its columns as far as their names say what they hold."""
    try:
        text = imports.decoded(raw)
        found = imports.table(text)
    except Unreadable as unreadable:
        raise Refused(str(unreadable), field="file") from None
    columns = imports.guessed(found.header)
    row = ResultFile.objects.create(by=by, uploaded_at=clock.now(), text=text, columns=columns)
    audit.record(Kind.CREATED, by=by, on=row, what="monitoring.upload", detail={"lines": len(found.rows)})
    return row


@transaction.atomic
def choose(file: ResultFile, *, columns: Mapping[str, int], by: "User") -> ResultFile:
    """Say which column holds what; a column holds one thing."""
    file = _mine(file, by)
    if len(set(columns.values())) < len(columns):
        raise Refused("A column holds one thing. Choose another for one of them.")
    if missing := imports.unmatched(columns):
        raise Refused(f"Choose a column for: {', '.join(missing)}.")
    file.columns = dict(columns)
    file.save(update_fields=["columns"])
    audit.record(Kind.CHANGED, by=by, on=file, what="monitoring.choose")
    return file


def looked_at(
    file: ResultFile, by: "User", *, after: int = 0, most: int = LOOKED_AT
) -> list[tuple[Line, Patient | None]]:
    """Lines with their patients, or with the sentence that says why one cannot be taken. Fourteen queries at most.

    A preview: nothing is written. Importing asks the same of every line.
    """
    found = imports.lines(imports.table(file.text), file.columns, knowledge.current(), after=after, most=most)
    numbers = {line.number for line in found if not line.problem}
    mine = Patient.objects.filter(visible_patients(by, "results.import"), number__in=numbers)
    people = {(one.number, one.born_on): one for one in mine}
    rows = Result.objects.filter(patient__in=people.values(), retracted_at=None)
    known = {(row.patient_id, row.code, row.taken_at): _from(file, row) for row in rows.only(*KEY, *ORIGIN)}
    situations = queries.situations([one.pk for one in people.values()])
    made: list[tuple[Line, Patient | None]] = []
    here: set[tuple[UUID, str, datetime]] = set()
    for line in found:
        patient = None if line.problem or line.born is None else people.get((line.number, line.born))
        problem = line.problem or (NOBODY if patient is None else "")
        if patient is not None:
            key = (patient.pk, line.code, given(line, patient).taken_at)
            problem = known[key] if key in known else _problem(line, patient, situations[patient.pk], by)
            problem = problem or (AGAIN if key in here else "")
            if not problem:
                here.add(key)
        made.append((replace(line, problem=problem), patient))
    return made


def _from(file: ResultFile, row: Result) -> str:
    """Why a line that says what this row says is not taken: the row came from a line above, or was there before."""
    mine = file.asked_at is not None and row.source == Source.IMPORTED and row.recorded_by_id == file.by_id
    return AGAIN if mine and file.asked_at and row.recorded_at >= file.asked_at else TWICE


def _problem(line: Line, patient: Patient, known: queries.Situation, by: "User") -> str:
    """What the record itself would refuse about the line; empty: nothing."""
    try:
        judged(patient, [given(line, patient)], source=Source.IMPORTED, found=known, by=by)
    except Refused as refused:
        return refused.sentence.removesuffix(f" {CHECK_UNIT}")
    return ""


def given(line: Line, patient: Patient) -> Given:
    """A line as the record takes it: its time where the patient lives; noon where only the day is known."""
    assert line.taken is not None
    local = datetime.combine(line.taken.date(), time(12)) if line.dated_only else line.taken
    at = local.replace(tzinfo=patient.zone)
    if line.dated_only and at > clock.now() >= local.replace(hour=0, tzinfo=patient.zone):
        at = clock.now().replace(second=0, microsecond=0)
    return Given(line.code, at, line.value, line.unit, line.words, line.low, line.high, line.hours)


@transaction.atomic
def import_rows(file: ResultFile, *, by: "User") -> ResultFile:
    """Take what can be taken: the first share at once, the rest by a worker. Refused if it was asked for already."""
    file = _mine(file, by)
    if missing := imports.unmatched(file.columns):
        raise Refused(f"Choose a column for: {', '.join(missing)}.")
    file.asked_at, file.lines = clock.now(), len(imports.table(file.text).rows)
    file.save(update_fields=["asked_at", "lines"])
    audit.record(Kind.CHANGED, by=by, on=file, what="monitoring.import_asked", detail={"lines": file.lines})
    file = import_share(file)
    if file.imported_at is None:
        outbox.enqueue(IMPORT, purpose=f"{IMPORT}:{file.pk}", due_at=clock.now(), args={"file": str(file.pk)})
    return file


@transaction.atomic
def import_share(file: ResultFile) -> ResultFile:
    """Save of the next lines those that can be taken, keep the others with their sentences; the last ends it."""
    file = ResultFile.objects.select_for_update(of=("self",)).select_related("by").get(pk=file.pk)
    if file.asked_at is None or file.imported_at is not None:
        return file
    lines = looked_at(file, file.by, after=file.done, most=SHARE)
    _saved(lines, file.by)
    refused = [line for line, _ in lines if line.problem]
    file.rejects += rejects(imports.table(file.text).header, refused, headed=not file.rejects)
    file.done += len(lines)
    file.refused += len(refused)
    file.saved = file.done - file.refused
    if file.done == file.lines:
        file.imported_at, file.text = clock.now(), ""
        counts = {"saved": file.saved, "refused": file.refused}
        audit.record(Kind.CHANGED, by=file.by, on=file, what="monitoring.import", detail=counts)
    file.save()
    return file


def _saved(lines: list[tuple[Line, Patient | None]], by: "User") -> None:
    """Write the results of the lines that nothing stands against, patient by patient."""
    by_patient: dict[UUID, tuple[Patient, list[Line]]] = {}
    for line, patient in lines:
        if patient is not None and not line.problem:
            by_patient.setdefault(patient.pk, (patient, []))[1].append(line)
    for _, (patient, mine) in sorted(by_patient.items()):
        locked = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        rows = judged(locked, [given(line, locked) for line in mine], source=Source.IMPORTED, by=by)
        Result.objects.bulk_create(rows)
        told(locked, rows, by=by)
    renew(list(by_patient), by=by)


def rejects(header: tuple[str, ...], lines: list[Line], *, headed: bool) -> str:
    """The refused lines as they came, each with its sentence; cells that a spreadsheet would run are made harmless."""
    kept = StringIO()
    writer = csv.writer(kept)
    if lines and headed:
        writer.writerow([*map(harmless, header), "line", "problem"])
    for line in lines:
        writer.writerow([*map(harmless, line.cells), line.place, line.problem])
    return kept.getvalue()


def harmless(cell: str) -> str:
    """A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    return f"'{cell}" if cell[:1] in tuple("=+-@\t\r") else cell


def _mine(file: ResultFile, by: "User") -> ResultFile:
    row = ResultFile.objects.select_for_update().get(pk=file.pk)
    if row.by_id != by.pk:
        raise Refused("Another person uploaded this file.")
    if row.asked_at is not None:
        raise Refused(GONE)
    return row
