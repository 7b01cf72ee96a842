"""Pages that belong to no room: home, the person's own settings, the way in, the theme, the idle clock, health."""

from django.conf import settings
from django.urls import path

from clinic.web import views
from clinic.web.health import health
from clinic.web.welcome import welcome

urlpatterns = [
    path("", views.home, name="home"),
    path("me/", views.my_settings, name="my_settings"),
    path("welcome/<str:token>/", welcome, name="welcome"),
    path("theme/", views.theme, name="theme"),
    path("idle/", views.idle, name="idle"),
    path("health/", health, name="health"),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon, name="favicon"),
]

if not settings.PRODUCTION:
    urlpatterns.append(path("gallery/", views.gallery, name="gallery"))
