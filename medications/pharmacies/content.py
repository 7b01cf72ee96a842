"""What a prescription says, taken from the rows at the moment of signing; nothing of it changes afterwards."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from clinic.practice.models import Practice, Site
from medications.catalogue.models import Product
from medications.pharmacies import calc, script
from medications.pharmacies.enums import Verdict
from medications.pharmacies.models import Pharmacy, RenewalAnswer
from medications.prescribing import remainders
from medications.prescribing.calc import short, units_per_day
from medications.prescribing.forms import product_label
from medications.prescribing.models import Authorisation
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User


def of(row: Authorisation, patient: Patient, pharmacy: Pharmacy | None, key: Any) -> dict[str, Any]:
    """The whole prescription as plain words and numbers. `key` names the transmission. Three queries at most."""
    order = row.order
    product = order.product
    drug = row.prescription.drug.generic_name if row.prescription.drug else row.prescription.drug_text
    return {
        "number": str(key), "authorisation": str(row.pk), **_practice(row.issued_by, patient),
        "patient": {"name": patient.name, "born": _day(patient.born_on), "address": _patient_address(patient)},
        "medicine": f"{drug.capitalize()}, {product_label(product)}".replace("\u00a0", " "),
        "sig": row.directions or order.sig, **_steps(row),
        "quantity": short(row.quantity), "quantity_words": calc.in_words(row.quantity),
        "unit": unit(product, row.quantity == 1), "days": row.days_supply, "refills": row.refills,
        "refills_words": "none" if row.refills == 0 else calc.in_words(Decimal(row.refills)),
        "issued_on": _day(row.issued_on), "earliest_fill_on": _day(row.earliest_fill_on),
        "expires_on": _day(row.expires_on), "bridge": row.bridge, "pharmacy": _pharmacy(pharmacy),
    }  # fmt: skip


WORDS: dict[str, str] = {
    Verdict.DENIED: "Declined by the prescriber. The patient is asked to call the practice.",
    Verdict.DENIED_NEW: "A new prescription is written and goes another way.",
}  # fmt: skip


def renewal_response(row: RenewalAnswer) -> bytes:
    """The RxRenewalResponse. The reason for the care team stays here: a pharmacy is told that it was declined."""
    message, made = row.message, row.transmission
    approved = row.verdict in (Verdict.APPROVED, Verdict.CHANGED)
    assert message.transmission is not None
    answer = {
        "to": message.sender, "from": message.transmission.content.get("prescriber", {}).get("npi", ""),
        "MessageID": row.pk.hex, "RelatesToMessageID": message.message_id, "SentTime": row.asked_at.isoformat(),
        "RxReferenceNumber": message.rx_number, "PrescriberOrderNumber": made.pk.hex if made and approved else "",
        "verdict": row.verdict, "words": WORDS.get(row.verdict, ""),
    }  # fmt: skip
    return script.response(answer, made.content if made is not None and approved else {})


def unit(product: Product, one: bool) -> str:
    """What is counted: tablets, capsules, mL, patches."""
    if product.per == "mL":
        return "mL"
    word = product.form.split(",")[0].split(" ")[-1] or "piece"
    if one:
        return word
    return f"{word}es" if word.endswith(("ch", "sh", "s", "x")) else f"{word}s"


def _steps(row: Authorisation) -> dict[str, Any]:
    """Of a titration pack: the days, the directions and the quantity of each step; the last takes what is left."""
    then = remainders.reached(row.order, row.issued_on, row.days_supply) if row.directions else []
    if not then:
        return {}
    doses = [(row.order.sig, row.order.lines), *((step.regimen.sig, step.regimen.lines) for step in then)]
    found, first, left = [], 1, Fraction(row.quantity)
    for (sig, lines), after in zip(doses, [*(step.after for step in then), None], strict=True):
        takes = left if after is None else units_per_day(lines) * after
        days = f"from day {first}" if after is None else _days(first, after)
        found.append({"days": days, "sig": sig, "quantity": short(takes), "unit": unit(row.order.product, takes == 1)})
        first, left = first + (after or 0), left - takes
    return {"steps": found}


def _days(first: int, lasting: int) -> str:
    return f"day {first}" if lasting == 1 else f"days {first} to {first + lasting - 1}"


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _practice(by: "User", patient: Patient) -> dict[str, Any]:
    practice, site = Practice.objects.first(), by.site or patient.site
    return {
        "practice": {
            "name": practice.legal_name if practice else "", "address": _site_address(site),
            "phone": site.phone.as_national if site.phone else "",
        },
        "prescriber": {"name": by.signature, "npi": by.npi},
    }  # fmt: skip


def _site_address(site: Site) -> str:
    return f"{site.address_line}, {site.city}, {site.state} {site.zip_code}"


def _patient_address(patient: Patient) -> str:
    line = " ".join(part for part in (patient.city, patient.state, patient.zip_code) if part)
    return ", ".join(part for part in (patient.address_line, line) if part)


def _pharmacy(found: Pharmacy | None) -> dict[str, str] | None:
    if found is None:
        return None
    return {
        "name": found.name, "address": found.address, "phone": found.phone.as_national,
        "fax": found.fax.as_national if found.fax else "", "ncpdp_id": found.ncpdp_id,
    }  # fmt: skip
