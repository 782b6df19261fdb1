"""The closed lists of what is promised."""

from django.db.models import TextChoices


class FormatName(TextChoices):
    """The formats a contract may be written in; those without a checker are kept and never pass a comparison."""

    JSON_SCHEMA = "json_schema", "JSON Schema"
    OPENAPI = "openapi", "OpenAPI"
    ASYNCAPI = "asyncapi", "AsyncAPI"
    AVRO = "avro", "Avro"
    ODCS = "odcs", "Open Data Contract"
    TABLE_SCHEMA = "table_schema", "Table Schema"
    FIXED_WIDTH = "fixed_width", "Fixed width"
    XSD = "xsd", "XML Schema"
    FHIR = "fhir", "FHIR"
    HL7V2 = "hl7v2", "HL7 v2"
    X12 = "x12", "X12"


class CompatibilityMode(TextChoices):
    BACKWARD = "BACKWARD", "Backward: the new version reads what was written under the former"
    FORWARD = "FORWARD", "Forward: the former version reads what is written under the new"
    FULL = "FULL", "Full: both"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE", "Backward, against every version in use"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE", "Forward, against every version in use"
    FULL_TRANSITIVE = "FULL_TRANSITIVE", "Full, against every version in use"
    NONE = "NONE", "None: compared and shown, not enforced"


class VerdictWord(TextChoices):
    COMPATIBLE = "compatible", "Compatible"
    WARNING = "warning", "Compatible, with warnings"
    BREAKING = "breaking", "Breaking"
    UNKNOWN = "unknown", "Not known"


class LevelWord(TextChoices):
    NONE = "NONE", "None"
    PATCH = "PATCH", "Patch"
    MINOR = "MINOR", "Minor"
    MAJOR = "MAJOR", "Major"
    UNKNOWN = "UNKNOWN", "Not known"
