"""Triggers by which the database itself keeps signed plan versions as they were signed (R-TP-09)."""

import pgtrigger

_ONLY_REPLACED = """
    IF TG_OP = 'UPDATE' AND OLD.state = 'signed' AND NEW.state = 'replaced'
       AND to_jsonb(NEW) - 'state' = to_jsonb(OLD) - 'state' THEN
        RETURN NEW;
    END IF;
    IF OLD.state <> 'draft' THEN
        RAISE EXCEPTION 'a signed plan version cannot change (R-TP-09)';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""

_OF_A_DRAFT = """
    IF TG_OP <> 'INSERT' AND EXISTS (
        SELECT 1 FROM patients_plan_planversion WHERE id = OLD.version_id AND state <> 'draft') THEN
        RAISE EXCEPTION 'a row of a signed plan version cannot change (R-TP-09)';
    END IF;
    IF TG_OP <> 'DELETE' AND EXISTS (
        SELECT 1 FROM patients_plan_planversion WHERE id = NEW.version_id AND state <> 'draft') THEN
        RAISE EXCEPTION 'a signed plan version takes no more rows (R-TP-09)';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""


def version_immutable() -> pgtrigger.Trigger:
    """A version once signed can only be replaced, and never deleted."""
    return pgtrigger.Trigger(
        name="version_immutable",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_ONLY_REPLACED,
    )


def row_immutable() -> pgtrigger.Trigger:
    """The rows of a signed version cannot be added to, changed or deleted."""
    return pgtrigger.Trigger(
        name="row_immutable",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=_OF_A_DRAFT,
    )


def never_emptied() -> pgtrigger.Trigger:
    """TRUNCATE, which row triggers do not see, is refused."""
    return pgtrigger.Trigger(
        name="never_emptied",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'the plan is never emptied';",
    )
