"""What waits for the clock to be told: rows, so that a status change and its telling cannot come apart."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from ..lifecycle import DELIVERY
from .people import Team
from .records import Record


class MailState(models.TextChoices):
    NONE = "NONE", "Shown only"
    DIGEST = "DIGEST", "In the next digest"
    DUE = "DUE", "To be sent"
    SENT = "SENT", "Sent"
    DEAD = "DEAD", "Given up"


class NoticeQuerySet(models.QuerySet):
    def unread(self):
        return self.filter(read_at__isnull=True)

    def mail_due(self, now):
        return self.filter(mail=MailState.DUE, mail_due_at__lte=now).order_by("mail_due_at")


class Notice(Record):
    """Something a person should know, with the page that shows it; by e-mail too, at once or in the daily digest."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    message = models.CharField(max_length=300)
    url = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mail = models.CharField(max_length=6, choices=MailState, default=MailState.NONE)
    mail_due_at = models.DateTimeField(null=True, blank=True)
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mail_error = models.CharField(max_length=300, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["recipient", "read_at"], name="notice_unread"),
            models.Index(fields=["mail", "mail_due_at"], name="notice_mail_due"),
        ]

    def __str__(self) -> str:
        return self.message


class WebhookEndpoint(Record):
    """An address that is told of events, signed with its own secret. The secret is stored encrypted."""

    name = models.CharField(max_length=80)
    url = models.URLField(max_length=300)
    event_types = models.JSONField(default=list, help_text="Prefixes such as change. or change.authorised; empty: all.")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="webhooks")
    sealed_secret = models.TextField()
    active = models.BooleanField(default=True)
    failing_since = models.DateTimeField(null=True, blank=True)

    audit_excluded = ("sealed_secret", "failing_since")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class WebhookDeliveryQuerySet(models.QuerySet):
    def due(self, now):
        return self.filter(state="DUE", due_at__lte=now).order_by("due_at")


class WebhookDelivery(Record):
    """One event for one endpoint, until it was taken or given up; ``event`` is the CloudEvent that is sent."""

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    event_id = models.UUIDField(default=uuid.uuid4)
    event_type = models.CharField(max_length=80)
    event = models.JSONField()
    state = models.CharField(max_length=10, choices=DELIVERY.choices, default=DELIVERY.initial)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="event_once_per_endpoint"),
            models.CheckConstraint(condition=~Q(state="DELIVERED", delivered_at=None), name="delivered_has_its_time"),
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="deliveries_due")]

    def __str__(self) -> str:
        return f"{self.event_type} to {self.endpoint}"
