"""The change request: what shall change, why, when, and who wrote it."""

import datetime as dt

from django.db import models
from django.db.models import F, Q

from catalog.models import Interface
from contracts.models import ContractVersion
from governance.models import DecisionTable, Record, User

from ..lifecycle import CHANGE, OPEN_STATES


class ChangeClass(models.TextChoices):
    NORMAL = "NORMAL", "Normal"
    STANDARD = "STANDARD", "Standard"
    EMERGENCY = "EMERGENCY", "Emergency"
    UNAUTHORIZED = "UNAUTHORIZED", "Unauthorized"


class ChangeType(models.TextChoices):
    NEW_INTERFACE = "NEW_INTERFACE", "New interface"
    MODIFY = "MODIFY", "Modify an interface"
    CONTRACT_VERSION = "CONTRACT_VERSION", "Contract version"
    NEW_CONSUMER = "NEW_CONSUMER", "New consumer"
    ENDPOINT_MOVE = "ENDPOINT_MOVE", "Endpoint move"
    CONFIG = "CONFIG", "Configuration"
    SECURITY_CONTROL = "SECURITY_CONTROL", "Security control"
    MIDDLEWARE = "MIDDLEWARE", "Middleware"
    POLICY = "POLICY", "Policy"
    MASTER_DATA_OWNERSHIP = "MASTER_DATA_OWNERSHIP", "Master-data ownership"
    CUTOVER = "CUTOVER", "Cutover"
    RETIRE = "RETIRE", "Retire"


class Outcome(models.TextChoices):
    SUCCESSFUL = "SUCCESSFUL", "Successful"
    SUCCESSFUL_WITH_ISSUES = "SUCCESSFUL_WITH_ISSUES", "Successful with issues"
    FAILED_BACKED_OUT = "FAILED_BACKED_OUT", "Failed, backed out"


class ChangeRequestQuerySet(models.QuerySet):
    def open(self):
        return self.filter(state__in=OPEN_STATES)

    def due(self, now):
        """Scheduled, its window open, and not held back after a conflict."""
        return self.filter(Q(window_end__isnull=True) | Q(window_end__gt=now), state="SCHEDULED", implement_at__lte=now)


class ChangeRequest(Record):
    """One thing that the board is asked. ``number`` counts its revisions; votes are bound to ``revision_hash``."""

    key = models.CharField(max_length=16, unique=True)
    change_class = models.CharField(max_length=12, choices=ChangeClass, default=ChangeClass.NORMAL)
    change_type = models.CharField(max_length=24, choices=ChangeType)
    title = models.CharField(max_length=160)
    reason = models.TextField()
    plan = models.TextField(blank=True)
    backout = models.TextField(blank=True)
    likelihood = models.PositiveSmallIntegerField(default=2)
    impact = models.PositiveSmallIntegerField(default=2)
    evidence = models.JSONField(default=dict, blank=True)
    window_start = models.DateTimeField(null=True, blank=True)
    window_end = models.DateTimeField(null=True, blank=True)
    requester = models.ForeignKey(User, on_delete=models.PROTECT, related_name="requested_changes")
    responsible = models.ForeignKey(User, on_delete=models.PROTECT, related_name="answers_for_changes")
    implementer = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="implements_changes"
    )
    state = models.CharField(max_length=12, choices=CHANGE.choices, default=CHANGE.initial, db_index=True)
    number = models.PositiveIntegerField(default=1)
    revision_hash = models.CharField(max_length=64)
    authorised_hash = models.CharField(max_length=64, blank=True)
    policy = models.JSONField(default=dict, blank=True)
    lead_hours = models.PositiveIntegerField(default=0)
    submitted_at = models.DateTimeField(null=True, blank=True)
    revised_at = models.DateTimeField(null=True, blank=True, help_text="The lead time runs from here.")
    assessed_at = models.DateTimeField(null=True, blank=True)
    authorised_at = models.DateTimeField(null=True, blank=True)
    implement_at = models.DateTimeField(null=True, blank=True, db_index=True)
    implemented_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=24, choices=Outcome, blank=True)
    held_reason = models.CharField(max_length=300, blank=True)
    touched_at = models.DateTimeField(null=True, blank=True)

    objects = ChangeRequestQuerySet.as_manager()

    audit_excluded = ("touched_at",)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(window_end__isnull=True) | Q(window_end__gt=F("window_start")),
                name="window_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(likelihood__range=(1, 5)) & Q(impact__range=(1, 5)), name="risk_is_1_to_5_each"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["SCHEDULED", "IMPLEMENTING"]) | Q(authorised_hash=F("revision_hash")),
                name="only_the_authorised_revision_is_scheduled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.title}"

    @property
    def risk(self) -> int:
        return self.likelihood * self.impact

    @property
    def lead_ends_at(self) -> dt.datetime:
        """When the present revision's lead time has passed; it runs from the revision, not from the first submit."""
        if self.revised_at is None:
            raise ValueError(f"{self.key} was never submitted.")
        return self.revised_at + dt.timedelta(hours=self.lead_hours)


class ChangeSeries(models.Model):
    """The last number given in a year; touching it is the lock that numbers changes."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class ChangeAuthor(models.Model):
    """Everyone who wrote any revision of a change: none of them may vote on it."""

    change = models.ForeignKey(ChangeRequest, on_delete=models.CASCADE, related_name="authors")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="authored_changes")
    number = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "user", "number"], name="author_once_per_revision")]

    def __str__(self) -> str:
        return f"{self.user} wrote revision {self.number}"


class Operation(models.TextChoices):
    CREATE = "CREATE", "Bring into force"
    UPDATE = "UPDATE", "Update"
    DELETE = "DELETE", "Retire"


class ChangeItem(Record):
    """One object that the change touches: what it was based on, and what it shall become, field by field."""

    change = models.ForeignKey(ChangeRequest, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField(default=1)
    operation = models.CharField(max_length=6, choices=Operation)
    interface = models.ForeignKey(
        Interface, on_delete=models.PROTECT, null=True, blank=True, related_name="change_items"
    )
    contract_version = models.ForeignKey(
        ContractVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="change_items"
    )
    decision_table = models.ForeignKey(
        DecisionTable, on_delete=models.PROTECT, null=True, blank=True, related_name="change_items"
    )
    base_revision = models.PositiveIntegerField()
    base = models.JSONField(default=dict, blank=True)
    patch = models.JSONField(default=dict, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(interface__isnull=False, contract_version__isnull=True, decision_table__isnull=True)
                    | Q(interface__isnull=True, contract_version__isnull=False, decision_table__isnull=True)
                    | Q(interface__isnull=True, contract_version__isnull=True, decision_table__isnull=False)
                ),
                name="exactly_one_subject",
            ),
            models.UniqueConstraint(fields=["change", "position"], name="item_position_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_operation_display()} {self.subject}"

    @property
    def subject(self):
        return self.interface or self.contract_version or self.decision_table

    @property
    def touched_interface(self) -> Interface | None:
        """The interface whose facts the tables read: the subject itself, or the one its contract promises for."""
        if self.contract_version:
            return self.contract_version.contract.interface
        return self.interface

    @property
    def touched_interface_id(self):
        return self.contract_version.contract.interface_id if self.contract_version else self.interface_id
