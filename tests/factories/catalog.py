"""The catalog's records for tests, made by the commands that people use, as the clock or as a member of the cast."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from catalog.domain.connections import subscribe
from catalog.domain.interfaces import register_interface
from catalog.domain.owners import assign_owner
from catalog.domain.places import found_facility
from catalog.domain.systems import add_instance, register_system
from catalog.models import Facility, Interface, System, SystemInstance
from tests.cast import Cast

STORIES = json.loads((Path(__file__).parents[2] / "demo" / "stories" / "facts.json").read_text())
#: The first hop's data source and target of each story interface.
ENDS = {
    "IF-SUR-001": ("ehr-a", "event-hub"),
    "IF-SUR-002": ("api-gateway", "erp-items"),
    "IF-SUR-003": ("implant-service", "erp-inventory"),
    "IF-SUR-004": ("charge-capture", "revenue-cycle"),
    "IF-SUR-005": ("erp-purchasing", "ghx"),
    "IF-SUR-006": ("erp-inventory", "erp-costing"),
    "IF-SUR-007": ("or-usage", "erp-inventory"),
    "IF-ONB-001": ("ats", "erp-hcm"),
    "IF-ONB-002": ("erp-hcm", "identity"),
    "IF-ONB-003": ("erp-hcm", "ehr-staff"),
    "IF-ONB-004": ("erp-hcm", "payroll"),
    "IF-ONB-005": ("erp-hcm", "scheduling"),
    "IF-ONB-006": ("erp-hcm", "lms"),
}


def facility(cast: Cast, key: str = "lakeshore-main", **values: Any) -> Facility:
    """A hospital in Chicago, unless said otherwise."""
    present = Facility.objects.filter(key=key).first()
    said = {"name": key.replace("-", " ").title(), "kind": "HOSPITAL", "timezone": "America/Chicago", **values}
    return present or found_facility(key, now=cast.now, actor=cast.clock, **said)


def system(cast: Cast, key: str, *, domain: str = "CLINICAL", **values: Any) -> System:
    """The system by its key; made in ``domain`` when it is not there yet."""
    present = System.objects.select_related("domain").filter(key=key).first()
    said = {"name": key.replace("-", " ").capitalize(), "kind": "OTHER", "speaks": ["REST"], **values}
    return present or register_system(key=key, domain=cast.domains()[domain], now=cast.now, actor=cast.clock, **said)


def instance(cast: Cast, owner: System, environment: str = "PROD", **values: Any) -> SystemInstance:
    return add_instance(owner, environment=environment, now=cast.now, actor=cast.clock, **values)


def interface(cast: Cast, key: str = "IF-LAB-001", *, actor: str = "ada", **values: Any) -> Interface:
    """A proposal between two clinical systems, by ada, unless said otherwise."""
    source = values.pop("source", None) or system(cast, "ehr-a", speaks=["HL7V2"])
    target = values.pop("target", None) or system(cast, "lab-system")
    said = {
        "name": "Laboratory orders", "interaction": "NOTIFICATION", "msg_standard": "HL7V2", "latency_s": 60,
        "volume_day": 400, "tier": 2, "data_classes": ["PHI"], "patterns": ["HL7_FHIR_MEDIATION"], **values,
    }  # fmt: skip
    said.setdefault("provider", source)
    return register_interface(key=key, source=source, target=target, now=cast.now, actor=cast(actor), **said)


def owned(cast: Cast, subject: Interface, **teams: str) -> Interface:
    """Business, technical and support owner: abe's team, unless ``teams`` says otherwise."""
    cast("abe")
    for kind in ("BUSINESS_OWNER", "TECHNICAL_OWNER", "SUPPORT"):
        team = cast.team(teams.get(kind, "integration-owners"))
        assign_owner(subject, kind=kind, team=team, now=cast.now, actor=cast.clock)
    return subject


def consumed(cast: Cast, subject: Interface, *consumers: System) -> Interface:
    for consumer in consumers:
        subscribe(subject, consumer=consumer, purpose="Keeps its copy current", now=cast.now, actor=cast.clock)
    return subject


def story(key: str) -> dict[str, Any]:
    """A story interface's name, facts, choice, and what the tables must say of it."""
    return next(told for told in STORIES if told["key"] == key)


def story_values(cast: Cast, key: str) -> dict[str, Any]:
    """What registers a story interface: its facts as the columns that they come from."""
    told, facts = story(key), story(key)["facts"]
    source, target = (
        system(cast, name, domain=facts[f"{end}_domain"], speaks=facts[f"{end}_speaks"])
        for name, end in zip(ENDS[key], ("source", "target"), strict=True)
    )
    classes = [word for word, says in (("PHI", facts["phi"]), ("FINANCIAL", facts["financial"])) if says]
    same = (
        "interaction", "latency_s", "msg_standard", "fan_out", "steps", "volume_day", "payload_mb", "external",
        "certified_connector", "tier", "new_technology", "financial",
    )  # fmt: skip
    return {
        "key": key, "name": told["name"][0].upper() + told["name"][1:], "provider": source, "source": source,
        "target": target,
        "patterns": told["chosen"], "data_classes": classes or ["PUBLIC"], **{name: facts[name] for name in same},
    }  # fmt: skip


def story_interface(cast: Cast, key: str = "IF-SUR-001", *, actor: str = "ada", **values: Any) -> Interface:
    """One story interface, proposed by ada."""
    said = {**story_values(cast, key), **values}
    return register_interface(now=cast.now, actor=cast(actor), **said)


def register_stories(cast: Cast) -> dict[str, Interface]:
    """All thirteen interfaces of the two stories, proposed by ada, by key."""
    return {key: story_interface(cast, key) for key in ENDS}
