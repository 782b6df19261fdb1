"""What a change needs, and who has said what. Both are bound to one revision of the change."""

from django.db import models
from django.db.models import Q

from catalog.models import Subscription
from governance.models import Record, User

from .requests import ChangeRequest


class RequirementStatus(models.TextChoices):
    SATISFIED = "SATISFIED", "Satisfied"
    UNSATISFIED = "UNSATISFIED", "Waiting"
    NOT_APPLICABLE = "NOT_APPLICABLE", "Not applicable"
    OVERRIDDEN = "OVERRIDDEN", "Overridden"
    FORCED = "FORCED", "Forced"
    ERROR = "ERROR", "Cannot be satisfied"


class Purpose(models.TextChoices):
    """What the requirement stands before: the change itself, or the later confirmation of an emergency."""

    AUTHORISE = "AUTHORISE", "To authorise"
    RATIFY = "RATIFY", "To ratify afterwards"


class ApprovalRequirement(Record):
    """One approval that revision ``number`` of the change needs, with the rule ids that ask for it."""

    change = models.ForeignKey(ChangeRequest, on_delete=models.CASCADE, related_name="requirements")
    number = models.PositiveIntegerField()
    position = models.PositiveSmallIntegerField()
    roles = models.JSONField()
    mode = models.CharField(max_length=5)
    minimum = models.PositiveSmallIntegerField(default=1)
    veto = models.JSONField(default=list)
    rules = models.JSONField(default=list)
    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, null=True, blank=True, related_name="acknowledgements"
    )
    status = models.CharField(max_length=16, choices=RequirementStatus, default=RequirementStatus.UNSATISFIED)
    purpose = models.CharField(max_length=12, choices=Purpose, default="AUTHORISE")
    waiver = models.ForeignKey(
        "Waiver", on_delete=models.PROTECT, null=True, blank=True, related_name="overridden_requirements"
    )
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["change", "number", "position"], name="requirement_position_once")
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name that people and the gate use: SECURITY, ``consumer_ack COST-ACCT``, or ``BOARD 4 of 5``."""
        if self.subscription:
            return f"consumer_ack {self.subscription.consumer.key.upper()}"
        if self.mode == "GROUP":
            return f"BOARD {self.minimum} of {len(self.roles)}"
        return self.roles[0] if self.roles else "NOBODY"


class Choice(models.TextChoices):
    APPROVE = "APPROVE", "Approve"
    REJECT = "REJECT", "Reject"
    ABSTAIN = "ABSTAIN", "Abstain"
    REQUEST_INFO = "REQUEST_INFO", "Ask for information"


DECIDING = (Choice.APPROVE, Choice.REJECT)


class SignMethod(models.TextChoices):
    PASSWORD = "PASSWORD", "Password"
    TOTP = "TOTP", "One-time code"


class Signed(models.Model):
    """A word under which somebody put their name: printed name, meaning, time, and how they proved themselves.

    ``signature`` is empty where policy asked for none.
    """

    signed_name = models.CharField(max_length=160, blank=True, help_text="The signer's printed name.")
    meaning = models.CharField(max_length=200, blank=True, help_text="What the signature means, in words.")
    signed_at = models.DateTimeField(null=True, blank=True)
    sign_method = models.CharField(max_length=8, choices=SignMethod, blank=True)
    signature = models.CharField(max_length=64, blank=True, help_text="Binds name, meaning and time to the revision.")

    class Meta:
        abstract = True


class Vote(Signed, Record):
    """One person's word on one revision, in one role, for themselves or in another's place. Never changed."""

    change = models.ForeignKey(ChangeRequest, on_delete=models.CASCADE, related_name="votes")
    requirement = models.ForeignKey(ApprovalRequirement, on_delete=models.CASCADE, related_name="votes")
    role = models.CharField(max_length=40)
    voter = models.ForeignKey(User, on_delete=models.PROTECT, related_name="votes")
    on_behalf_of = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="votes_cast_for"
    )
    choice = models.CharField(max_length=12, choices=Choice)
    comment = models.TextField(blank=True)
    revision_hash = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(
                fields=["change", "voter", "revision_hash"],
                condition=Q(choice__in=["APPROVE", "REJECT"]) & ~Q(role="EACH_CONSUMER_OWNER"),
                name="one_deciding_vote_per_person_and_revision",
            ),
            models.UniqueConstraint(
                fields=["requirement", "voter"],
                condition=Q(choice__in=["APPROVE", "REJECT"]),
                name="one_deciding_vote_per_person_and_need",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.voter}: {self.choice} as {self.role}"

    @property
    def stale(self) -> bool:
        """Cast on a revision that is no longer the change's present one."""
        return self.revision_hash != self.change.revision_hash


class Recusal(Record):
    """Someone steps aside from one change, with a reason: they and those who act for them are not asked."""

    change = models.ForeignKey(ChangeRequest, on_delete=models.CASCADE, related_name="recusals")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="recusals")
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "person"], name="recused_once_per_change")]

    def __str__(self) -> str:
        return f"{self.person} stepped aside"


class Override(Signed, Record):
    """One seat's signed word that a requirement be passed over; all seats together make it FORCED."""

    requirement = models.ForeignKey(ApprovalRequirement, on_delete=models.CASCADE, related_name="overrides")
    constituency = models.CharField(max_length=20)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="overrides")
    on_behalf_of = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="overrides_given_for"
    )
    reason = models.CharField(max_length=300)
    revision_hash = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["requirement", "constituency"], name="one_override_per_seat"),
            models.UniqueConstraint(fields=["requirement", "person"], name="one_override_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person} overrides {self.requirement} for {self.constituency}"


class ChangeComment(Record):
    """What people say to each other about a change; outside of the revision that votes are bound to."""

    change = models.ForeignKey(ChangeRequest, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="change_comments")
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return self.text[:60]
