"""Words of the record."""

from django.db.models import TextChoices


class TeamRole(TextChoices):
    """A person's part in a patient's care."""

    THERAPIST = "therapist", "therapist"
    PRESCRIBER = "prescriber", "prescriber"
    COVER = "cover", "covering"


class ContactChannel(TextChoices):
    """How the patient wants to be reached (R-HP-09)."""

    TEXT = "text", "text message"
    EMAIL = "email", "e-mail"
    NONE = "none", "no messages"


class AllergyAnswer(TextChoices):
    """Whether allergies were asked: never asked differs from none known."""

    NEVER_ASKED = "never_asked", "never asked"
    NONE_KNOWN = "none_known", "none known"
    SOME = "some", "listed"


class AllergyKind(TextChoices):
    """What an allergy names, as the knowledge base matches it."""

    INGREDIENT = "ingredient", "medicine"
    CLASS = "class", "group of medicines"
    SUBSTANCE = "substance", "other substance"


class FactKey(TextChoices):
    """Medical facts that prescribing asks about; absent: never asked. In the order of asking, see FACT_GROUPS."""

    PREGNANT = "pregnant", "pregnant"
    PLANS_PREGNANCY = "plans_pregnancy", "plans a pregnancy within a year"
    COULD_BECOME_PREGNANT = "could_become_pregnant", "could become pregnant"
    BREASTFEEDING = "breastfeeding", "breast-feeding"
    KIDNEY = "kidney", "kidney disease"
    LIVER = "liver", "liver disease"
    HEART_QT = "heart_qt", "heart rhythm or QT problem"
    HEART_ATTACK = "heart_attack", "recent heart attack or heart failure"
    HEART = "heart", "other heart disease"
    SEIZURE = "seizure", "seizures"
    WITHDRAWAL_SEIZURE = "withdrawal_seizure", "seizure or delirium in withdrawal, ever"
    EATING_DISORDER = "eating_disorder", "eating disorder"
    GLAUCOMA = "glaucoma", "narrow-angle glaucoma"
    SLEEP_APNOEA = "sleep_apnoea", "sleep apnea"
    OUTSIDE_MEDICINES = "outside_medicines", "medicines from elsewhere"
    SMOKING = "smoking", "smokes tobacco"
    ALCOHOL = "alcohol", "drinks alcohol"
    HIGH_PRESSURE = "high_pressure", "high blood pressure"
    LOW_PRESSURE = "low_pressure", "low blood pressure or fainting"
    SLOW_PULSE = "slow_pulse", "slow pulse"
    DIABETES = "diabetes", "diabetes or obesity"
    LUNG = "lung", "severe lung disease or myasthenia"
    ASTHMA = "asthma", "asthma"
    LOW_SODIUM = "low_sodium", "low sodium, now or before"
    DEHYDRATION = "dehydration", "dehydration, vomiting or diarrhea now"
    THYROID = "thyroid", "underactive thyroid"
    BOWEL = "bowel", "bowel blockage or slow gut"
    URINE = "urine", "urinary retention or enlarged prostate"
    BLEEDING = "bleeding", "stomach or bowel bleeding, ulcer"
    BLOOD = "blood", "low white cells or bone marrow disease"
    PANCREAS = "pancreas", "pancreatitis"
    BRAIN_VESSELS = "brain_vessels", "aneurysm, malformation or bleed in the brain"
    PARKINSON = "parkinson", "Parkinson disease"
    NARCOLEPSY = "narcolepsy", "narcolepsy"
    SLEEP_WALKING = "sleep_walking", "sleep-walking"
    PROLACTIN = "prolactin", "raised prolactin or breast cancer"
    STONES = "stones", "kidney stones"
    PSORIASIS = "psoriasis", "psoriasis"
    PHEO = "pheo", "pheochromocytoma"
    LOW_POTASSIUM = "low_potassium", "low potassium or magnesium"
    PRIAPISM = "priapism", "painful erection in the past"
    PORPHYRIA = "porphyria", "porphyria"
    MITOCHONDRIAL = "mitochondrial", "urea cycle or mitochondrial disease"
    HLA_B1502 = "hla_b1502", "HLA-B*15:02 positive"
    CYP2C19_POOR = "cyp2c19_poor", "CYP2C19 poor metabolizer"


# The checklist's parts, in the order of asking; together they hold every key once.
FACT_GROUPS: dict[str, tuple[FactKey, ...]] = {
    "Pregnancy": (
        FactKey.PREGNANT, FactKey.PLANS_PREGNANCY, FactKey.COULD_BECOME_PREGNANT, FactKey.BREASTFEEDING,
    ),
    "Asked of everybody": (
        FactKey.KIDNEY, FactKey.LIVER, FactKey.HEART_QT, FactKey.HEART_ATTACK, FactKey.HEART, FactKey.SEIZURE,
        FactKey.WITHDRAWAL_SEIZURE, FactKey.EATING_DISORDER, FactKey.GLAUCOMA, FactKey.SLEEP_APNOEA,
        FactKey.OUTSIDE_MEDICINES, FactKey.SMOKING, FactKey.ALCOHOL,
    ),
    "Other conditions": tuple(FactKey)[tuple(FactKey).index(FactKey.HIGH_PRESSURE) : -2],
    "Genes, where a laboratory has told": (FactKey.HLA_B1502, FactKey.CYP2C19_POOR),
}  # fmt: skip


class ReadingKind(TextChoices):
    """What is measured and read by the checks."""

    WEIGHT = "weight", "weight"
    PRESSURE = "pressure", "blood pressure"
    PULSE = "pulse", "pulse"
    QTC = "qtc", "QTc"
    EGFR = "egfr", "eGFR"


# Unit, and the least and the most that a person can have: what lies outside is a slip of the unit.
READING_UNITS = {
    ReadingKind.WEIGHT: ("kg", 20, 400), ReadingKind.PRESSURE: ("mmHg", 50, 280),
    ReadingKind.PULSE: ("a minute", 25, 220),
    ReadingKind.QTC: ("ms", 250, 800), ReadingKind.EGFR: ("mL/min/1.73 m²", 2, 200),
}  # fmt: skip


class FactAnswer(TextChoices):
    """The answer to a medical fact."""

    YES = "yes", "yes"
    NO = "no", "no"
    UNSURE = "unsure", "not sure"
