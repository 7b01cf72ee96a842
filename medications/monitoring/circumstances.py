"""Circumstances of a person that the data ask about and no other room keeps, in words for the page."""

from collections.abc import Mapping
from dataclasses import dataclass

from medications.monitoring.predicates import BEN, INDIVIDUAL


@dataclass(frozen=True, slots=True)
class Known:
    """One circumstance. `decision`: only a prescriber of the team may say so, by name."""

    words: str
    decision: bool = False


KNOWN: Mapping[str, Known] = {
    "new_movement": Known("A new or worse movement was seen or reported"),
    "fever_or_infection": Known("Fever, sore throat, mouth ulcers or a flu-like illness"),
    "liver_symptoms": Known("Dark urine, yellow eyes, right-sided belly pain, unexplained itching"),
    "symptoms_of_low_sodium": Known("New headache, nausea, confusion, lethargy, falls or a seizure"),
    "mental_status_change": Known("New confusion, vomiting or unusual sleepiness"),
    "prolactin_symptoms": Known("Missed periods, breast changes, sexual problems or bone loss"),
    "poor_adherence": Known("Tablets are often missed"),
    "prior_eps": Known("Movement side effects of a medicine earlier in life"),
    "hla_b_1502_ancestry": Known("Ancestry for which HLA-B*15:02 is tested, asked respectfully"),
    "CYP2C19 poor metabolizer": Known("CYP2C19 poor metabolizer"),
    "tca_high_dose": Known("A tricyclic in a high dose"),
    "pdmp_opioid": Known("An opioid in the prescription monitoring report"),
    BEN: Known("Benign ethnic neutropenia (Duffy-null), recorded by a clinician", decision=True),
    INDIVIDUAL: Known("A rhythm of blood counts of one’s own with clozapine, by named decision", decision=True),
}
