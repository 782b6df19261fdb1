"""Changes as the API speaks of them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.doors.api import Strict
from governance.models import AuditEvent

from ..domain.kinds import kind_of_item
from ..domain.pieces import missing_evidence
from ..domain.signing import verify_signature
from ..models import (
    ApprovalRequirement,
    ChangeClass,
    ChangeItem,
    ChangeRequest,
    ChangeType,
    Choice,
    Operation,
    Outcome,
    Override,
    SignMethod,
    Vote,
)

#: Classes that a person or pipeline asks for; a STANDARD one needs a template, an UNAUTHORIZED one is found.
ASKED_CLASSES = ("NORMAL", "EMERGENCY")
PATCH_HELP = "New values by field; checked like the record's own."


class ChangeItemSerializer(serializers.ModelSerializer):
    """One object that the change touches: what it was based on and what it shall become.

    Exactly one of the names is given. Values that are not for you to read are null.
    """

    interface = serializers.CharField(source="interface.key", read_only=True, allow_null=True, default=None)
    contract_version = serializers.SerializerMethodField()
    system = serializers.CharField(source="system.key", read_only=True, allow_null=True, default=None)
    endpoint = serializers.SerializerMethodField()
    subscription = serializers.SerializerMethodField()
    patch = serializers.SerializerMethodField()
    base = serializers.SerializerMethodField()

    class Meta:
        model = ChangeItem
        fields = [
            "position", "operation", "interface", "contract_version", "system", "endpoint", "subscription",
            "base_revision", "base", "patch", "applied_at",
        ]  # fmt: skip

    def get_contract_version(self, item: ChangeItem) -> str | None:
        return kind_of_item(item).name_of(item.subject) if item.contract_version_id else None

    def get_endpoint(self, item: ChangeItem) -> str | None:
        return kind_of_item(item).name_of(item.subject) if item.endpoint_id else None

    def get_subscription(self, item: ChangeItem) -> str | None:
        return kind_of_item(item).name_of(item.subject) if item.subscription_id else None

    def get_patch(self, item: ChangeItem) -> dict[str, Any]:
        return self.readable(item, item.patch)

    def get_base(self, item: ChangeItem) -> dict[str, Any]:
        return self.readable(item, item.base)

    def readable(self, item: ChangeItem, values: dict[str, Any]) -> dict[str, Any]:
        kind = kind_of_item(item)
        if not set(values) & set(kind.hidden) or kind.may_read(item.subject, self.context["request"].user):
            return values
        return {name: None if name in kind.hidden else value for name, value in values.items()}


class RequirementSerializer(serializers.ModelSerializer):
    """One approval that is needed, the rules that ask for it, and how it stands."""

    label = serializers.CharField(read_only=True)
    roles = serializers.ListField(child=serializers.CharField(), read_only=True)
    veto = serializers.ListField(child=serializers.CharField(), read_only=True)
    rules = serializers.ListField(child=serializers.CharField(), read_only=True)
    consumer = serializers.CharField(source="subscription.consumer.key", read_only=True, allow_null=True, default=None)
    waiver = serializers.CharField(source="waiver.key", read_only=True, allow_null=True, default=None)

    class Meta:
        model = ApprovalRequirement
        fields = [
            "position", "label", "roles", "mode", "minimum", "veto", "rules", "consumer", "status", "purpose", "waiver",
            "note",
        ]  # fmt: skip


class ChangeRequestListSerializer(serializers.ModelSerializer):
    state = serializers.CharField(read_only=True)
    requester = serializers.CharField(source="requester.username", read_only=True)
    responsible = serializers.CharField(source="responsible.username", read_only=True)
    risk = serializers.IntegerField(read_only=True)
    interfaces = serializers.SerializerMethodField()
    missing = serializers.SerializerMethodField()

    class Meta:
        model = ChangeRequest
        fields = [
            "key", "title", "change_class", "change_type", "state", "requester", "responsible", "risk", "interfaces",
            "missing", "lead_hours", "window_start", "window_end", "submitted_at", "implement_at", "implemented_at",
            "outcome", "number", "revision",
        ]  # fmt: skip

    def get_interfaces(self, change: ChangeRequest) -> list[str]:
        touched = [item.touched_interface for item in change.items.all()]
        return sorted({interface.key for interface in touched if interface})

    def get_missing(self, change: ChangeRequest) -> list[str]:
        waiting = ("UNSATISFIED", "ERROR")
        return [need.label for need in change.requirements.all() if need.status in waiting]


class ChangeRequestSerializer(ChangeRequestListSerializer):
    """One change in its present revision; a vote repeats ``revision_hash``."""

    items = ChangeItemSerializer(many=True, read_only=True)
    requirements = RequirementSerializer(many=True, read_only=True)
    evidence = serializers.DictField(
        child=serializers.ListField(child=serializers.DictField()), read_only=True, help_text="Pieces by kind."
    )
    evidence_demanded = serializers.SerializerMethodField()
    evidence_missing = serializers.SerializerMethodField()
    rules = serializers.SerializerMethodField()
    team = serializers.CharField(source="team.key", read_only=True, allow_null=True, default=None)
    template = serializers.CharField(source="template.key", read_only=True, allow_null=True, default=None)
    risk_raised = serializers.DictField(read_only=True, help_text="What the rules make of the risk, and why.")
    found = serializers.DictField(read_only=True, help_text="Unauthorized: what contradicted the record.")

    class Meta(ChangeRequestListSerializer.Meta):
        fields = [
            *ChangeRequestListSerializer.Meta.fields, "reason", "plan", "backout", "likelihood", "impact", "evidence",
            "evidence_demanded", "evidence_missing", "rules", "revision_hash", "authorised_hash", "revised_at",
            "authorised_at", "closed_at", "held_reason", "team", "template", "risk_raised", "found", "ratify_by",
            "ratified_at", "escalated_at", "review_by", "items", "requirements",
        ]  # fmt: skip

    def get_evidence_demanded(self, change: ChangeRequest) -> list[str]:
        return list(change.policy.get("evidence", []))

    def get_evidence_missing(self, change: ChangeRequest) -> list[str]:
        return [kind.key for kind in missing_evidence(change)]

    def get_rules(self, change: ChangeRequest) -> list[str]:
        return list(change.policy.get("rules", []))


class ItemInputSerializer(Strict, serializers.Serializer):
    """Exactly one object by its name."""

    interface = serializers.CharField(max_length=24, required=False, help_text="IF-SUR-003")
    contract_version = serializers.CharField(max_length=80, required=False, help_text="IF-SUR-003@2.0.0")
    system = serializers.CharField(max_length=40, required=False, help_text="erp-hcm")
    endpoint = serializers.CharField(
        max_length=120, required=False,
        help_text="IF-SUR-003/PROD:TARGET-1, or its id; to add one the place: IF-SUR-003/PROD/lakeshore-main",
    )  # fmt: skip
    subscription = serializers.CharField(max_length=80, required=False, help_text="IF-SUR-003@erp-costing")
    decision_table = serializers.CharField(max_length=80, required=False, help_text="approval@2")
    operation = serializers.ChoiceField(Operation.choices)
    patch = serializers.DictField(child=serializers.JSONField(allow_null=True), required=False, help_text=PATCH_HELP)


class ChangeValuesSerializer(Strict, serializers.Serializer):
    """What author and board read of a change besides its items."""

    title = serializers.CharField(max_length=160)
    reason = serializers.CharField(max_length=4000)
    plan = serializers.CharField(max_length=8000, required=False, allow_blank=True)
    backout = serializers.CharField(max_length=8000, required=False, allow_blank=True)
    likelihood = serializers.IntegerField(min_value=1, max_value=5, required=False)
    impact = serializers.IntegerField(min_value=1, max_value=5, required=False)
    evidence = serializers.DictField(
        child=serializers.CharField(max_length=2000), required=False,
        help_text="By kind: a link that begins with https://; of an incident and the like a statement in words.",
    )  # fmt: skip
    window_start = serializers.DateTimeField(required=False, allow_null=True)
    window_end = serializers.DateTimeField(required=False, allow_null=True)


class OpenChangeSerializer(ChangeValuesSerializer):
    change_type = serializers.ChoiceField(ChangeType.choices)
    change_class = serializers.ChoiceField(ChangeClass.choices, required=False)
    items = ItemInputSerializer(many=True, min_length=1, max_length=100)

    def validate_change_class(self, word: str) -> str:
        if word not in ASKED_CLASSES:
            raise serializers.ValidationError(f"Ask for {' or '.join(ASKED_CLASSES)}.")
        return word


class ReviseSerializer(ChangeValuesSerializer):
    """Only what is given changes; ``patches`` maps an item's position to new values by field."""

    title = serializers.CharField(max_length=160, required=False)
    reason = serializers.CharField(max_length=4000, required=False)
    patches = serializers.DictField(child=serializers.DictField(), required=False, help_text=PATCH_HELP)

    def validate_patches(self, patches: dict[str, Any]) -> dict[int, Any]:
        wrong = [position for position in patches if not (position.isascii() and position.isdigit())]
        if wrong:
            raise serializers.ValidationError("Name each item by its position: 1, 2, ...")
        return {int(position[:6]): patch for position, patch in patches.items()}


