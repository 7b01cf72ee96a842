"""Pages of medications: reconciling. Addresses hold ids only."""

from django.urls import path

from medications.reconciling import views

app_name = "reconciling"
urlpatterns = [
    path("<uuid:patient_id>/", views.go, name="list"),
    path("<uuid:patient_id>/<uuid:pk>/", views.told, name="told"),
    path("<uuid:patient_id>/<uuid:pk>/in-error/", views.retract, name="retract"),
]
