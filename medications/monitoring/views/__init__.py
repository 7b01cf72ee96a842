"""Pages of monitoring: the patient's tab, the caseload, files of results."""