class SignatureSerializer(Strict, serializers.Serializer):
    """The voter proves themselves again, in the request that decides; the secret is compared and forgotten."""

    method = serializers.ChoiceField(SignMethod.choices)
    secret = serializers.CharField(max_length=200, trim_whitespace=False, write_only=True)


class BallotSerializer(Strict, serializers.Serializer):
    """The vote on the revision that the voter has read: its hash is repeated."""

    signature = SignatureSerializer(
        required=False, help_text="Needed to approve or reject what touches tier 0 or 1, or health information."
    )

    choice = serializers.ChoiceField(Choice.choices)
    revision_hash = serializers.CharField(max_length=64)
    comment = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    role = serializers.CharField(max_length=40, required=False, allow_blank=True)
    requirement = serializers.IntegerField(
        min_value=1, required=False, help_text="Position, to answer for one of many."
    )


class OverrideSerializer(Strict, serializers.Serializer):
    """One seat's signed word; with that of every seat the requirement is FORCED."""

    requirement = serializers.IntegerField(min_value=1, help_text="Its position.")
    reason = serializers.CharField(max_length=300)
    revision_hash = serializers.CharField(max_length=64)
    signature = SignatureSerializer()


class ReasonSerializer(Strict, serializers.Serializer):
    reason = serializers.CharField(max_length=2000)


