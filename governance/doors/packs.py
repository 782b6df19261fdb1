"""An audit pack as an answer: the file, its name, and its SHA-256 as the digest that HTTP knows."""

from __future__ import annotations

import base64

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework.renderers import BaseRenderer, JSONRenderer

from ..domain.packing import Pack

ZIP = "application/zip"


class ZipRenderer(BaseRenderer):
    """Lets a client ask for a ZIP; the file itself is streamed, not rendered."""

    media_type = ZIP
    format = "zip"

    def render(self, data: object, accepted_media_type: str | None = None, renderer_context: object = None) -> bytes:
        return JSONRenderer().render(data)


PACK_RENDERERS = (JSONRenderer, ZipRenderer)
PACK_ANSWER = {(200, ZIP): OpenApiResponse(OpenApiTypes.BINARY, description="The signed archive.")}


def pack_response(pack: Pack) -> FileResponse:
    response = FileResponse(pack.file, as_attachment=True, filename=pack.name, content_type=ZIP)
    response["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(pack.sha256)).decode()}:"
    return response
