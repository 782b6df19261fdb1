"""The project package; exposes the Celery app so that ``celery -A governance`` finds it."""

from .celery import app as celery_app

__all__ = ["celery_app"]
