"""What every record has: a uuid, times, and a revision that If-Match speaks of."""

import uuid

from django.db import models


class Record(models.Model):
    """An ``id`` nobody can guess, when it came and last changed, and its optimistic lock ``revision``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True
