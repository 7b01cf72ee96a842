"""Pages of medications: pharmacies and prescriptions on their way. Addresses hold ids only."""

from django.urls import path

from medications.pharmacies.views import directory, messages, telling, way

app_name = "pharmacies"
urlpatterns = [
    path("", directory.directory, name="directory"),
    path("add/", directory.add, name="add"),
    path("code/", directory.verify, name="verify"),
    path("messages/", messages.to_clear, name="messages"),
    path("messages/<uuid:pk>/", messages.cleared, name="cleared"),
    path("module/", way.module, name="module"),
    path("<uuid:pk>/change/", directory.change, name="change"),
    path("<uuid:pk>/close/", directory.close, name="close"),
    path("of/<uuid:patient_id>/", directory.preferred, name="preferred"),
    path("way/<uuid:patient_id>/<uuid:pk>/", way.transmission, name="transmission"),
    path("way/<uuid:patient_id>/<uuid:pk>/state/", way.state, name="state"),
    path("way/<uuid:patient_id>/<uuid:pk>/document/", way.document, name="document"),
    path("way/<uuid:patient_id>/<uuid:pk>/undo/", way.undo, name="undo"),
    path("way/<uuid:patient_id>/<uuid:pk>/resend/", telling.resend, name="resend"),
    path("way/<uuid:patient_id>/<uuid:pk>/picked-up/", telling.picked_up, name="picked_up"),
    path("way/<uuid:patient_id>/<uuid:pk>/number/", telling.module_sent, name="module_sent"),
    path("way/<uuid:patient_id>/<uuid:pk>/told/", telling.told, name="told"),
]
