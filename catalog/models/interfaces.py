"""The interface: one promise of data from one system to another, owned by its provider's domain."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

from governance.models import Record, User

from ..lifecycle import INTERFACE
from .expressions import HoldsWord
from .systems import System
from .words import Initiator, Interaction, MessageStandard, Origin

KEY_FORM = RegexValidator(r"^IF-[A-Z0-9]{2,8}-\d{3,6}$", "A key looks like IF-SUR-001.")


class InterfaceQuerySet(models.QuerySet):
    def of_domain(self, key: str):
        return self.filter(provider__domain__key=key)

    def named(self, text: str):
        """Those whose key or name, or the name of a system that takes part, holds ``text``."""
        asked = Q(key__icontains=text) | Q(name__icontains=text)
        # The systems are few and asked first: joined, their three names would be read again for every interface.
        systems = list(System.objects.filter(name__icontains=text).values_list("pk", flat=True))
        if systems:
            asked |= Q(provider__in=systems) | Q(source__in=systems) | Q(target__in=systems)
        return self.filter(asked)

    def in_force(self):
        return self.filter(state__in=["IN_BUILD", "IN_TEST", "ACTIVE", "SUSPENDED", "DEPRECATED"])

    def with_parties(self):
        return self.select_related("provider__domain", "source__domain", "target__domain")


class Interface(Record):
    """Provider is who owns it; source and target are the ends of the first hop's data flow."""

    key = models.CharField(max_length=24, unique=True, validators=[KEY_FORM])
    name = models.CharField(max_length=160)
    purpose = models.TextField(blank=True)
    provider = models.ForeignKey(System, on_delete=models.PROTECT, related_name="provides")
    source = models.ForeignKey(System, on_delete=models.PROTECT, related_name="sends")
    target = models.ForeignKey(System, on_delete=models.PROTECT, related_name="receives")
    initiator = models.CharField(max_length=6, choices=Initiator, default=Initiator.SOURCE)
    interaction = models.CharField(max_length=12, choices=Interaction)
    patterns = models.JSONField(default=list, blank=True)
    msg_standard = models.CharField(max_length=12, choices=MessageStandard)
    message_types = models.JSONField(default=list, blank=True)
    trigger = models.CharField(max_length=160, blank=True)
    latency_s = models.PositiveIntegerField(help_text="How old may the data be when it arrives, in seconds?")
    volume_day = models.PositiveIntegerField(help_text="Messages a day, on an ordinary day.")
    payload_mb = models.DecimalField(max_digits=10, decimal_places=3, default=1, validators=[MinValueValidator(0)])
    fan_out = models.PositiveSmallIntegerField(default=1, help_text="How many consumer systems are declared?")
    steps = models.PositiveSmallIntegerField(default=1, help_text="Ordered steps across systems; 1 unless a process.")
    data_classes = models.JSONField(default=list, blank=True)
    # Kept by the database, whoever writes the classes: a filter on text would read every row.
    carries_phi = models.GeneratedField(
        expression=HoldsWord("data_classes", "PHI"), output_field=models.BooleanField(), db_persist=True
    )
    tier = models.PositiveSmallIntegerField(validators=[MaxValueValidator(4)])
    patient_adjacent = models.BooleanField(default=False)
    financial = models.BooleanField(default=False)
    external = models.BooleanField(default=False, help_text="The other party is another organisation.")
    certified_connector = models.BooleanField(default=False)
    new_technology = models.BooleanField(default=False)
    environments = models.JSONField(default=list, blank=True)
    sunset_on = models.DateField(null=True, blank=True)
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="predecessors")
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.REGISTERED)
    state = models.CharField(max_length=12, choices=INTERFACE.choices, default=INTERFACE.initial)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="proposed_interfaces")

    objects = InterfaceQuerySet.as_manager()
    audit_excluded = ("carries_phi",)

    class Meta:
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(condition=Q(tier__lte=4), name="interface_tier_0_to_4"),
            models.CheckConstraint(
                condition=Q(steps=1) | Q(interaction="PROCESS"),
                name="only_a_process_has_steps",
                violation_error_message="Only a process has several steps.",
            ),
            models.CheckConstraint(condition=Q(steps__gte=1), name="at_least_one_step"),
            models.CheckConstraint(
                condition=~Q(source=F("target")),
                name="source_is_not_target",
                violation_error_message="Data goes to another system than the one that it comes from.",
            ),
        ]
        # The register's orders, so that a page is read and not sorted.
        indexes = [
            models.Index(fields=["provider", "key"], name="interface_by_provider"),
            models.Index(fields=["name", "id"], name="interface_by_name"),
            models.Index(fields=["tier", "key", "id"], name="interface_by_tier"),
            models.Index(fields=["state", "key", "id"], name="interface_by_state"),
            models.Index(fields=["carries_phi", "key", "id"], name="interface_by_phi"),
            models.Index(fields=["updated_at", "id"], name="interface_by_change"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.name}"

    @property
    def phi(self) -> bool:
        return "PHI" in self.data_classes


class Relied(models.Manager):
    """Without what a change only asks for."""

    def get_queryset(self):
        return super().get_queryset().filter(planned=False)


class Subscription(Record):
    """A consumer system relies on the interface, for a purpose, from then until then.

    A planned one is asked for by a change that was not carried out yet: it ends as it begins, and no list has it.
    """

    interface = models.ForeignKey(Interface, on_delete=models.PROTECT, related_name="subscriptions")
    consumer = models.ForeignKey(System, on_delete=models.PROTECT, related_name="subscriptions")
    purpose = models.CharField(max_length=200)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    last_traffic_at = models.DateTimeField(null=True, blank=True)
    planned = models.BooleanField(default=False)

    objects = Relied()
    every = models.Manager()

    class Meta:
        ordering = ["consumer__name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(planned=False) | Q(until=F("since")), name="a_planned_subscription_has_not_begun"
            ),
            models.UniqueConstraint(
                fields=["interface", "consumer"], condition=Q(until__isnull=True), name="one_open_subscription"
            ),
        ]
        # What a system consumes now decides who sees it: read from the index alone.
        indexes = [
            models.Index(fields=["consumer", "interface"], condition=Q(until__isnull=True), name="open_by_consumer")
        ]

    def __str__(self) -> str:
        return f"{self.consumer} consumes {self.interface.key}"
