"""The change request: what shall change, why, when, and who wrote it."""

import datetime as dt

from django.db import models
from django.db.models import F, Q

from catalog.models import Interface, InterfaceEndpoint, Subscription, System
from contracts.models import ContractVersion
from governance.models import DecisionTable, Record, Team, User

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
    ACCEPTED_RETROSPECTIVE = "ACCEPTED_RETROSPECTIVE", "Accepted in retrospect"
    REVERTED = "REVERTED", "Reverted"
    FALSE_POSITIVE = "FALSE_POSITIVE", "False alarm"


class ChangeRequestQuerySet(models.QuerySet):
    def open(self):
        return self.filter(state__in=OPEN_STATES)

    def taking_votes(self):
        """Their voters are asked; in REVIEW they ratify an emergency, or judge what was found."""
        unratified = Q(change_class="EMERGENCY", ratified_at=None) | Q(change_class="UNAUTHORIZED")
        return self.filter(Q(state="AUTHORIZE") | Q(unratified, state="REVIEW"))

    def due(self, now):
        """Authorised (an emergency is IMPLEMENTING then), its window open, and not held back after a conflict."""
        waits = Q(window_end__isnull=True) | Q(window_end__gt=now)
        return self.filter(waits, state__in=["SCHEDULED", "IMPLEMENTING"], implement_at__lte=now)

    def overdue_ratification(self, now):
        """Emergencies that the normal approvers should have confirmed by now, and that nobody has escalated yet."""
        return self.filter(ratify_by__lte=now, ratified_at=None, escalated_at=None).exclude(state="CANCELLED")

    def overdue_review(self, now):
        return self.filter(state__in=["DETECTED", "REVIEW"], review_by__lte=now, review_escalated_at=None)


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
    risk_raised = models.JSONField(default=dict, blank=True, help_text="What the rules make of it, and why.")
    risk_score = models.PositiveSmallIntegerField(default=4, help_text="``risk`` as a column, for lists to sort by.")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="changes")
    template = models.ForeignKey(
        "StandardChangeTemplate", on_delete=models.PROTECT, null=True, blank=True, related_name="changes"
    )
    found = models.JSONField(default=dict, blank=True, help_text="Unauthorized: what contradicted the record.")
    evidence = models.JSONField(default=dict, blank=True, help_text="Provided: a file or a link, with its hash.")
    computed_evidence = models.JSONField(default=dict, blank=True)
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
    ratify_by = models.DateTimeField(null=True, blank=True, db_index=True)
    ratified_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    review_by = models.DateTimeField(null=True, blank=True, db_index=True)
    review_escalated_at = models.DateTimeField(null=True, blank=True)
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
        """Likelihood times impact, 1 to 25: each as declared or as the rules raise it, whichever is higher."""
        likelihood = max(self.likelihood, self.risk_raised.get("likelihood", 0))
        return likelihood * max(self.impact, self.risk_raised.get("impact", 0))

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


#: The columns that can name what an item changes; a constraint holds that exactly one does.
SUBJECTS = (
    "interface",
    "contract_version",
    "decision_table",
    "subscription",
    "endpoint",
    "system",
    "template",
    "waiver",
)


def exactly_one(columns: tuple[str, ...]) -> Q:
    """Exactly one of the nullable columns is set."""
    said = Q()
    for chosen in columns:
        said |= Q(**{f"{column}__isnull": column != chosen for column in columns})
    return said


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
    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, null=True, blank=True, related_name="change_items"
    )
    endpoint = models.ForeignKey(
        InterfaceEndpoint, on_delete=models.PROTECT, null=True, blank=True, related_name="change_items"
    )
    system = models.ForeignKey(System, on_delete=models.PROTECT, null=True, blank=True, related_name="change_items")
    template = models.ForeignKey(
        "StandardChangeTemplate", on_delete=models.PROTECT, null=True, blank=True, related_name="change_items"
    )
    waiver = models.ForeignKey("Waiver", on_delete=models.PROTECT, null=True, blank=True, related_name="change_items")
    base_revision = models.PositiveIntegerField()
    base = models.JSONField(default=dict, blank=True)
    patch = models.JSONField(default=dict, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=exactly_one(SUBJECTS),
                name="exactly_one_subject",
            ),
            models.UniqueConstraint(fields=["change", "position"], name="item_position_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_operation_display()} {self.subject}"

    @property
    def subject(self):
        return next(row for row in (getattr(self, column) for column in SUBJECTS) if row is not None)

    @property
    def touched_interface(self) -> Interface | None:
        """The interface whose facts the tables read: the subject itself, or the one its contract promises for."""
        if self.contract_version:
            return self.contract_version.contract.interface
        if self.endpoint:
            return self.endpoint.binding.interface
        owner = self.subscription or self.waiver
        return owner.interface if owner else self.interface

    @property
    def touched_interface_id(self):
        if self.contract_version:
            return self.contract_version.contract.interface_id
        if self.endpoint:
            return self.endpoint.binding.interface_id
        owner = self.subscription or self.waiver
        return owner.interface_id if owner else self.interface_id
