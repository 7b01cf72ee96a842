"""Triggers by which the database itself keeps orders, authorisations, fills and findings as they were signed."""

import pgtrigger


def _names(fields: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in fields)


def only_changes(name: str, *fields: str) -> pgtrigger.Trigger:
    """A row may change in `fields` alone, and is never deleted."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF TG_OP = 'DELETE' THEN
                RAISE EXCEPTION 'nothing clinical is deleted; it is marked as entered in error';
            END IF;
            IF to_jsonb(NEW) - ARRAY[{_names(fields)}]::text[] <> to_jsonb(OLD) - ARRAY[{_names(fields)}]::text[] THEN
                RAISE EXCEPTION 'what was signed does not change; a change is a new row';
            END IF;
            RETURN NEW;
        """,
    )


def once(name: str, field: str, *others: str) -> pgtrigger.Trigger:
    """What was set in `field` (a retraction, an end) stays, with the fields that belong to it."""
    together = " OR ".join(f"NEW.{one} IS DISTINCT FROM OLD.{one}" for one in (field, *others))
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=f"""
            IF OLD.{field} IS NOT NULL AND ({together}) THEN
                RAISE EXCEPTION 'this was decided and stays';
            END IF;
            RETURN NEW;
        """,
    )


def never_deleted() -> pgtrigger.Trigger:
    """No row goes."""
    return pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)


def never_emptied() -> pgtrigger.Trigger:
    """TRUNCATE, which row triggers do not see, is refused."""
    return pgtrigger.Trigger(
        name="never_emptied",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'prescriptions are never emptied';",
    )


def pack_of_one_prescription() -> pgtrigger.Trigger:
    """The steps of a titration pack follow its first, in the same prescription, of the same product and signer."""
    return pgtrigger.Trigger(
        name="order_pack_of_one_prescription",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func="""
            IF NEW.pack_id IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM medications_prescribing_doseorder o
                WHERE o.id = NEW.pack_id AND o.pack_id IS NULL AND o.prescription_id = NEW.prescription_id
                    AND o.product_id = NEW.product_id AND o.signed_by_id = NEW.signed_by_id
                    AND o.from_day < NEW.from_day
            ) THEN
                RAISE EXCEPTION 'the steps of a pack follow its first, in one prescription';
            END IF;
            RETURN NEW;
        """,
    )


def series_of_one_day() -> pgtrigger.Trigger:
    """R-RX-02: the prescriptions of a series are of one day, one signer, one course, and of 90 days together."""
    return pgtrigger.Trigger(
        name="authorisation_series_of_one_day",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        func="""
            IF NEW.series IS NOT NULL AND (
                SELECT sum(days_supply) > 90 OR count(DISTINCT issued_on) > 1 OR count(DISTINCT issued_by_id) > 1
                    OR count(DISTINCT prescription_id) > 1
                FROM medications_prescribing_authorisation WHERE series = NEW.series
            ) THEN
                RAISE EXCEPTION 'a series is written on one day by one person, for 90 days at most';
            END IF;
            RETURN NULL;
        """,
    )


def five_in_six_months() -> pgtrigger.Trigger:
    """R-RX-03: what is authorised in addition counts toward the five refills, and ends when the first does."""
    return pgtrigger.Trigger(
        name="authorisation_five_in_six_months",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        func="""
            IF NEW.extends_id IS NOT NULL AND NEW.schedule IN ('III', 'IV') AND (
                WITH RECURSIVE chain AS (
                    SELECT id, extends_id, refills, added, expires_on FROM medications_prescribing_authorisation
                        WHERE id = NEW.id
                    UNION ALL
                    SELECT a.id, a.extends_id, a.refills, a.added, a.expires_on
                        FROM medications_prescribing_authorisation a JOIN chain c ON a.id = c.extends_id
                )
                SELECT sum(CASE WHEN extends_id IS NULL THEN refills ELSE added END) > 5
                    OR count(DISTINCT expires_on) <> 1 FROM chain
            ) THEN
                RAISE EXCEPTION 'five refills in six months, what was added counted in';
            END IF;
            RETURN NULL;
        """,
    )


_RETRACTION = ("retracted_at", "retracted_by_id", "retracted_reason")
_VOID = ("voided_at", "voided_by_id", "voided_reason")


def prescription() -> list[pgtrigger.Trigger]:
    """A prescription stays one patient's course of one drug."""
    return [
        never_deleted(),
        never_emptied(),
        once("prescription_retracted_for_good", *_RETRACTION),
        pgtrigger.ReadOnly(name="prescription_of_one_patient", fields=["patient", "drug", "drug_text", "origin"]),
    ]


def order() -> list[pgtrigger.Trigger]:
    """A dose order may only end, or be marked as entered in error."""
    return [
        only_changes("order_immutable", "until_day", "during", *_RETRACTION),
        once("order_retracted_for_good", *_RETRACTION),
        never_emptied(),
        pack_of_one_prescription(),
    ]


def hold() -> list[pgtrigger.Trigger]:
    """A hold may only end, once."""
    return [only_changes("hold_immutable", "until_day"), once("hold_ended_for_good", "until_day"), never_emptied()]


def authorisation() -> list[pgtrigger.Trigger]:
    """An authorisation may only be voided, once."""
    return [
        only_changes("authorisation_immutable", *_VOID),
        once("authorisation_voided_for_good", *_VOID),
        never_emptied(),
        series_of_one_day(),
        five_in_six_months(),
    ]


def fill() -> list[pgtrigger.Trigger]:
    """A fill may only be marked as entered in error."""
    return [
        only_changes("fill_immutable", *_RETRACTION),
        once("fill_retracted_for_good", *_RETRACTION),
        never_emptied(),
    ]


def loss() -> list[pgtrigger.Trigger]:
    """What was lost may only be marked as entered in error."""
    return [
        only_changes("loss_immutable", *_RETRACTION),
        once("loss_retracted_for_good", *_RETRACTION),
        never_emptied(),
    ]


def target() -> list[pgtrigger.Trigger]:
    """What a prescription was for is kept."""
    return [never_deleted(), never_emptied()]


def finding() -> list[pgtrigger.Trigger]:
    """What was said at a signature is never changed."""
    return [pgtrigger.Protect(name="finding_kept", operation=pgtrigger.Update | pgtrigger.Delete), never_emptied()]