class RationaleSerializer(Strict, serializers.Serializer):
    rationale = serializers.CharField(max_length=4000)


class CloseSerializer(Strict, serializers.Serializer):
    """The review. ``what_happened`` is needed of an emergency and of a failure."""

    outcome = serializers.ChoiceField(Outcome.choices)
    notes = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    met_its_aim = serializers.BooleanField(required=False)
    what_happened = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    lessons = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    p1 = serializers.IntegerField(min_value=0, max_value=20, required=False, help_text="P1 incidents that it caused.")
    p2 = serializers.IntegerField(min_value=0, max_value=20, required=False)
    p3 = serializers.IntegerField(min_value=0, max_value=20, required=False)


class NothingSerializer(Strict, serializers.Serializer):
    """An empty object."""


class VoteSerializer(serializers.ModelSerializer):
    """One person's word on one revision; a stale one no longer counts."""

    voter = serializers.CharField(source="voter.username", read_only=True)
    on_behalf_of = serializers.CharField(source="on_behalf_of.username", read_only=True, allow_null=True, default=None)
    requirement = serializers.CharField(source="requirement.label", read_only=True)
    stale = serializers.BooleanField(read_only=True)
    signature_holds = serializers.SerializerMethodField(
        help_text="Whether the signature belongs to this vote; null where none was given."
    )

    class Meta:
        model = Vote
        fields = [
            "voter", "on_behalf_of", "role", "requirement", "choice", "comment", "at", "stale", "revision_hash",
            "signed_name", "meaning", "signed_at", "sign_method", "signature_holds",
        ]  # fmt: skip

    def get_signature_holds(self, vote: Vote) -> bool | None:
        return verify_signature(vote) if vote.signature or vote.signed_at else None


