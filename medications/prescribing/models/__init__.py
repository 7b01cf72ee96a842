"""Prescriptions, dose orders, authorisations, fills, and what was checked before each signature."""

from medications.prescribing.models.findings import StoredFinding
from medications.prescribing.models.orders import DoseOrder, HoldPeriod, Prescription, PrescriptionTarget
from medications.prescribing.models.supplies import Authorisation, Fill, LostSupply

__all__ = [
    "Authorisation", "DoseOrder", "Fill", "HoldPeriod", "LostSupply", "Prescription", "PrescriptionTarget",
    "StoredFinding",
]  # fmt: skip
