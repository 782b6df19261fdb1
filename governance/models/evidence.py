"""Evidence: bytes by their hash, never changed, and the names under which people attached them."""

from django.db import models

from .people import User
from .records import Record


class StoredFile(models.Model):
    """The bytes of a file once, however often it is attached."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveIntegerField()
    content = models.BinaryField()
    stored_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.sha256[:12]


class Attachment(Record):
    """A file as somebody attached it: its name and kind, who and when. The bytes are found by their hash."""

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=160)
    content_type = models.CharField(max_length=80)
    attached_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="attachments")

    def __str__(self) -> str:
        return self.name