class BecauseSerializer(serializers.Serializer):
    rule = serializers.CharField()
    note = serializers.CharField(allow_blank=True)


class SeatSerializer(serializers.Serializer):
    """One role of a requirement: how it stands, whom to ask, and why nobody can be asked."""

    role = serializers.CharField()
    standing = serializers.ChoiceField(["APPROVED", "REJECTED", "WAITING", "NOBODY", "NOT_ASKED"])
    who = serializers.ListField(child=serializers.CharField(), help_text="Who could speak for it now.")
    why = serializers.CharField(allow_blank=True)


class OverriddenSerializer(serializers.ModelSerializer):
    """A seat's signed word that the requirement be passed over."""

    person = serializers.CharField(source="person.username", read_only=True)
    on_behalf_of = serializers.CharField(source="on_behalf_of.username", read_only=True, allow_null=True, default=None)

    class Meta:
        model = Override
        fields = ["constituency", "person", "on_behalf_of", "reason", "at", "signed_name", "meaning", "sign_method"]


class StaleVoterSerializer(serializers.Serializer):
    username = serializers.CharField()
    name = serializers.CharField(source="__str__")


class NeedSerializer(serializers.Serializer):
    """A requirement with why it is asked, who may answer, who has, and who is missing per seat."""

    requirement = RequirementSerializer()
    seats = SeatSerializer(many=True)
    overrides = OverriddenSerializer(many=True)
    because = BecauseSerializer(many=True)
    votes = VoteSerializer(many=True)
    who = serializers.ListField(child=serializers.CharField(), help_text="Who could answer it now.")
    yours = serializers.CharField(allow_blank=True, help_text="The role in which you may answer it now, if any.")


class StepSerializer(serializers.ModelSerializer):
    """One recorded step of the change or of a vote on it."""

    before = serializers.DictField()
    after = serializers.DictField()

    class Meta:
        model = AuditEvent
        fields = [
            "seq", "at", "actor_label", "on_behalf_of_label", "via", "action", "subject_label", "before", "after",
            "reason", "mandate", "request_id",
        ]  # fmt: skip


class NamedSerializer(serializers.Serializer):
    key = serializers.CharField()
    name = serializers.CharField()


class ConsumerSerializer(NamedSerializer):
    domain = serializers.CharField()
    purpose = serializers.CharField()
    owner = serializers.CharField(allow_blank=True)


class ImpactSerializer(serializers.Serializer):
    """Who feels the change of one interface, computed from the register."""

    interface = serializers.CharField(source="interface.key")
    consumers = ConsumerSerializer(many=True)
    processes = serializers.ListField(child=serializers.CharField())
    downstream = NamedSerializer(many=True)


class GateReasonSerializer(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    message = serializers.CharField()
    blocks = serializers.BooleanField()


@extend_schema_field({"type": ["boolean", "null"]})
class YesNoUnknown(serializers.BooleanField):
    pass


class GateSerializer(serializers.Serializer):
    """``deployable`` is true, false, or null for "cannot be said", which never passes."""

    deployable = YesNoUnknown(allow_null=True)
    interface = serializers.CharField()
    version = serializers.CharField(allow_blank=True)
    environment = serializers.CharField()
    change = serializers.CharField(allow_blank=True)
    missing = serializers.ListField(child=serializers.CharField())
    reasons = GateReasonSerializer(many=True)
