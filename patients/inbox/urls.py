"""The inbox."""

from django.urls import path

from patients.inbox import views

app_name = "inbox"
urlpatterns = [
    path("", views.tasks, name="tasks"),
    path("<uuid:pk>/done/", views.tick_off, name="tick_off"),
]
