"""Probes: what is asked of an interface, how often, and how it stands."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from catalog.models import Interface, InterfaceEndpoint
from governance.models import Record

from ..lifecycle import KINDS, METHODS, STATES, check_period_s, next_on_grid
from ..probes.base import ProbeState

#: States of an interface in which nobody waits for its answer.
OUT_OF_USE = ("REJECTED", "WITHDRAWN", "RETIRED")


def any_success() -> list[int]:
    return [200]


class ProbeQuerySet(models.QuerySet):
    def due(self, now: dt.datetime):
        """Enabled, on an interface that is or may come into use, its time has come, and no other sweep is at it."""
        free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
        return self.filter(free, enabled=True, next_run_at__lte=now).exclude(interface__state__in=OUT_OF_USE)

    def with_parties(self):
        return self.select_related("interface__provider__domain", "endpoint")


class Probe(Record):
    """One question asked of one interface at a rhythm. Its address is sensitive and never enters the audit."""

    interface = models.ForeignKey(Interface, on_delete=models.PROTECT, related_name="probes")
    endpoint = models.ForeignKey(
        InterfaceEndpoint, on_delete=models.PROTECT, null=True, blank=True, related_name="probes",
        help_text="The probe follows this endpoint's address when it moves.",
    )  # fmt: skip
    kind = models.CharField(max_length=12, choices=KINDS)
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=300, blank=True, help_text="Empty: the endpoint's own address.")
    method = models.CharField(max_length=4, choices=METHODS, default="GET")
    interval_s = models.PositiveIntegerField(default=60, validators=[MinValueValidator(1), MaxValueValidator(86_400)])
    timeout_s = models.FloatField(default=10.0, validators=[MinValueValidator(0.1), MaxValueValidator(30.0)])
    expect_status = models.JSONField(default=any_success, blank=True, help_text="Empty: any 2xx.")
    slow_ms = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    grace_s = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(86_400)])
    enabled = models.BooleanField(default=True)
    armed_at = models.DateTimeField()
    last_beat_at = models.DateTimeField(null=True, blank=True)
    next_run_at = models.DateTimeField()
    claim = models.UUIDField(null=True, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    state = models.CharField(max_length=8, choices=STATES, default=ProbeState.UNKNOWN)
    state_since = models.DateTimeField()
    last_checked_at = models.DateTimeField(null=True, blank=True)
    last_latency_ms = models.FloatField(null=True, blank=True)
    last_reason = models.CharField(max_length=24, blank=True)
    last_detail = models.CharField(max_length=400, blank=True)
    failures_in_row = models.PositiveIntegerField(default=0)

    audit_excluded = (
        "address", "last_beat_at", "next_run_at", "claim", "claimed_until", "state", "state_since", "last_checked_at",
        "last_latency_ms", "last_reason", "last_detail", "failures_in_row",
    )  # fmt: skip

    objects = ProbeQuerySet.as_manager()

    class Meta:
        ordering = ["interface__key", "name"]
        constraints = [
            models.UniqueConstraint(fields=["interface", "name"], name="probe_name_once_per_interface"),
            models.CheckConstraint(
                condition=~Q(kind="http") | Q(endpoint__isnull=False) | ~Q(address=""),
                name="http_probe_has_a_target",
                violation_error_message="An HTTP probe needs an address or an endpoint.",
            ),
        ]
        indexes = [models.Index(fields=["next_run_at"], condition=Q(enabled=True), name="probe_due")]

    def __str__(self) -> str:
        return f"{self.name} of {self.interface.key}"

    def clean(self) -> None:
        """A name is taken once for each interface, and saying so belongs beside the name."""
        if Probe.objects.filter(interface=self.interface_id, name=self.name).exclude(pk=self.pk).exists():
            raise ValidationError({"name": "Another probe of this interface has this name; choose a different one."})

    @property
    def target_address(self) -> str:
        """What is asked: its own address, else that of the endpoint it follows."""
        return self.address or (self.endpoint.address if self.endpoint else "")

    @property
    def shown_state(self) -> str:
        return self.state if self.enabled else "PAUSED"

    def next_after(self, now: dt.datetime) -> dt.datetime:
        return next_on_grid(str(self.pk), check_period_s(self.kind, self.interval_s), now)
