"""Writing what an item says, past its first version."""

from __future__ import annotations

from django.db.models import F

from ...models import ChangeItem


def write_item(item: ChangeItem) -> None:
    ChangeItem.objects.filter(pk=item.pk).update(
        patch=item.patch, base=item.base, base_revision=item.base_revision, revision=F("revision") + 1
    )
