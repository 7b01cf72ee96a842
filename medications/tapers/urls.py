"""Pages of medications: tapers. Addresses hold ids only."""

from django.urls import path

from medications.tapers.views import acting, building, reading

app_name = "tapers"
urlpatterns = [
    path("<uuid:patient_id>/", reading.tapers, name="tapers"),
    path("<uuid:patient_id>/of/<uuid:pk>/new/", building.new, name="new"),
    path("<uuid:patient_id>/of/<uuid:pk>/fill/", building.fill, name="fill"),
    path("<uuid:patient_id>/of/<uuid:pk>/preview/", building.preview, name="preview"),
    path("<uuid:patient_id>/<uuid:pk>/", reading.taper, name="taper"),
    path("<uuid:patient_id>/<uuid:pk>/steps/", building.steps, name="steps"),
    path("<uuid:patient_id>/<uuid:pk>/start/", acting.start, name="start"),
    path("<uuid:patient_id>/<uuid:pk>/check/", acting.check, name="check"),
    path("<uuid:patient_id>/<uuid:pk>/pause/", acting.pause, name="pause"),
    path("<uuid:patient_id>/<uuid:pk>/resume/", acting.resume, name="resume"),
    path("<uuid:patient_id>/<uuid:pk>/confirm/", acting.confirm, name="confirm"),
    path("<uuid:patient_id>/<uuid:pk>/end/", acting.end, name="end"),
    path("<uuid:patient_id>/checks/<uuid:pk>/in-error/", acting.retract, name="retract"),
    path("<uuid:patient_id>/reviews/<uuid:pk>/", acting.review, name="review"),
]
