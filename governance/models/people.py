"""Who there is: people, machines, teams, and the roles and rights that teams carry."""

import uuid

from django.contrib.auth.models import AbstractUser, Group
from django.db import models
from django.db.models import Q

from .records import Record


class UserKind(models.TextChoices):
    PERSON = "PERSON", "Person"
    SERVICE = "SERVICE", "Service account"
    CLOCK = "CLOCK", "The clock"


class MailWish(models.TextChoices):
    EACH = "EACH", "Each notice at once"
    DIGEST = "DIGEST", "What is urgent at once, the rest once a day"
    NONE = "NONE", "No e-mail"


class User(AbstractUser):
    """A person, a machine or the clock. Only persons sign in with a password; only machines hold tokens."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=UserKind, default=UserKind.PERSON)
    display_name = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=120, blank=True)
    timezone = models.CharField(max_length=60, default="UTC")
    mail = models.CharField(max_length=6, choices=MailWish, default="DIGEST")

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="PERSON") | (Q(is_staff=False) & Q(is_superuser=False)),
                name="only_persons_are_staff",
                violation_error_message="A service account or the clock cannot be staff or superuser.",
            )
        ]

    def __str__(self) -> str:
        return self.display_name or self.username

    @property
    def is_person(self) -> bool:
        return self.kind == UserKind.PERSON


class Role(models.TextChoices):
    """What a team's members may do everywhere; rights on single containers are grants on the container."""

    VIEWER = "VIEWER", "Viewer"
    ARCHITECT = "ARCHITECT", "Architect"
    DOMAIN_ARCHITECT = "DOMAIN_ARCHITECT", "Domain architect"
    DESIGN_AUTHORITY = "DESIGN_AUTHORITY", "Design authority"
    STEWARD = "STEWARD", "Data steward"
    INTERFACE_OWNER = "INTERFACE_OWNER", "Interface owner"
    BOARD_MEMBER = "BOARD_MEMBER", "Board member"
    CHANGE_MANAGER = "CHANGE_MANAGER", "Change manager"
    EMERGENCY_APPROVER = "EMERGENCY_APPROVER", "Emergency approver"
    OPERATOR = "OPERATOR", "Operator"
    SECURITY_OFFICER = "SECURITY_OFFICER", "Security officer"
    EXECUTIVE = "EXECUTIVE", "Executive"
    AUDITOR = "AUDITOR", "Auditor"
    CI = "CI", "CI service account"
    PLATFORM_ADMIN = "PLATFORM_ADMIN", "Platform administrator"


class Team(Record):
    """Owns interfaces and systems, and holds every right; its ``group`` is what guardian grants to."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="team")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class TeamRole(models.Model):
    """One role that a team's members carry."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=24, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "role"], name="role_once_per_team")]

    def __str__(self) -> str:
        return f"{self.team}: {self.role}"


class Membership(Record):
    """A person or machine in a team, from then until then. Kept equal to the team's group by join and leave."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "user"], condition=Q(until__isnull=True), name="one_open_membership"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class ServiceAccount(Record):
    """A machine's identity. It owns a user of kind SERVICE, names the person who answers for it, and never votes."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="service_account")
    purpose = models.CharField(max_length=200)
    responsible = models.ForeignKey(User, on_delete=models.PROTECT, related_name="answers_for")

    def __str__(self) -> str:
        return str(self.user)


class Scope(models.TextChoices):
    CONTRACTS_CHECK = "contracts:check", "Check candidates and validate payloads"
    CONTRACTS_WRITE = "contracts:write", "Post contract versions"
    GATE_READ = "gate:read", "Ask the gate"
    TELEMETRY_WRITE = "telemetry:write", "Send heartbeats and telemetry"


class ServiceToken(Record):
    """A token of a service account: only its SHA-256 is stored; it expires, is scoped, and can be revoked."""

    account = models.ForeignKey(ServiceAccount, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, db_index=True)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    audit_excluded = ("digest", "last_used_at")

    def __str__(self) -> str:
        return f"{self.account}: {self.name} ({self.prefix}…)"
