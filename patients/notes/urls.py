"""Pages of patients: notes."""

from django.urls import path

from patients.notes import views

app_name = "notes"
urlpatterns = [
    path("<uuid:patient_id>/<uuid:pk>/", views.note, name="note"),
    path("<uuid:patient_id>/<uuid:pk>/save/", views.save, name="save"),
    path("<uuid:patient_id>/<uuid:pk>/state/", views.state, name="state"),
    path("<uuid:patient_id>/<uuid:pk>/back/", views.back, name="back"),
    path("<uuid:patient_id>/<uuid:pk>/addendum/", views.addendum, name="addendum"),
    path("<uuid:patient_id>/<uuid:pk>/error/", views.retract, name="retract"),
    path("<uuid:patient_id>/<uuid:pk>/cosign/", views.cosign, name="cosign"),
]
