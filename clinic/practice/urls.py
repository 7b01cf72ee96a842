"""Pages of clinic: practice."""

from django.urls import path

from clinic.practice import views

app_name = "practice"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("names/", views.practice, name="practice"),
    path("sites/new/", views.site, name="new_site"),
    path("sites/<uuid:pk>/", views.site, name="site"),
    path("sites/<uuid:site_id>/rooms/new/", views.room, name="new_room"),
    path("sites/<uuid:site_id>/rooms/<uuid:pk>/", views.room, name="room"),
    path("sites/<uuid:site_id>/closures/new/", views.closure, name="new_closure"),
    path("sites/<uuid:site_id>/hours/<int:weekday>/", views.opening, name="opening"),
    path("closures/<uuid:pk>/open/", views.open_again, name="open_again"),
    path("configuration/", views.configuration, name="configuration"),
    path("configuration/<slug:key>/", views.setting, name="setting"),
]
