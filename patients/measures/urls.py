"""Pages of patients: measures; and the questions at the desk's device."""

from django.urls import path

from patients.measures.views import chart, desk

app_name = "measures"
urlpatterns = [
    path("here/", desk.here, name="here"),
    path("desk/", desk.begin, name="desk"),
    path("desk/end/", desk.end, name="end"),
    path("desk/<int:number>/", desk.question, name="question"),
    path("desk/<int:number>/help/", desk.help_now, name="help"),
    path("<uuid:patient_id>/", chart.measures, name="measures"),
    path("<uuid:patient_id>/hand-over/", desk.hand_over, name="hand_over"),
    path("<uuid:patient_id>/record/<slug:instrument>/", chart.record, name="record"),
    path("<uuid:patient_id>/<uuid:pk>/", chart.score, name="score"),
    path("<uuid:patient_id>/<uuid:pk>/acknowledge/", chart.acknowledge, name="acknowledge"),
    path("<uuid:patient_id>/<uuid:pk>/in-error/", chart.retract, name="retract"),
]
