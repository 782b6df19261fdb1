"""Evidence that was kept as one text by kind becomes a piece with its hash, given by who answers for the change."""

import hashlib
import uuid

from django.db import migrations


def in_pieces(apps, schema_editor):
    ChangeRequest = apps.get_model("approvals", "ChangeRequest")
    for change in ChangeRequest.objects.exclude(evidence={}).select_related("responsible").iterator():
        if not any(isinstance(said, str) for said in change.evidence.values()):
            continue
        change.evidence = {
            kind: [piece(said, change)] if isinstance(said, str) else said for kind, said in change.evidence.items()
        }
        change.save(update_fields=["evidence"])


def piece(said, change):
    link = said.startswith("https://")
    by = change.responsible
    return {
        "id": str(uuid.uuid4()),
        "form": "LINK" if link else "STATEMENT",
        "sha256": hashlib.sha256(said.encode()).hexdigest(),
        "by": by.username,
        "by_name": by.display_name or by.username,
        "at": change.created_at.isoformat(timespec="microseconds"),
        **({"url": said, "hash_of": "LINK"} if link else {"text": said}),
    }


def computed_with_hash(apps, schema_editor):
    """What was computed before had neither hash nor time: it is computed again with the next revision."""
    ChangeRequest = apps.get_model("approvals", "ChangeRequest")
    ChangeRequest.objects.exclude(computed_evidence={}).update(computed_evidence={})


class Migration(migrations.Migration):
    dependencies = [("approvals", "0003_initial")]

    operations = [
        migrations.RunPython(in_pieces, migrations.RunPython.noop),
        migrations.RunPython(computed_with_hash, migrations.RunPython.noop),
    ]
