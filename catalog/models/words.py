"""The closed lists of the catalog: the field's own terms."""

from django.db.models import TextChoices


class DomainKey(TextChoices):
    CLINICAL = "CLINICAL", "Clinical"
    ERP = "ERP", "ERP"
    REVENUE = "REVENUE", "Revenue cycle"
    SAAS = "SAAS", "SaaS"
    WORKFORCE = "WORKFORCE", "Workforce"
    IDENTITY = "IDENTITY", "Identity"
    ANALYTICS = "ANALYTICS", "Analytics"
    EXTERNAL = "EXTERNAL", "External partners"
    INTEGRATION = "INTEGRATION", "Integration"


class FacilityKind(TextChoices):
    HOSPITAL = "HOSPITAL", "Hospital"
    CLINIC = "CLINIC", "Clinic"
    LAB = "LAB", "Laboratory"
    CORPORATE = "CORPORATE", "Corporate"


class SystemKind(TextChoices):
    EHR = "EHR", "EHR"
    LIS = "LIS", "Laboratory (LIS)"
    RIS_PACS = "RIS_PACS", "Radiology (RIS/PACS)"
    PHARMACY = "PHARMACY", "Pharmacy"
    REVENUE_CYCLE = "REVENUE_CYCLE", "Revenue cycle"
    ERP_FIN = "ERP_FIN", "ERP finance"
    ERP_SCM = "ERP_SCM", "ERP supply chain"
    ERP_HCM = "ERP_HCM", "ERP human capital"
    PAYROLL = "PAYROLL", "Payroll"
    SCHEDULING = "SCHEDULING", "Scheduling"
    CREDENTIALING = "CREDENTIALING", "Credentialing"
    IDENTITY = "IDENTITY", "Identity"
    LMS = "LMS", "Learning (LMS)"
    PROCUREMENT_NETWORK = "PROCUREMENT_NETWORK", "Procurement network"
    INVENTORY = "INVENTORY", "Inventory"
    OR_SYSTEM = "OR_SYSTEM", "Operating room"
    DATA_WAREHOUSE = "DATA_WAREHOUSE", "Data warehouse"
    MIDDLEWARE = "MIDDLEWARE", "Middleware"
    OTHER = "OTHER", "Other"


class Hosting(TextChoices):
    ON_PREM = "ON_PREM", "On premises"
    SAAS = "SAAS", "SaaS"
    PAAS = "PAAS", "PaaS"
    HYBRID = "HYBRID", "Hybrid"
    THIRD_PARTY = "THIRD_PARTY", "Third party"


class Disposition(TextChoices):
    INVEST = "INVEST", "Invest"
    SUSTAIN = "SUSTAIN", "Sustain"
    MIGRATE = "MIGRATE", "Migrate"
    RETIRE = "RETIRE", "Retire"


class Environment(TextChoices):
    DEV = "DEV", "Development"
    TEST = "TEST", "Test"
    STAGE = "STAGE", "Staging"
    PROD = "PROD", "Production"


class Interaction(TextChoices):
    QUERY = "QUERY", "Query: asks and waits for an answer"
    COMMAND = "COMMAND", "Command: asks another system to do something"
    NOTIFICATION = "NOTIFICATION", "Notification: tells what happened"
    BULK = "BULK", "Bulk: a set at a time"
    PROCESS = "PROCESS", "Process: ordered steps across systems"


class MessageStandard(TextChoices):
    HL7V2 = "HL7V2", "HL7 v2"
    FHIR = "FHIR", "FHIR"
    X12 = "X12", "X12"
    DICOM = "DICOM", "DICOM"
    NCPDP = "NCPDP", "NCPDP"
    CDA = "CDA", "CDA"
    SCIM = "SCIM", "SCIM"
    JSON = "JSON", "JSON"
    XML = "XML", "XML"
    CSV = "CSV", "CSV"
    IDOC = "IDOC", "IDoc"
    SQL = "SQL", "SQL"
    PROPRIETARY = "PROPRIETARY", "Proprietary"


class Protocol(TextChoices):
    REST = "REST", "REST"
    EVENTS = "EVENTS", "Events"
    HL7V2 = "HL7V2", "HL7 v2"
    FHIR = "FHIR", "FHIR"
    SCIM = "SCIM", "SCIM"
    SOAP = "SOAP", "SOAP"
    X12 = "X12", "X12"
    FILES = "FILES", "Files"
    DICOM = "DICOM", "DICOM"
    IDOC = "IDOC", "IDoc"
    SQL = "SQL", "SQL"


class DataClass(TextChoices):
    PHI = "PHI", "PHI: protected health information"
    PII = "PII", "PII: personal"
    PCI = "PCI", "PCI: card data"
    FINANCIAL = "FINANCIAL", "Financial"
    CREDENTIAL = "CREDENTIAL", "Credentials"
    PUBLIC = "PUBLIC", "Public"


class Tier(TextChoices):
    """UCSF's impact tiers, used as T0 to T4; stored as the integer that the tables read."""

    T0 = "0", "T0: life safety, 15 minutes"
    T1 = "1", "T1: patient-adjacent, 6 hours"
    T2 = "2", "T2: same day"
    T3 = "3", "T3: this week"
    T4 = "4", "T4: this month"


class Initiator(TextChoices):
    SOURCE = "SOURCE", "The source pushes"
    TARGET = "TARGET", "The target pulls"


class Origin(TextChoices):
    REGISTERED = "REGISTERED", "Registered here"
    IMPORTED = "IMPORTED", "Imported from the estate"


class Transport(TextChoices):
    MLLP = "MLLP", "MLLP"
    HTTPS = "HTTPS", "HTTPS"
    HTTP = "HTTP", "HTTP"
    AMQP = "AMQP", "AMQP"
    KAFKA = "KAFKA", "Kafka"
    SFTP = "SFTP", "SFTP"
    AS2 = "AS2", "AS2"
    JDBC = "JDBC", "JDBC"
    SOAP = "SOAP", "SOAP"
    DICOM = "DICOM", "DICOM"
    FILE = "FILE", "File"


class EndpointRole(TextChoices):
    SOURCE = "SOURCE", "Source"
    TARGET = "TARGET", "Target"
    HOP = "HOP", "Hop"


class OwnerKind(TextChoices):
    BUSINESS_OWNER = "BUSINESS_OWNER", "Business owner"
    TECHNICAL_OWNER = "TECHNICAL_OWNER", "Technical owner"
    DATA_STEWARD = "DATA_STEWARD", "Data steward"
    SUPPORT = "SUPPORT", "Support"
    CONTRACT_STEWARD = "CONTRACT_STEWARD", "Contract steward"
