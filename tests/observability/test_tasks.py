"""The clock's doors: registered under the names that beat uses, and one task for many probes."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from governance.celery import app
from observability.models import Measurement, Rollup
from observability.tasks import roll_up_measurements, sweep_due_probes


def test_beat_names_tasks_that_exist():
    app.loader.import_default_modules()
    named = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values() if "observability" in entry["task"]}
    assert named == {"observability.tasks.sweep_due_probes", "observability.tasks.roll_up_measurements"}
    assert named <= set(app.tasks)


def test_one_sweep_goes_on_batch_after_batch_until_nothing_is_due(estate, server, settings):
    settings.PROBE_BATCH = 2
    for number in range(5):
        estate.probe(estate.interface(number), server.url(), now=timezone.now())
    assert [sweep_due_probes(), sweep_due_probes()] == [5, 0]
    assert Measurement.objects.filter(state="UP").count() == 5
    roll_up_measurements()
    assert Rollup.objects.filter(period=86_400).count() == 5
