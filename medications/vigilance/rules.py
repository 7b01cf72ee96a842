"""Why the room of vigilance says no."""

from medications.safety.enums import OVERRIDES
from medications.vigilance.models import LateFinding


def answer(finding: LateFinding, code: str, words: str) -> tuple[str, str] | None:
    """Once; a stop with a coded reason and words, an ask with words: the sentence and its field."""
    if finding.answered_at is not None:
        return "This was answered already.", "words"
    if finding.gone_at is not None:
        return "This does not stand against the order any more.", "words"
    if finding.level == "stop" and code not in OVERRIDES:
        return "Choose why it goes on against a stop.", "code"
    return None if words else ("Write why it goes on, or change the order.", "words")
