"""Lines from one member of the care team to another."""

from django.urls import path

from patients.handoffs import views

app_name = "handoffs"
urlpatterns = [
    path("<uuid:patient_id>/", views.lines, name="lines"),
    path("<uuid:patient_id>/new/", views.new, name="new"),
    path("<uuid:patient_id>/hints/", views.hints, name="hints"),
    path("<uuid:patient_id>/<uuid:pk>/", views.line, name="line"),
    path("<uuid:patient_id>/<uuid:pk>/read/", views.mark_read, name="mark_read"),
    path("<uuid:patient_id>/<uuid:pk>/in-error/", views.retract, name="retract"),
]
