"""The questionnaire at the desk's device: handed over with a random token or a code, answered, scored, shut.

The device is signed in as nobody. The token is stored hashed and works 30 minutes; the six digits work once, for ten.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.crypto import salted_hmac

from clinic import clock
from clinic.audit import actions as audit
from clinic.audit.enums import Kind
from clinic.refusal import Refused, check
from clinic.rows import new_id
from patients.measures import queries, questions, rules
from patients.measures.actions import record
from patients.measures.enums import Channel
from patients.measures.models import DeskSession
from patients.record.models import Patient
from patients.risk import actions as risk
from patients.risk.models import Source
from patients.scheduling.models import Attendance

if TYPE_CHECKING:
    from clinic.staff.models import User

MINUTES = 30
CODE_MINUTES = 10
OVER = "The time for these questions is over. Give the device back to the desk."


@dataclass(frozen=True, slots=True)
class Handed:
    """What the desk gets once: the token of the address, or the code to type on another device."""

    desk: DeskSession
    token: str
    code: str = ""


def hash_of(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def code_hash(code: str) -> str:
    """What is stored of a code: keyed, because six digits alone are soon tried out."""
    return salted_hmac("patients.measures.desk", code, algorithm="sha256").hexdigest()


@transaction.atomic
def hand_over(patient: Patient, *, attendance: Attendance | None = None, with_code: bool = False, by: "User") -> Handed:
    """Open the questions for a patient. An open one of the same visit goes on, with its answers, under a new token."""
    check(rules.hand_over, patient, attendance)
    patient.hold()
    now = clock.now()
    desk = queries.unfinished(patient.pk, attendance.pk if attendance else None).select_for_update().first()
    if desk is not None and desk.expires_at <= now:
        _shut(desk, answered_at=desk.expires_at)
        desk = None
    if desk is None:
        keys = list(queries.AT_THE_DESK)
        desk = DeskSession(
            patient=patient, attendance=attendance, instruments=keys, answers=questions.blank(keys), started_at=now,
            started_by=by, score_ids={key: str(new_id()) for key in keys},
        )  # fmt: skip
    token, code = secrets.token_urlsafe(24), ""
    desk.token_hash, desk.expires_at = hash_of(token), now + timedelta(minutes=MINUTES)
    desk.code_hash, desk.code_until = "", None
    if with_code:
        code = _free_code()
        desk.code_hash, desk.code_until = code_hash(code), now + timedelta(minutes=CODE_MINUTES)
    desk.save()
    audit.record(Kind.CREATED, by=by, on=desk, what="measures.hand_over", detail={"code": with_code})
    return Handed(desk, token, code)


@transaction.atomic
def take_code(code: str) -> str | None:
    """The token for the device on which the code was typed; the code is spent. None: no such code now."""
    desk = queries.desk_by_code(code_hash(code)).select_for_update().first()
    if desk is None:
        return None
    token = secrets.token_urlsafe(24)
    desk.token_hash, desk.code_hash, desk.code_until = hash_of(token), "", None
    desk.expires_at = clock.now() + timedelta(minutes=MINUTES)
    desk.save(update_fields=["token_hash", "code_hash", "code_until", "expires_at"])
    audit.record(Kind.CHANGED, by=None, on=desk, what="measures.take_code")
    return token


@transaction.atomic
def answer(token: str, *, number: int, value: int | None) -> bool:
    """Keep one answer, or None for a question left out. True: it must be answered at once, and the flag is raised.

    The flag is raised now, not at the end, once for the score to come; another answer takes nothing back (R-MB-07).
    """
    desk = _open(token)
    pages = questions.steps(desk.instruments)
    if not 1 <= number <= len(pages):
        raise Refused("There is no such question. Go on with the next one.")
    step = pages[number - 1]
    if value is not None and value not in step.instrument.values(step.item.n):
        raise Refused("Choose one of the answers, or skip the question.", field="answer")
    answers = desk.answers
    answers[step.instrument.key][step.position] = value
    desk.answers, desk.reached = answers, max(desk.reached, number)
    desk.save(update_fields=["answers", "reached"])
    audit.record(Kind.CHANGED, by=None, on=desk, what="measures.answer", detail={"question": number})
    if not step.raises(value):
        return False
    assert value is not None
    risk.raise_flag(
        desk.patient, source=Source.ITEM, sentence=questions.alert_sentence(step.instrument, step.item.n, value),
        object_id=UUID(desk.score_ids[step.instrument.key]), by=None,
    )  # fmt: skip
    return True


@transaction.atomic
def finish(token: str) -> DeskSession:
    """Score what was answered and shut the questions; asking twice scores once."""
    desk = _locked(token)
    if desk.finished_at is None:
        _shut(desk, answered_at=min(clock.now(), desk.expires_at))
    return desk


def close_lapsed() -> int:
    """Score and shut every desk session whose time is over; how many. Each in a transaction of its own."""
    count = 0
    for pk in list(queries.lapsed().values_list("pk", flat=True)):
        with transaction.atomic():
            desk = queries.lapsed().select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
            if desk is not None:
                _shut(desk, answered_at=desk.expires_at)
                count += 1
    return count


def _locked(token: str) -> DeskSession:
    found = DeskSession.objects.select_for_update(of=("self",)).select_related("patient", "attendance")
    desk = found.filter(token_hash=hash_of(token)).first()
    if desk is None:
        raise Refused(OVER)
    return desk


def _open(token: str) -> DeskSession:
    desk = _locked(token)
    if desk.finished_at is not None or desk.expires_at <= clock.now():
        raise Refused(OVER)
    return desk


def _shut(desk: DeskSession, *, answered_at: datetime) -> None:
    for key in desk.instruments:
        if any(value is not None for value in desk.answers[key]):
            record(
                desk.patient, instrument=key, answers=desk.answers[key], answered_at=answered_at, channel=Channel.DESK,
                attendance=desk.attendance, score_id=UUID(desk.score_ids[key]), by=None,
            )  # fmt: skip
    desk.finished_at, desk.code_hash, desk.code_until = clock.now(), "", None
    desk.save(update_fields=["finished_at", "code_hash", "code_until"])
    audit.record(Kind.CHANGED, by=None, on=desk, what="measures.finish")


def _free_code() -> str:
    while True:
        code = f"{secrets.randbelow(1_000_000):06d}"
        if not DeskSession.objects.filter(code_hash=code_hash(code)).exists():
            return code
