"""What the schedule says: days and times, the reminder's text (R-RE-01, R-RE-04), and what means STOP (R-RE-03)."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time

from patients.record.calc import without_hidden

MOST = 160  # characters of a text message (R-RE-04)
ROOM_FOR_NAME = 14  # kept for a name before times are shortened

STOP_WORDS = frozenset({
    "stop", "stopall", "quit", "end", "revoke", "optout", "cancel", "unsubscribe", "arret", "alto", "parar", "pare",
    "basta", "cancelar", "halt", "cease", "remove", "unsub", "nomore", "🛑",
})  # fmt: skip
# Words that may stand beside a stop word without changing what is meant.
FILLERS = frozenset({
    "please", "pls", "plz", "thanks", "thank", "thx", "you", "now", "all", "it", "me", "my", "this", "these",
    "the", "everything", "immediately", "ok", "okay", "hi", "hello", "hey", "just", "i", "want", "would",
    "like", "to", "d", "ll", "said", "already", "asap", "right", "away", "u", "from", "and", "yes", "por",
    "favor", "ya",
})  # fmt: skip
ABOUT = (
    r"(?:texts?|texting|messages?|messaging|msgs?|sms|e ?mails?|e ?mailing|reminders?|contact|contacting|writing|"
    r"notifications?|notifying|spam|spamming|alerts?)\b"
)
TO_US = r"(?:text|message|contact|write|notify|e ?mail|sms|spam|bother|remind)\b"
NEVER = r"\b(?:do not|dont|never)(?: ever)?"
STOP_PHRASES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<!dont )(?<!not )(?<!never )\b(?:stop|quit|cease|discontinue|halt)\b(?! by\b)(?: \w+){{0,3}}? {ABOUT}",
        rf"\b(?:no more|no further)(?! than\b)(?: \w+){{0,2}}? {ABOUT}",
        rf"(?<!dont )(?<!not )\b(?:cancel|end)(?: (?:my|the|these|those|all|your|any|text|sms|phone)){{0,3}} {ABOUT}",
        rf"{NEVER} {TO_US}",
        rf"{NEVER} send(?: \w+){{0,3}}? (?:{ABOUT}|anything\b|more\b|these\b|this\b)",
        rf"\b(?:do not|dont|no longer|not) (?:want|need|wish|like|consent)\b(?: \w+){{0,4}}? {ABOUT}",
        r"\bstop (?:send|bother|harass|bugg)ing\b",
        r"\bunsubscribe\b|\bopt(?:ing|ed)? (?:me )?out\b|\boptout\b|\brevoke\b",
        r"\b(?:remove|take|delete|drop) (?:me|my (?:phone )?number)\b (?:from|off)\b|\bremove (?:me|my number)$",
        r"\bleave me alone\b|\bwrong (?:number|person)\b",
        r"\bno mas mensajes\b|\bno me (?:escrib|mand|envi)\w*|\bdej\w+ de (?:escribir|mandar|enviar)\w*",
    )
)


def day_words(day: date) -> str:
    """A day as people here write it: "Mon Nov 23"."""
    return f"{day:%a %b} {day.day}"


def time_words(at: time) -> str:
    """A time of day: "2:00 pm"."""
    return f"{at.hour % 12 or 12}:{at:%M} {'am' if at.hour < 12 else 'pm'}"


def range_words(first: time, last: time) -> str:
    """From when to when: "2:00–2:45"."""
    return "–".join(f"{at.hour % 12 or 12}:{at:%M}" for at in (first, last))


def reminder_text(practice_short: str, first_name: str, visits: Sequence[datetime], phone: str) -> str:
    """The reminder of all visits of one day: practice, first name, day, times, number to call, STOP, nothing else.

    `visits` are local datetimes of one day; several are one message (R-RE-04). At most 160 characters: a long name is
    shortened, then left out; many times become the first and how many more. Raises ValueError without visits or for
    visits of different days.
    """
    moments = sorted({(visit.date(), visit.time()) for visit in visits})
    if not moments or moments[0][0] != moments[-1][0]:
        raise ValueError("A reminder is about the visits of one day.")
    practice = _shortened(_one_line(practice_short), 40)
    day, times = day_words(moments[0][0]), [time_words(at) for _, at in moments]
    end = f"To change it, call {phone}. STOP to opt out."
    body = f"see you {day}, {_joined(times)}. {end}"
    if len(f"{practice}: {body}") > MOST - ROOM_FOR_NAME:
        body = f"see you {day}, {times[0]}{f' and {len(times) - 1} more' if len(times) > 1 else ''}. {end}"
    name = _shortened(_one_line(first_name), MOST - len(f"{practice}: , {body}"))
    return f"{practice}: {name}, {body}" if name else f"{practice}: {body}"


def is_stop(text: str) -> bool:
    """Whether the text takes back the consent to messages (R-RE-03): the known words, and any reasonable wording.

    In doubt yes: a patient who meant something else can be asked, one who meant this must not be texted again. Words
    about the visit itself ("need to cancel my appointment") are for the desk, not a revocation.
    """
    words = _plain(text[:1000])
    meant = words.replace("opt out", "optout").replace("no more", "nomore").split()
    rest = [word for word in meant if word not in FILLERS]
    if rest and all(word in STOP_WORDS for word in rest):
        return True
    return any(phrase.search(words) for phrase in STOP_PHRASES)


def _plain(text: str) -> str:
    """Lower case, no accents and no apostrophes, single spaces instead of other signs; 🛑 stays."""
    base = unicodedata.normalize("NFKD", without_hidden(text).casefold())
    bare = "".join(c for c in base if not unicodedata.combining(c) and c not in "'’‘`")
    return " ".join(re.sub(r"[^\w🛑]|_", " ", bare).split())


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in without_hidden(text)).split())


def _shortened(text: str, room: int) -> str:
    """The text in at most `room` characters, cut between letters and not between a letter and its marks."""
    if len(text) <= room:
        return text
    if room < 2:
        return ""
    cut = room - 1
    while cut > 0 and unicodedata.combining(text[cut]):
        cut -= 1
    return f"{text[:cut].rstrip()}…" if text[:cut].strip() else ""


def _joined(times: Sequence[str]) -> str:
    return times[0] if len(times) == 1 else f"{', '.join(times[:-1])} and {times[-1]}"
