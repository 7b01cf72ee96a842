"""Triggers by which the database keeps what a signed session says (R-HS-05)."""

import pgtrigger

_SIGNED = "EXISTS (SELECT 1 FROM patients_notes_note n WHERE n.id = {note} AND n.signed_at IS NOT NULL)"
_OF_SESSION = """EXISTS (
        SELECT 1 FROM therapy_sessions_session s JOIN patients_notes_note n ON n.id = s.note_id
        WHERE s.id = {session} AND n.signed_at IS NOT NULL)"""

_SESSION_STAYS = f"""
    IF {_SIGNED.format(note="OLD.note_id")} THEN
        RAISE EXCEPTION 'the session of a signed note cannot change (R-HS-05)';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""

_ROW_STAYS = f"""
    IF (TG_OP <> 'INSERT' AND {_OF_SESSION.format(session="OLD.session_id")})
       OR (TG_OP <> 'DELETE' AND {_OF_SESSION.format(session="NEW.session_id")}) THEN
        RAISE EXCEPTION 'what a signed session says cannot change (R-HS-05)';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""

# Homework is answered later, in another session; that answer stands once that session is signed.
_RESULT = "ARRAY['result', 'result_words', 'result_in_id']"
_HOMEWORK_STAYS = f"""
    IF (TG_OP <> 'UPDATE' OR to_jsonb(NEW) - {_RESULT} <> to_jsonb(OLD) - {_RESULT})
       AND ((TG_OP <> 'INSERT' AND {_OF_SESSION.format(session="OLD.session_id")})
            OR (TG_OP <> 'DELETE' AND {_OF_SESSION.format(session="NEW.session_id")})) THEN
        RAISE EXCEPTION 'homework of a signed session cannot change (R-HS-05)';
    END IF;
    IF TG_OP <> 'INSERT' AND {_OF_SESSION.format(session="OLD.result_in_id")} THEN
        RAISE EXCEPTION 'how homework went was signed and cannot change (R-HS-05)';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""


def session_immutable() -> pgtrigger.Trigger:
    """The session of a signed note stays."""
    return pgtrigger.Trigger(
        name="session_immutable",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_SESSION_STAYS,
    )


def row_immutable() -> pgtrigger.Trigger:
    """Objectives and techniques of a signed session can be neither added, changed nor deleted."""
    return pgtrigger.Trigger(
        name="row_immutable",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=_ROW_STAYS,
    )


def homework_immutable() -> pgtrigger.Trigger:
    """Homework of a signed session takes its result, until the session that asked is signed too."""
    return pgtrigger.Trigger(
        name="homework_immutable",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=_HOMEWORK_STAYS,
    )


def never_emptied() -> pgtrigger.Trigger:
    """TRUNCATE, which row triggers do not see, is refused."""
    return pgtrigger.Trigger(
        name="never_emptied",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'sessions are never emptied';",
    )
