"""Handing out a file that somebody attached: to be kept by the reader, never shown or run in our pages."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpResponse

from ..models import Attachment


def file_response(attachment: Attachment, content: bytes) -> HttpResponse:
    """The bytes as a download; no browser guesses their type or keeps a copy that others could read."""
    plain = attachment.name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    return HttpResponse(
        content,
        content_type=attachment.content_type,
        headers={
            "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(attachment.name)}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        },
    )
