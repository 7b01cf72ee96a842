"""Pages that belong to no room: home, the person's own settings, the theme, the idle clock, health."""

from django.urls import path

from clinic.web import views

urlpatterns = [
    path("", views.home, name="home"),
    path("me/", views.my_settings, name="my_settings"),
    path("theme/", views.theme, name="theme"),
    path("idle/", views.idle, name="idle"),
]
