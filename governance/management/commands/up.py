"""``manage.py up``: prepare the data, then run all parts of Interlock until told to stop."""

import contextlib
import importlib.util
import json
import os
import shutil
import signal
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from governance.management import bootstrap
from governance.management.parts import Part, PartDied, Supervisor

LOOK_EVERY_S = 0.2
DEMO_NETWORKS = "127.0.0.0/8,::1/128"  # where the demo estate listens


class StopRequest:
    """The first SIGINT, SIGTERM or SIGHUP: it interrupts the preparation; once parts run, it is noted."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self.interrupts = True
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.note)

    def note(self, number: int, frame: FrameType | None) -> None:
        first = self.signal is None
        self.signal = number
        if first and self.interrupts:
            raise KeyboardInterrupt


class Command(BaseCommand):
    help = "Migrate, load the demo, then run web, worker with beat and the demo estate until told to stop."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="no demo data, no demo estate")
        parser.add_argument("--ready-within", type=float, default=60.0, metavar="SECONDS")

    def handle(self, **options: Any) -> None:
        os.chdir(settings.BASE_DIR)
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        stop = StopRequest()
        bootstrap.follow_starter()
        host = os.environ.get("HOST") or "127.0.0.1"
        try:
            port = bootstrap.port_from(os.environ)
            address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
            with bootstrap.hold_instance(settings.VAR_DIR, address):
                bootstrap.require_free_port(host, port)
                if not options["no_demo"]:
                    let_probes_reach_the_estate()
                self.prepare(demo=not options["no_demo"])
                self.serve(host, port, address, stop, options)
        except (bootstrap.NotPossible, PartDied) as why:
            raise CommandError(str(why)) from None
        except KeyboardInterrupt:
            raise CommandError("Stopped before it was ready.") from None

    # --- preparation ----------------------------------------------------------------------------

    def prepare(self, *, demo: bool) -> None:
        plan = MigrationExecutor(connection).migration_plan(MigrationExecutor(connection).loader.graph.leaf_nodes())
        if plan:
            self.tell(f"  bringing the database up to date: {len(plan)} migrations")
            call_command("migrate", interactive=False, verbosity=0)
        else:
            self.tell("  database is up to date")
        call_command("collect_browser", stdout=self.stdout)
        call_command("collectstatic", interactive=False, verbosity=0)
        if demo and "load_demo" in get_commands():
            self.tell("  loading the demo data")
            call_command("load_demo", stdout=self.stdout)
        self.clear_leftovers()
        connections.close_all()

    def clear_leftovers(self) -> None:
        """Remove what a killed run left: messages and pids. A task can be derived again from its due row."""
        for stale in settings.VAR_DIR.glob("*.pid"):
            stale.unlink()
        for stale in settings.VAR_DIR.glob("celerybeat-schedule*"):
            stale.unlink()
        if settings.CELERY_BROKER_URL.startswith("filesystem:"):
            for folder in settings.CELERY_QUEUE_DIR.iterdir():
                shutil.rmtree(folder)
                folder.mkdir()

    # --- running --------------------------------------------------------------------------------

    def parts(self, host: str, port: int, *, demo: bool) -> list[Part]:
        logs = settings.VAR_DIR / "log"
        granian = ["-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--no-ws"]
        granian += ["--blocking-threads", "8", "--workers-kill-timeout", "5", "governance.wsgi:application"]
        celery = [
            "-m",
            "celery",
            "-A",
            "governance",
            "worker",
            "-B",
            "--pool",
            "threads",
            "--concurrency",
            "4",
        ]
        celery += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]
        celery += ["--schedule", str(settings.VAR_DIR / "celerybeat-schedule")]
        parts = [
            Part("web", [sys.executable, *granian], logs / "web.log"),
            Part("worker", [sys.executable, *celery], logs / "worker.log"),
        ]
        if demo and importlib.util.find_spec("demo.estate"):
            estate = [sys.executable, "-m", "demo.estate", "serve", *beats_to(host, port)]
            parts.insert(0, Part("estate", estate, logs / "estate.log"))  # up before the worker first probes it
        elif demo:
            self.tell("  no demo estate: the module demo.estate is not there")
        return parts

    def serve(self, host: str, port: int, address: str, stop: StopRequest, options: dict[str, Any]) -> None:
        supervisor = Supervisor(self.parts(host, port, demo=not options["no_demo"]), self.tell)
        names = ", ".join(part.name for part in supervisor.parts)
        stop.interrupts = False
        try:
            self.tell(f"  starting {names}; their logs are in {settings.VAR_DIR / 'log'}")
            supervisor.start({**os.environ, "PYTHONUNBUFFERED": "1", "ESTATE_BEAT_TOKEN": beat_token()})
            if self.wait_until_ready(supervisor, address, stop, options["ready_within"]):
                self.welcome(address)
            while stop.signal is None:
                supervisor.check()
                time.sleep(LOOK_EVERY_S)
            self.tell(f"\nStopping {names} ({signal.Signals(stop.signal).name})")
        finally:
            killed = supervisor.stop()
        if killed:
            self.tell(f"Had to kill {', '.join(killed)}: no answer to SIGTERM.")
        self.tell("Stopped.")

    def wait_until_ready(self, supervisor: Supervisor, address: str, stop: StopRequest, within: float) -> bool:
        """Wait for 200 from /readyz; False when told to stop meanwhile. Raises NotPossible in the end."""
        started, answer, status = time.monotonic(), "no answer yet", 0
        while status != 200 and stop.signal is None:
            if time.monotonic() - started > within:
                tails = "\n".join(f"  {part.name}:\n{part.tail()}" for part in supervisor.parts)
                raise bootstrap.NotPossible(
                    f"Not ready after {within:.0f} s; {address}/readyz says: {answer[:500]}\n{tails}"
                )
            supervisor.check()
            status, answer = readiness(address)
            time.sleep(LOOK_EVERY_S)
        return stop.signal is None

    def welcome(self, address: str) -> None:
        self.tell(f"\nInterlock is ready at {address}/")
        self.tell("")
        accounts = Path(settings.BASE_DIR) / "demo" / "accounts.json"
        if accounts.exists():
            rows = json.loads(accounts.read_text())
            heads = {"role": "ROLE", "name": "NAME", "username": "USER NAME", "password": "PASSWORD"}
            rows = [heads, *rows]
            widths = {key: max(len(str(row.get(key, ""))) for row in rows) for key in heads}
            for row in rows:
                self.tell("  " + "  ".join(f"{row.get(key, '')!s:<{widths[key]}}" for key in heads).rstrip())
        self.tell("\nStop it with Ctrl+C.")

    def tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def let_probes_reach_the_estate() -> None:
    """Open loopback to probes, here (the demo's are registered in this process) and in every part; a choice stands."""
    if not os.environ.get("PROBE_ALLOWED_NETWORKS"):
        os.environ["PROBE_ALLOWED_NETWORKS"] = DEMO_NETWORKS
        settings.PROBE_ALLOWED_NETWORKS = DEMO_NETWORKS.split(",")


def beats_to(host: str, port: int) -> list[str]:
    """The estate's options for calling the demo's heartbeat probes, which the loading of the demo left word of."""
    left = settings.VAR_DIR / "demo_heartbeats.json"
    probes = json.loads(left.read_text()) if left.exists() and beat_token() else []
    reached = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    urls = [f"http://{reached}:{port}/api/v1/probes/{probe}/beat/" for probe in probes]
    return [word for url in urls for word in ("--beat-url", url)]


def beat_token() -> str:
    """The heartbeat senders' token: one from the environment, else the demo's, which is documented and no secret."""
    accounts = Path(settings.BASE_DIR) / "demo" / "accounts.json"
    rows = json.loads(accounts.read_text()) if accounts.exists() else []
    known = {row["username"]: row["password"] for row in rows}
    return os.environ.get("ESTATE_BEAT_TOKEN") or known.get("estate-telemetry", "")


def readiness(address: str) -> tuple[int, str]:
    """The status and body of /readyz; status 0 while nothing answers."""
    try:
        with contextlib.closing(urllib.request.urlopen(f"{address}/readyz", timeout=5)) as answer:  # noqa: S310
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode(errors="replace")
    except OSError as unreachable:
        return 0, str(unreachable)
