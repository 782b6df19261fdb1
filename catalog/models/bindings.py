"""Where an interface really runs: per environment and facility, with its endpoints."""

from django.db import models

from governance.models import Record

from ..lifecycle import BINDING
from .interfaces import Interface
from .places import Facility
from .systems import SystemInstance
from .words import EndpointRole, Environment, Transport


class InterfaceBinding(Record):
    """One interface in one environment at one facility: live at hospital A and in test at B."""

    interface = models.ForeignKey(Interface, on_delete=models.PROTECT, related_name="bindings")
    environment = models.CharField(max_length=5, choices=Environment)
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, null=True, blank=True, related_name="bindings")
    provider_instance = models.ForeignKey(
        SystemInstance, on_delete=models.PROTECT, null=True, blank=True, related_name="bindings"
    )
    state = models.CharField(max_length=8, choices=BINDING.choices, default=BINDING.initial)
    since = models.DateTimeField()

    class Meta:
        ordering = ["environment"]
        constraints = [
            models.UniqueConstraint(fields=["interface", "environment", "facility"], name="one_binding_per_place"),
            # A null facility means enterprise-wide, and SQLite has no NULLS NOT DISTINCT.
            models.UniqueConstraint(
                fields=["interface", "environment"],
                condition=models.Q(facility__isnull=True),
                name="one_enterprise_wide_binding",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.interface.key} {self.environment}{f' at {self.facility}' if self.facility else ''}"


class InForce(models.Manager):
    """Without what a change only asks for."""

    def get_queryset(self):
        return super().get_queryset().filter(planned=False)


class InterfaceEndpoint(Record):
    """One address on the way. The address is sensitive: it is shown to those who may, and never enters the audit.

    A planned one is asked for by a change that was not carried out yet: no list has it.
    """

    binding = models.ForeignKey(InterfaceBinding, on_delete=models.PROTECT, related_name="endpoints")
    role = models.CharField(max_length=6, choices=EndpointRole)
    order = models.PositiveSmallIntegerField(default=1)
    instance = models.ForeignKey(
        SystemInstance, on_delete=models.PROTECT, null=True, blank=True, related_name="endpoints"
    )
    transport = models.CharField(max_length=5, choices=Transport)
    address = models.CharField(max_length=300)
    tls = models.BooleanField(default=True)
    auth = models.CharField(max_length=60, blank=True)
    certificate_expires_at = models.DateTimeField(null=True, blank=True)
    planned = models.BooleanField(default=False)

    objects = InForce()
    every = models.Manager()

    audit_excluded = ("address",)

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(
                fields=["binding", "role", "order"],
                condition=models.Q(planned=False),
                name="one_endpoint_per_place_on_the_way",
                violation_error_message="This place on the way has an endpoint already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.order} of {self.binding}"
