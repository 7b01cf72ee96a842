"""Pages of medications: monitoring."""

from django.urls import path

from medications.monitoring.views import chart, files, grid

app_name = "monitoring"
urlpatterns = [
    path("", grid.grid, name="grid"),
    path("export/", grid.export, name="export"),
    path("files/", files.files, name="files"),
    path("files/<uuid:pk>/", files.file, name="file"),
    path("files/<uuid:pk>/import/", files.import_file, name="import"),
    path("files/<uuid:pk>/progress/", files.progress, name="progress"),
    path("files/<uuid:pk>/rejects/", files.rejects, name="rejects"),
    path("<uuid:patient_id>/", chart.monitoring, name="monitoring"),
    path("<uuid:patient_id>/record/<slug:code>/", chart.record, name="record"),
    path("<uuid:patient_id>/circumstance/", chart.circumstance, name="circumstance"),
    path("<uuid:patient_id>/circumstance/<uuid:pk>/end/", chart.end, name="end"),
    path("<uuid:patient_id>/<uuid:pk>/", chart.result, name="result"),
    path("<uuid:patient_id>/<uuid:pk>/answer/", chart.answer, name="answer"),
    path("<uuid:patient_id>/<uuid:pk>/in-error/", chart.retract, name="retract"),
]
