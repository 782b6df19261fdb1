"""Business processes: what the interfaces are for."""

from django.db import models

from governance.models import Record, Team

from .interfaces import Interface
from .systems import System


class BusinessProcess(Record):
    """Surgical case completion, employee onboarding: ordered steps across systems."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    purpose = models.TextField(blank=True)
    owner_team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="processes")

    class Meta:
        verbose_name_plural = "business processes"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ProcessStep(Record):
    """One step: who acts, over which interface, how fast, how it is undone, and what must hold before later steps."""

    process = models.ForeignKey(BusinessProcess, on_delete=models.CASCADE, related_name="steps")
    order = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=160)
    actor_system = models.ForeignKey(System, on_delete=models.PROTECT, null=True, blank=True, related_name="acts_in")
    interface = models.ForeignKey(Interface, on_delete=models.PROTECT, null=True, blank=True, related_name="steps_of")
    sla_s = models.PositiveIntegerField(null=True, blank=True)
    compensation = models.CharField(max_length=200, blank=True)
    checkpoint = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["process", "order"], name="one_step_per_order")]

    def __str__(self) -> str:
        return f"{self.order}. {self.name}"


class Product(Record):
    """A reusable API or event product around a business capability; reuse is counted on it."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    capability = models.CharField(max_length=160, blank=True)
    active = models.BooleanField(default=True)
    interfaces = models.ManyToManyField(Interface, blank=True, related_name="products")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
