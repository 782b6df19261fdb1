"""What is there: places, systems, interfaces and everything that hangs on them."""

from .bindings import InterfaceBinding, InterfaceEndpoint
from .decisions import DecisionRecord
from .findings import Finding, Severity
from .interfaces import Interface, Subscription
from .owners import OwnerAssignment
from .places import (
    Domain,
    DomainGroupPermission,
    DomainUserPermission,
    Facility,
    FacilityGroupPermission,
    FacilityUserPermission,
)
from .processes import BusinessProcess, ProcessStep, Product
from .readiness import ReadinessFact
from .systems import System, SystemInstance
from .words import (
    DataClass,
    Disposition,
    DomainKey,
    EndpointRole,
    Environment,
    FacilityKind,
    Hosting,
    Initiator,
    Interaction,
    MessageStandard,
    Origin,
    OwnerKind,
    Protocol,
    SystemKind,
    Tier,
    Transport,
)

__all__ = [
    "BusinessProcess",
    "DataClass",
    "DecisionRecord",
    "Disposition",
    "Domain",
    "DomainGroupPermission",
    "DomainKey",
    "DomainUserPermission",
    "EndpointRole",
    "Environment",
    "Facility",
    "FacilityGroupPermission",
    "FacilityKind",
    "FacilityUserPermission",
    "Finding",
    "Hosting",
    "Initiator",
    "Interaction",
    "Interface",
    "InterfaceBinding",
    "InterfaceEndpoint",
    "MessageStandard",
    "Origin",
    "OwnerAssignment",
    "OwnerKind",
    "ProcessStep",
    "Product",
    "Protocol",
    "ReadinessFact",
    "Severity",
    "Subscription",
    "System",
    "SystemInstance",
    "SystemKind",
    "Tier",
    "Transport",
]
