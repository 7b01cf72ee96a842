"""The product's addresses and the floor's."""

from django.urls import path

from benchmarks.floor import full
from clinic.urls import handler400, handler403, handler404, handler500
from clinic.urls import urlpatterns as product

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
urlpatterns = [path("bench/full/", full, name="bench_full"), *product]
