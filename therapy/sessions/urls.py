"""Pages of therapy: sessions."""

from django.urls import path

from therapy.sessions import views

app_name = "sessions"
urlpatterns = [
    path("<uuid:patient_id>/", views.contacts, name="list"),
    path("<uuid:patient_id>/begin/", views.begin, name="begin"),
    path("<uuid:patient_id>/<uuid:pk>/", views.session, name="session"),
    path("<uuid:patient_id>/<uuid:pk>/save/", views.save, name="save"),
]
