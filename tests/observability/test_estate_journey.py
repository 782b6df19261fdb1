"""A killed endpoint is down within two intervals and up again after: real processes, the sweep's own task."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from demo.estate_pids import holder
from observability.models import Measurement, Probe
from observability.tasks import sweep_due_probes
from tests.factories.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
ENDPOINT, INTERVAL_S = "api-gateway", 2


@dataclass
class DemoEstate:
    folder: Path
    port: int

    def run(self, *command: str) -> None:
        subprocess.run([*self.command(*command), *self.place()], cwd=ROOT, check=True, capture_output=True, timeout=30)

    def command(self, *command: str) -> list[str]:
        return [sys.executable, "-m", "demo.estate", *command]

    def place(self) -> list[str]:
        return ["--pid-dir", str(self.folder), "--base-port", str(self.port)]

    def pid(self) -> int | None:
        return holder(self.folder / f"{ENDPOINT}.pid")

    @property
    def url(self) -> str:
        from demo.estate import ports_of
        from demo.estate_endpoint import load_endpoints

        return f"http://127.0.0.1:{ports_of(load_endpoints(), self.port)[ENDPOINT]}/status"


@pytest.fixture
def demo_estate(tmp_path: Path) -> Iterator[DemoEstate]:
    running = DemoEstate(tmp_path, free_port())
    process = subprocess.Popen(
        [*running.command("serve"), *running.place(), "--only", ENDPOINT], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: running.pid() is not None, within_s=20)
        yield running
    finally:
        process.terminate()
        process.wait(20)


def wait_for(condition: Callable[[], bool], *, within_s: float) -> float:
    """How long it took; fails when it takes longer than ``within_s``."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < within_s, "it did not come true in time"
        time.sleep(0.1)
    return time.monotonic() - began


def swept_state() -> str:
    """What the clock does every now and then, and what the probe's row says after it."""
    sweep_due_probes()
    return Probe.objects.get().state


def test_a_killed_endpoint_is_down_within_two_intervals_and_back_after(estate, ada, as_user, demo_estate):
    estate.probe(estate.interface(), demo_estate.url, interval_s=INTERVAL_S, timeout_s=1, now=timezone.now())
    browser, page = as_user(ada), reverse("observability:interface-health", kwargs={"key": "IF-SUR-001"})
    wait_for(lambda: swept_state() == "UP", within_s=10)
    assert "Up<" in browser.get(page).content.decode()

    os.kill(demo_estate.pid(), signal.SIGKILL)
    wait_for(lambda: swept_state() == "DOWN", within_s=2 * INTERVAL_S)
    shown = browser.get(page).content.decode()
    assert ("Down<" in shown, "Refused" in shown) == (True, True)

    demo_estate.run("start", ENDPOINT)
    wait_for(lambda: swept_state() == "UP", within_s=2 * INTERVAL_S)
    assert "Up<" in browser.get(page).content.decode()
    assert set(Measurement.objects.values_list("state", flat=True)) == {"UP", "DOWN"}
