"""Tandem: the practice itself (nobody's chart), and the Django project."""

from clinic.celery import app as celery_app

__all__ = ["celery_app"]
