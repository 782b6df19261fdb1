"""The catalog's records as the API speaks of them: systems and facilities by key, people by user name."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from rest_framework import serializers

from governance.doors.api import Strict
from governance.models import Team

from ..lifecycle import OWNER_STATED_FACTS
from ..models import (
    BusinessProcess,
    DataClass,
    Domain,
    Environment,
    Facility,
    Interface,
    InterfaceBinding,
    InterfaceEndpoint,
    OwnerKind,
    ProcessStep,
    Product,
    Protocol,
    ReadinessFact,
    Subscription,
    System,
    SystemInstance,
)
from ..patterns import PATTERN_CHOICES


def words(choices: Any, **kwargs: Any) -> serializers.ListField:
    """A list of words of a closed list."""
    return serializers.ListField(child=serializers.ChoiceField(choices), max_length=40, **kwargs)


def named(queryset: Any, **kwargs: Any) -> serializers.SlugRelatedField:
    """Another record, by its key."""
    return serializers.SlugRelatedField(slug_field=kwargs.pop("by", "key"), queryset=queryset, **kwargs)


def by_id(queryset: Any) -> serializers.PrimaryKeyRelatedField:
    """Another record that has no key, by its id; or none."""
    return serializers.PrimaryKeyRelatedField(
        queryset=queryset, pk_field=serializers.UUIDField(), allow_null=True, required=False
    )


class DomainSerializer(serializers.ModelSerializer):
    class Meta:
        model = Domain
        fields = ["key", "name", "description"]
        extra_kwargs = {"key": {"validators": []}}


class FacilitySerializer(serializers.ModelSerializer):
    parent = serializers.SlugRelatedField(slug_field="key", read_only=True, allow_null=True)

    class Meta:
        model = Facility
        fields = ["key", "name", "kind", "parent", "timezone"]


class InstanceSerializer(serializers.ModelSerializer):
    facility = serializers.SlugRelatedField(slug_field="key", read_only=True, allow_null=True)

    class Meta:
        model = SystemInstance
        fields = ["id", "name", "environment", "facility"]


class SystemSerializer(Strict, serializers.ModelSerializer):
    """A system; `domain` and `key` are set once."""

    domain = named(Domain.objects.all())
    owner_team = named(Team.objects.all(), allow_null=True, required=False)
    successor = named(System.objects.all(), allow_null=True, required=False)
    speaks = words(Protocol.choices, required=False)
    data_classes = words(DataClass.choices, required=False)
    instances = InstanceSerializer(many=True, read_only=True)

    class Meta:
        model = System
        fields = [
            "id", "key", "name", "vendor", "product", "kind", "domain", "owner_team", "speaks", "hosting",
            "data_classes", "tier", "disposition", "strategy", "successor", "baa_reference", "baa_expires_on",
            "description", "instances", "revision", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ["id", "revision", "created_at", "updated_at"]
        extra_kwargs = {"key": {"validators": []}, "tier": {"min_value": 0, "max_value": 4}}


class SystemPatchSerializer(SystemSerializer):
    """What may be edited of a system."""

    class Meta(SystemSerializer.Meta):
        read_only_fields = [*SystemSerializer.Meta.read_only_fields, "key"]

    domain = serializers.SlugRelatedField(slug_field="key", read_only=True)


class OwnerSerializer(Strict, serializers.Serializer):
    """Who answers: exactly one of a team (by key) and a person (by user name)."""

    kind = serializers.ChoiceField(choices=OwnerKind.choices)
    team = named(Team.objects.all(), allow_null=True, required=False)
    person = named(get_user_model().objects.filter(kind="PERSON"), by="username", allow_null=True, required=False)
    since = serializers.DateTimeField(read_only=True)
    until = serializers.DateTimeField(read_only=True, allow_null=True)


class InterfaceSerializer(Strict, serializers.ModelSerializer):
    """An interface. Facts may be set while it is a proposal; `state` moves by commands only."""

    provider = named(System.objects.all())
    source = named(System.objects.all())
    target = named(System.objects.all())
    successor = named(Interface.objects.all(), allow_null=True, required=False)
    patterns = words(PATTERN_CHOICES, required=False)
    data_classes = words(DataClass.choices, required=False)
    environments = words(Environment.choices, required=False)
    message_types = serializers.ListField(child=serializers.CharField(max_length=40), max_length=100, required=False)
    domain = serializers.CharField(source="provider.domain.key", read_only=True)
    phi = serializers.BooleanField(read_only=True)
    proposed_by = serializers.SlugRelatedField(slug_field="username", read_only=True)
    owners = OwnerSerializer(source="current_owners", many=True, read_only=True)
    consumers = serializers.SerializerMethodField()

    class Meta:
        model = Interface
        fields = [
            "id", "key", "name", "purpose", "state", "domain", "provider", "source", "target", "initiator",
            "interaction", "patterns", "msg_standard", "message_types", "trigger", "latency_s", "volume_day",
            "payload_mb", "fan_out", "steps", "data_classes", "phi", "tier", "patient_adjacent", "financial",
            "external", "certified_connector",
            "new_technology", "environments", "sunset_on", "successor", "origin", "proposed_by", "owners", "consumers",
            "revision", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ["id", "state", "origin", "revision", "created_at", "updated_at"]
        extra_kwargs = {"key": {"validators": []}, "steps": {"min_value": 1}, "tier": {"min_value": 0, "max_value": 4}}
        validators: list[Any] = []

    def get_consumers(self, interface: Interface) -> int:
        return len(interface.open_subscriptions)


class InterfacePatchSerializer(InterfaceSerializer):
    """What may be edited of a proposal."""

    class Meta(InterfaceSerializer.Meta):
        read_only_fields = [*InterfaceSerializer.Meta.read_only_fields, "key"]


class SubscriptionSerializer(Strict, serializers.ModelSerializer):
    consumer = named(System.objects.all())

    class Meta:
        model = Subscription
        fields = ["id", "consumer", "purpose", "since", "until", "last_traffic_at"]
        read_only_fields = ["id", "since", "until", "last_traffic_at"]


class EndpointSerializer(Strict, serializers.ModelSerializer):
    """One address on the way; `address` is null for those who may not see it."""

    address = serializers.CharField(max_length=300, allow_null=False)
    instance = by_id(SystemInstance.objects.all())

    class Meta:
        model = InterfaceEndpoint
        fields = ["id", "role", "order", "transport", "address", "tls", "auth", "instance", "certificate_expires_at"]
        read_only_fields = ["id", "certificate_expires_at"]
        extra_kwargs = {"order": {"min_value": 1, "max_value": 99}}

    def to_representation(self, instance: InterfaceEndpoint) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if not self.context.get("sees_addresses"):
            shown["address"] = None
        return shown


class BindingSerializer(Strict, serializers.ModelSerializer):
    facility = named(Facility.objects.all(), allow_null=True, required=False)
    provider_instance = by_id(SystemInstance.objects.all())
    endpoints = EndpointSerializer(many=True, read_only=True)

    class Meta:
        model = InterfaceBinding
        fields = ["id", "environment", "facility", "provider_instance", "state", "since", "endpoints"]
        read_only_fields = ["id", "state", "since"]
        validators: list[Any] = []


class ReadinessSerializer(serializers.ModelSerializer):
    class Meta:
        model = ReadinessFact
        fields = ["requirement", "satisfied", "reason", "source", "valid_until", "updated_at"]


class EvidenceSerializer(Strict, serializers.Serializer):
    """What an owner states, with the place of its evidence."""

    requirement = serializers.ChoiceField(choices=[(name, name) for name in OWNER_STATED_FACTS])
    evidence = serializers.CharField(max_length=300)
    valid_until = serializers.DateTimeField(required=False, allow_null=True)


class ProcessStepSerializer(serializers.ModelSerializer):
    actor_system = serializers.SlugRelatedField(slug_field="key", read_only=True, allow_null=True)
    interface = serializers.SlugRelatedField(slug_field="key", read_only=True, allow_null=True)

    class Meta:
        model = ProcessStep
        fields = ["order", "name", "actor_system", "interface", "sla_s", "compensation", "checkpoint"]


class ProcessSerializer(serializers.ModelSerializer):
    owner_team = serializers.SlugRelatedField(slug_field="key", read_only=True, allow_null=True)
    steps = ProcessStepSerializer(many=True, read_only=True)

    class Meta:
        model = BusinessProcess
        fields = ["key", "name", "purpose", "owner_team", "steps", "revision"]


class ProductSerializer(serializers.ModelSerializer):
    interfaces = serializers.SlugRelatedField(slug_field="key", many=True, read_only=True)

    class Meta:
        model = Product
        fields = ["key", "name", "capability", "active", "interfaces", "revision"]
