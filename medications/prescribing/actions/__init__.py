"""Every write of prescribing: orders, holds, stops, supplies, what is taken from elsewhere, and errors."""

from medications.prescribing.actions.ending import hold, resume, stop
from medications.prescribing.actions.erring import retract_order, retract_prescription
from medications.prescribing.actions.losing import record_loss, retract_loss
from medications.prescribing.actions.ordering import change_dose, prescribe
from medications.prescribing.actions.reporting import link, report
from medications.prescribing.actions.supplying import authorise, record_fill, retract_fill, take_back
from medications.prescribing.checks import Override, Regimen, Step, Supply

__all__ = [
    "Override",
    "Regimen",
    "Step",
    "Supply",
    "authorise",
    "change_dose",
    "hold",
    "link",
    "prescribe",
    "record_fill",
    "record_loss",
    "report",
    "resume",
    "retract_fill",
    "retract_loss",
    "retract_order",
    "retract_prescription",
    "stop",
    "take_back",
]
