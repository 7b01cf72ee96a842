"""The product's settings, and two floors to measure against."""

from clinic.settings import *  # noqa: F403
from clinic.settings import MIDDLEWARE as PRODUCT

ROOT_URLCONF = "benchmarks.urls"
# The bare floor answers before any other middleware; every answer says how many queries it took.
MIDDLEWARE = ["benchmarks.floor.Count", "benchmarks.floor.Bare", *PRODUCT]
