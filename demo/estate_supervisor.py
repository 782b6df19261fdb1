"""The demo estate's supervisor: starts the processes, notices who ends, and takes all of them down with it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

from demo.estate_pids import holder

ROOT = Path(__file__).resolve().parents[1]
READY_WITHIN_S = 20.0
STOP_WITHIN_S = 3.0
RESTART_AFTER_S = 1.0
TICK_S = 0.1


class Trouble(Exception):
    """Why the estate cannot do what was asked, in a sentence."""


def tell(sentence: str) -> None:
    """One line for the person, or the log, that watches."""
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


class Supervisor:
    """Owns the estate's processes: starts them, notices their ends, takes requests to start, stops them all."""

    def __init__(self, folder: Path, commands: dict[str, list[str]], *, restart: bool) -> None:
        self.folder = folder
        self.commands = commands
        self.restart = restart
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.ended_at: dict[str, float] = {}

    def start(self, name: str) -> None:
        """Start one process; its standard input is the leash that ends it with this one."""
        self.ended_at.pop(name, None)
        command = [sys.executable, "-m", "demo.estate", *self.commands[name], "--leashed"]
        self.running[name] = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE)

    def wait_ready(self, stop: threading.Event) -> None:
        """Return once all are up or a stop was asked for; raises ``Trouble`` if one ends or takes too long."""
        deadline = time.monotonic() + READY_WITHIN_S
        waiting = set(self.running)
        while waiting and not stop.wait(TICK_S / 2):
            for name in sorted(waiting):
                process = self.running[name]
                if process.poll() is not None:
                    raise Trouble(f"{name} ended at once with exit code {process.returncode}; see above.")
                if holder(self.folder / f"{name}.pid") == process.pid:
                    waiting.discard(name)
            if waiting and time.monotonic() > deadline:
                raise Trouble(f"Not ready after {READY_WITHIN_S:.0f} s: {', '.join(sorted(waiting))}.")

    def tend(self) -> None:
        """One round: notice who ended, start who was asked for (or, with ``restart``, who ended)."""
        for name, process in list(self.running.items()):
            if process.poll() is not None:
                self._bury(name)
                tell(f"estate: {name} ended ({process.returncode})")
        for name in self.commands:
            request = self.folder / f"{name}.start"
            asked = request.exists()
            request.unlink(missing_ok=True)
            rested = time.monotonic() - self.ended_at.get(name, time.monotonic()) >= RESTART_AFTER_S
            if name not in self.running and (asked or (self.restart and rested)):
                self.start(name)
                tell(f"estate: {name} started")

    def _bury(self, name: str) -> None:
        process = self.running.pop(name)
        if process.stdin:
            process.stdin.close()
        self.ended_at[name] = time.monotonic()
        (self.folder / f"{name}.pid").unlink(missing_ok=True)

    def stop(self) -> None:
        """End every process: politely, and after ``STOP_WITHIN_S`` for certain."""
        for process in self.running.values():
            process.terminate()
        deadline = time.monotonic() + STOP_WITHIN_S
        for name, process in list(self.running.items()):
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self._bury(name)
