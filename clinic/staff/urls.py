"""Pages of clinic: staff."""

from django.urls import path

from clinic.staff import views

app_name = "staff"
urlpatterns = [
    path("", views.people, name="people"),
    path("invite/", views.invite, name="invite"),
    path("<uuid:pk>/invite/", views.invite_again, name="invite_again"),
    path("rota/", views.rota, name="rota"),
    path("rota/on-call/", views.on_call, name="on_call"),
    path("rota/on-call/<uuid:pk>/remove/", views.take_off_call, name="take_off_call"),
    path("licences/<uuid:pk>/", views.renew, name="renew"),
    path("hours/<uuid:pk>/end/", views.end_hours, name="end_hours"),
    path("absences/<uuid:pk>/remove/", views.remove_absence, name="remove_absence"),
    path("<uuid:pk>/", views.person, name="person"),
    path("<uuid:pk>/change/", views.change, name="change"),
    path("<uuid:pk>/roles/", views.give_role, name="give_role"),
    path("<uuid:pk>/roles/<slug:role>/take/", views.take_role, name="take_role"),
    path("<uuid:pk>/access/", views.access, name="access"),
    path("<uuid:pk>/licences/new/", views.licence, name="licence"),
    path("<uuid:pk>/hours/new/", views.hours, name="hours"),
    path("<uuid:pk>/absences/new/", views.absence, name="absence"),
]
