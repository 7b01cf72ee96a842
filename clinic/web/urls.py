"""Pages that belong to no room: home, the person's own settings."""

from django.urls import path

from clinic.web import views

urlpatterns = [
    path("", views.home, name="home"),
]
