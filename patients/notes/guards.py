"""Triggers by which the database itself keeps signed notes as they were signed (R-HS-05)."""

import pgtrigger

# What may still change after the signature: who is asked to co-sign and did, and "entered in error".
LATER = ("cosigner_id", "cosigned_at", "retracted_at", "retracted_by_id", "retracted_reason")

_SIGNED_STAYS = f"""
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a note is never deleted; it is marked as entered in error';
    END IF;
    IF OLD.retracted_at IS NOT NULL AND to_jsonb(NEW) <> to_jsonb(OLD) THEN
        RAISE EXCEPTION 'a note that was entered in error stays as it is';
    END IF;
    IF OLD.signed_at IS NOT NULL
       AND to_jsonb(NEW) - ARRAY[{", ".join(f"'{name}'" for name in LATER)}]
           <> to_jsonb(OLD) - ARRAY[{", ".join(f"'{name}'" for name in LATER)}] THEN
        RAISE EXCEPTION 'a signed note cannot change; write an addendum (R-HS-05)';
    END IF;
    IF OLD.cosigned_at IS NOT NULL
       AND (NEW.cosigned_at, NEW.cosigner_id) IS DISTINCT FROM (OLD.cosigned_at, OLD.cosigner_id) THEN
        RAISE EXCEPTION 'a co-signature cannot change';
    END IF;
    RETURN NEW;
"""

_REVISION_STAYS = """
    IF TG_OP = 'DELETE' AND NOT OLD.set_aside THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'what a save held cannot change, and what was set aside is kept';
"""


def note_immutable() -> pgtrigger.Trigger:
    """A signed note takes a co-signature and a retraction, nothing else; no note is deleted."""
    return pgtrigger.Trigger(
        name="note_immutable",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_SIGNED_STAYS,
    )


def revision_kept() -> pgtrigger.Trigger:
    """A revision is never edited; only ordinary ones may be thinned out."""
    return pgtrigger.Trigger(
        name="revision_kept",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_REVISION_STAYS,
    )


def never_emptied() -> pgtrigger.Trigger:
    """TRUNCATE, which row triggers do not see, is refused."""
    return pgtrigger.Trigger(
        name="never_emptied",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'notes are never emptied';",
    )
