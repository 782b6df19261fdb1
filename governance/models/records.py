"""What every record has: a uuid, times, and a revision that If-Match speaks of."""

import uuid

from django.db import models
from django.utils import timezone


class Record(models.Model):
    """An ``id`` nobody can guess, when it came and last changed, and its optimistic lock ``revision``.

    Both times are the commands' ``now``: ``recorded`` writes them, so that what is told later reads as it happened.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True
