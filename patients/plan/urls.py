"""Pages of the shared plan."""

from django.urls import path

from patients.plan.views import editing, reading, signing

app_name = "plan"
urlpatterns = [
    path("<uuid:patient_id>/", reading.plan, name="plan"),
    path("<uuid:patient_id>/versions/<uuid:pk>/", reading.version, name="version"),
    path("<uuid:patient_id>/compare/", reading.compare, name="compare"),
    path("<uuid:patient_id>/readings/<uuid:pk>/", reading.reading, name="reading"),
    path("<uuid:patient_id>/draft/", editing.draft, name="draft"),
    path("<uuid:patient_id>/edit/", editing.edit, name="edit"),
    path("<uuid:patient_id>/edit/criteria/", editing.criteria, name="criteria"),
    path("<uuid:patient_id>/edit/<slug:kind>/new/", editing.add, name="add"),
    path("<uuid:patient_id>/edit/<slug:kind>/in/<uuid:problem>/", editing.add, name="add_below"),
    path("<uuid:patient_id>/edit/<slug:kind>/<uuid:pk>/", editing.change, name="change"),
    path("<uuid:patient_id>/edit/<slug:kind>/<uuid:pk>/remove/", editing.remove, name="remove"),
    path("<uuid:patient_id>/sign/", signing.sign, name="sign"),
]
