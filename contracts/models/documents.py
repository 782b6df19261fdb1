"""The documents themselves: bytes with an identity, kept once and never changed."""

from django.db import models

from governance.models import Record


class DocumentQuerySet(models.QuerySet):
    def keep(self, *, sha256: str, canonical: bytes):
        """The one document of these bytes; stored when it is new."""
        return self.get_or_create(sha256=sha256, defaults={"canonical": canonical, "size": len(canonical)})[0]


class Document(Record):
    """Canonical bytes by their SHA-256. Which format reads them is the contract's word, so equal bytes are one row."""

    sha256 = models.CharField(max_length=64, unique=True)
    canonical = models.BinaryField()
    size = models.PositiveIntegerField()

    audit_excluded = ("canonical",)

    objects = DocumentQuerySet.as_manager()

    def __str__(self) -> str:
        return self.sha256[:12]
