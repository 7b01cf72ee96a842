"""Pages of medications: prescribing. Addresses hold ids only."""

from django.urls import path

from medications.prescribing.views import acting, dosing, reading, supplying

app_name = "prescribing"
urlpatterns = [
    path("<uuid:patient_id>/", reading.medication, name="medication"),
    path("<uuid:patient_id>/history/", reading.history, name="history"),
    path("<uuid:patient_id>/new/", dosing.new, name="new"),
    path("<uuid:patient_id>/check/", dosing.check, name="check"),
    path("<uuid:patient_id>/report/", acting.report, name="report"),
    path("<uuid:patient_id>/orders/<uuid:pk>/", reading.order, name="order"),
    path("<uuid:patient_id>/orders/<uuid:pk>/in-error/", acting.retract, name="retract"),
    path("<uuid:patient_id>/<uuid:pk>/change/", dosing.change, name="change"),
    path("<uuid:patient_id>/<uuid:pk>/check/", dosing.check, name="check"),
    path("<uuid:patient_id>/<uuid:pk>/hold/", acting.hold, name="hold"),
    path("<uuid:patient_id>/<uuid:pk>/resume/", acting.resume, name="resume"),
    path("<uuid:patient_id>/<uuid:pk>/stop/", acting.stop, name="stop"),
    path("<uuid:patient_id>/<uuid:pk>/fill/", supplying.fill, name="fill"),
    path("<uuid:patient_id>/<uuid:pk>/lost/", supplying.lost, name="lost"),
    path("<uuid:patient_id>/fills/<uuid:pk>/in-error/", supplying.fill_in_error, name="fill_in_error"),
    path("<uuid:patient_id>/losses/<uuid:pk>/in-error/", supplying.loss_in_error, name="loss_in_error"),
    path("<uuid:patient_id>/<uuid:pk>/link/", acting.link, name="link"),
    path("<uuid:patient_id>/<uuid:pk>/in-error/", acting.strike, name="strike"),
]
