"""Short ways to make documents and to ask for a comparison."""

import json

from contracts.formats.json_schema import JSON_SCHEMA

DRAFT = "https://json-schema.org/draft/2020-12/schema"
DRAFT7 = "http://json-schema.org/draft-07/schema#"
DRAFT4 = "http://json-schema.org/draft-04/schema#"


def document(schema, draft=DRAFT):
    """A parsed document; a schema that names its draft keeps it."""
    if isinstance(schema, dict) and "$schema" not in schema:
        schema = {"$schema": draft, **schema}
    return JSON_SCHEMA.parse(json.dumps(schema).encode())


def compared(old, new, draft=DRAFT, **options):
    """The comparison of two schemas in one draft."""
    return JSON_SCHEMA.compare(document(old, draft), document(new, draft), **options)
