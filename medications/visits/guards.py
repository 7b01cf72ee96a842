"""Triggers by which the database keeps what a signed visit says (R-HS-05)."""

import pgtrigger

_VISIT_STAYS = """
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a visit is never deleted; its note is marked as entered in error';
    END IF;
    IF to_jsonb(NEW) <> to_jsonb(OLD)
       AND EXISTS (SELECT 1 FROM patients_notes_note n WHERE n.id = OLD.note_id AND n.signed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the visit of a signed note cannot change (R-HS-05)';
    END IF;
    RETURN NEW;
"""


def visit_immutable() -> pgtrigger.Trigger:
    """The visit of a signed note stays; no visit goes."""
    return pgtrigger.Trigger(
        name="visit_immutable",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_VISIT_STAYS,
    )


def never_emptied() -> pgtrigger.Trigger:
    """TRUNCATE, which row triggers do not see, is refused."""
    return pgtrigger.Trigger(
        name="never_emptied",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'visits are never emptied';",
    )
