"""All addresses. They hold ids only (R-HS-07); every room has its own list below its own name."""

from django.urls import include, path

urlpatterns = [
    path("", include("clinic.web.urls")),
    path("accounts/", include("clinic.web.account_urls")),
    path("practice/", include("clinic.practice.urls")),
    path("staff/", include("clinic.staff.urls")),
    path("audit/", include("clinic.audit.urls")),
    path("jobs/", include("clinic.outbox.urls")),
    path("patients/", include("patients.record.urls")),
    path("inbox/", include("patients.inbox.urls")),
    path("schedule/", include("patients.scheduling.urls")),
    path("notes/", include("patients.notes.urls")),
    path("risk/", include("patients.risk.urls")),
    path("measures/", include("patients.measures.urls")),
    path("plan/", include("patients.plan.urls")),
    path("handoffs/", include("patients.handoffs.urls")),
    path("chart/", include("patients.chart.urls")),
    path("sessions/", include("therapy.sessions.urls")),
    path("medicines/", include("medications.prescribing.urls")),
    path("pharmacies/", include("medications.pharmacies.urls")),
    path("catalogue/", include("medications.catalogue.urls")),
    path("controlled/", include("medications.controlled.urls")),
    path("vigilance/", include("medications.vigilance.urls")),
    path("checks/", include("medications.safety.urls")),
    path("tapers/", include("medications.tapers.urls")),
    path("visits/", include("medications.visits.urls")),
    path("injections/", include("medications.injections.urls")),
    path("reconciling/", include("medications.reconciling.urls")),
    path("monitoring/", include("medications.monitoring.urls")),
    path("refills/", include("medications.refills.urls")),
]

handler400 = "clinic.web.errors.bad_request"
handler403 = "clinic.web.errors.not_found"
handler404 = "clinic.web.errors.not_found"
handler500 = "clinic.web.errors.broken"
