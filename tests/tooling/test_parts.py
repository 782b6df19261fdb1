"""The supervisor against real processes: whatever ends, and however, nothing is left behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from governance.management.parts import Part, PartDied, Supervisor
from tests.tooling.processes import runs, until

SLEEPER = "import time; print('up', flush=True); time.sleep(60)"
PARENT = (
    "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "print(child.pid, flush=True); time.sleep(60)"
)
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def part(folder: Path, code: str, name: str = "web") -> Part:
    return Part(name, [sys.executable, "-c", code], folder / f"{name}.log")


def supervised(*parts: Part) -> tuple[Supervisor, list[str]]:
    told: list[str] = []
    supervisor = Supervisor(list(parts), told.append)
    supervisor.start(os.environ)
    return supervisor, told


def test_stopping_ends_parts_and_what_they_started(tmp_path: Path) -> None:
    one = part(tmp_path, PARENT)
    supervisor, _ = supervised(one, part(tmp_path, SLEEPER, "worker"))
    until(lambda: one.log.read_text().strip())
    grandchild = int(one.log.read_text())
    assert supervisor.stop() == []
    until(lambda: not runs(grandchild))
    assert [each.died() for each in supervisor.parts] == [-signal.SIGTERM, -signal.SIGTERM]


def test_a_part_that_ignores_the_request_is_killed_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("governance.management.parts.STOP_WITHIN_S", 0.5)
    supervisor, _ = supervised(part(tmp_path, STUBBORN, "estate"))
    until(lambda: (tmp_path / "estate.log").read_text())
    assert supervisor.stop() == ["estate"]
    assert supervisor.parts[0].died() == -signal.SIGKILL


def test_a_part_that_ends_is_named_with_its_status_and_the_end_of_its_log(tmp_path: Path) -> None:
    one = part(tmp_path, "import sys; print('no licence'); sys.exit(3)")
    supervisor, _ = supervised(one)
    until(lambda: one.died() is not None)
    with pytest.raises(PartDied) as refused:
        supervisor.check()
    supervisor.stop()
    assert str(refused.value) == f"web ended with status 3. The end of {one.log}:\n    no licence"


def test_a_part_that_was_killed_is_named_with_the_signal(tmp_path: Path) -> None:
    one = part(tmp_path, SLEEPER)
    supervisor, _ = supervised(one)
    until(one.log.read_text)
    one.send(signal.SIGKILL)
    until(lambda: one.died() is not None)
    with pytest.raises(PartDied, match=r"^web was ended by SIGKILL\."):
        supervisor.check()
    supervisor.stop()


def test_only_troubles_are_told_and_each_once(tmp_path: Path) -> None:
    lines = ["started", "2026 ERROR cannot reach", '{"level": "error", "event": "x"}', "nothing more"]
    one = part(tmp_path, f"import time\nfor line in {lines!r}: print(line, flush=True)\ntime.sleep(60)")
    supervisor, told = supervised(one)
    until(lambda: "nothing more" in one.log.read_text())
    supervisor.check()
    supervisor.check()
    supervisor.stop()
    assert told == [f"[web] {lines[1]}", f"[web] {lines[2]}"]


def test_parts_end_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, sys, time; from pathlib import Path; from governance.management.parts import Part, Supervisor\n"
        f"part = Part('web', [sys.executable, '-c', {SLEEPER!r}], Path({str(tmp_path / 'web.log')!r}))\n"
        "Supervisor([part], print).start(os.environ); print(part.process.pid, flush=True); time.sleep(60)"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout
    child = int(supervisor.stdout.readline())
    until(lambda: (tmp_path / "web.log").exists() and (tmp_path / "web.log").read_text())
    assert runs(child)
    supervisor.kill()
    supervisor.wait()
    supervisor.stdout.close()
    until(lambda: not runs(child))
