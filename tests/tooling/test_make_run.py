"""``make run`` as a newcomer and an operator meet it: ready, refused twice, stopped, started again with its data."""

import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from governance.management.bootstrap import ROOT
from tests.tooling.processes import listen_to_interrupts, runs, until

pytestmark = pytest.mark.slow
Start = Callable[[], "subprocess.Popen[str]"]


def started_with(var: Path) -> list[int]:
    """Every process that carries this data folder in its environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            names = (path / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"INTERLOCK_VAR={var}".encode() in names and runs(int(path.name)):
            found.append(int(path.name))
    return found


def environment(var: Path) -> dict[str, str]:
    """What a newcomer's shell has, and a data folder and port of the test's own."""
    inherited = {"MAKEFLAGS", "MAKELEVEL", "DATABASE_URL", "REDIS_URL", "DJANGO_ALLOW_ASYNC_UNSAFE"}
    kept = {key: value for key, value in os.environ.items() if key not in inherited}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # The estate takes a row of ports; its own default may be in use by a developer's `make run`.
    return kept | {"INTERLOCK_VAR": str(var), "PORT": str(port), "ESTATE_PORT": str(20000 + port % 200 * 50)}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    made: list[subprocess.Popen[str]] = []
    settings = environment(tmp_path)

    def started() -> "subprocess.Popen[str]":
        make = subprocess.Popen(
            ["make", "run"],
            cwd=ROOT,
            env=settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=listen_to_interrupts,
        )
        made.append(make)
        return make

    yield started
    for pid in started_with(tmp_path):
        os.kill(pid, signal.SIGKILL)
    for make in made:
        make.wait()
        if make.stdout:
            make.stdout.close()


def address_of(make: "subprocess.Popen[str]") -> str:
    """Read what it prints up to the address; the whole of it is the message when that never comes."""
    printed = []
    for line in make.stdout or []:
        printed.append(line)
        found = re.match(r"Interlock is ready at (\S+)/$", line)
        if found:
            return found.group(1)
    raise AssertionError("".join(printed))


def test_it_runs_is_refused_a_second_time_and_stops_with_its_process_group(start: Start, tmp_path: Path) -> None:
    first = start()
    address = address_of(first)
    with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:
        assert answer.status == 200
    second = start()
    said, _ = second.communicate(timeout=60)
    assert second.returncode == 2
    assert f"Interlock already runs on this data ({tmp_path}): {address} (process " in said
    os.killpg(first.pid, signal.SIGINT)
    first.wait(timeout=20)
    until(lambda: started_with(tmp_path) == [])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_with_make_alone_and_starts_again_in_seconds(
    number: signal.Signals, start: Start, tmp_path: Path
) -> None:
    first = start()
    address_of(first)
    database = (tmp_path / "interlock.sqlite3").stat().st_ino
    first.send_signal(number)
    first.wait(timeout=20)
    until(lambda: started_with(tmp_path) == [])
    again = time.monotonic()
    second = start()
    address_of(second)
    assert time.monotonic() - again < 30
    assert (tmp_path / "interlock.sqlite3").stat().st_ino == database
    os.killpg(second.pid, signal.SIGTERM)
    second.wait(timeout=20)
    until(lambda: started_with(tmp_path) == [])


def test_a_killed_supervisor_leaves_no_process_behind(start: Start, tmp_path: Path) -> None:
    make = start()
    address_of(make)
    supervisor = re.search(r"process (\d+)", (tmp_path / "running.lock").read_text())
    assert supervisor
    os.kill(int(supervisor.group(1)), signal.SIGKILL)
    make.wait(timeout=20)
    until(lambda: started_with(tmp_path) == [], seconds=20)
