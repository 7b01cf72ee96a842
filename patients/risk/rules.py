"""Why the risk room says no (R-MB-07)."""

from clinic.staff.models import User
from clinic.staff.rules import has_licence
from patients.risk.models import Disposition, RiskFlag, Source
from patients.risk.queries import source_in_error

NO_LICENCE = "Only a clinician whose licence is in force can do this. The practice manager keeps licences."


def licensed(by: User) -> str | None:
    """Risk is answered by somebody with a licence in force (R-MB-07)."""
    return None if has_licence(by) else NO_LICENCE


def raised(words: str) -> str | None:
    """A flag says what was seen or heard."""
    return None if words else "Write in a sentence what you saw or heard."


def acknowledge(flag: RiskFlag, by: User) -> str | None:
    """An open flag, by a licensed clinician."""
    if flag.closed_at:
        return "This flag is closed already."
    return licensed(by)


def close(flag: RiskFlag, disposition: str, words: str, by: User) -> str | None:
    """Nobody closes a flag without a disposition and words, and a named clinician answers for it (R-MB-07)."""
    if disposition not in Disposition.values:
        return "Choose how this ended."
    if not words:
        return "Write what was found and agreed, and with whom."
    if disposition == Disposition.IN_ERROR and flag.source == Source.ITEM and not source_in_error(flag):
        return "The answers still stand. Mark the score as entered in error first, or choose how this ended."
    return licensed(by)
