"""Pages of measures: the chart's tab for clinicians, the questions at the desk's device for the patient."""
