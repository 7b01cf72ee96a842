"""Forms of prescribing."""

from medications.prescribing.forms.dosing import STEP, DoseForm, NewForm, answers, of_order, product_label, ways
from medications.prescribing.forms.telling import FillForm, LinkForm, LossForm, ReasonForm, ReportForm, StopForm

__all__ = [
    "STEP", "DoseForm", "FillForm", "LinkForm", "LossForm", "NewForm", "ReasonForm", "ReportForm", "StopForm",
    "answers", "of_order", "product_label", "ways",
]  # fmt: skip
