"""The demo estate: real processes that die when killed, come back when asked, and never outlive their supervisor."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from demo.estate_endpoint import EndpointServer, load_endpoints
from demo.estate_pids import claim, holder

ROOT = Path(__file__).resolve().parents[2]
FIRST, SECOND = list(load_endpoints())[:2]
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_base_port() -> int:
    """A port that is free together with its successor."""
    while True:
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            try:
                two.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


def estate_command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "demo.estate", *map(str, arguments)]


def call(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(estate_command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=30)


@contextmanager
def estate(folder: Path, base_port: int, *options: object, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A supervisor with the first two endpoints, ready; stopped afterwards if it still runs."""
    command = estate_command(
        "serve", "--pid-dir", folder, "--base-port", base_port, "--only", FIRST, "--only", SECOND, *options
    )
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("estate: ready"):
                break
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=20)


def health(port: int) -> int:
    """The status that /health answers, 0 if nothing answers."""
    try:
        with DIRECT.open(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            assert json.load(answer)["status"] == "UP"
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code
    except (urllib.error.URLError, ConnectionError):
        return 0


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 15
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_killed_endpoint_stays_down_until_it_is_started(tmp_path):
    port = free_base_port()
    with estate(tmp_path, port):
        assert (health(port), health(port + 1)) == (200, 200)

        os.kill(int((tmp_path / f"{FIRST}.pid").read_text()), signal.SIGKILL)
        assert eventually(lambda: not (tmp_path / f"{FIRST}.pid").exists())
        time.sleep(0.5)
        assert (health(port), health(port + 1)) == (0, 200)

        started = call("start", FIRST, "--pid-dir", tmp_path)
        assert (started.returncode, started.stdout) == (0, f"{FIRST} is up\n")
        assert health(port) == 200


def test_stop_and_status_tell_what_runs(tmp_path):
    port = free_base_port()
    with estate(tmp_path, port):
        assert call("stop", SECOND, "--pid-dir", tmp_path).stdout == f"{SECOND} is down\n"
        lines = call("status", "--pid-dir", tmp_path, "--base-port", port).stdout.splitlines()
        pid = (tmp_path / f"{FIRST}.pid").read_text().strip()

    assert [line.split() for line in lines[:2]] == [
        [FIRST, f":{port}", "up,", "process", pid],
        [SECOND, f":{port + 1}", "down"],
    ]
    assert len(lines) == len(load_endpoints())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_endpoint_outlives_the_supervisor(tmp_path, number):
    port = free_base_port()
    with estate(tmp_path, port) as supervisor:
        supervisor.send_signal(number)
        code = supervisor.wait(20)

        assert eventually(lambda: (health(port), health(port + 1)) == (0, 0))
    assert code == (-signal.SIGKILL if number is signal.SIGKILL else 0)
    assert eventually(lambda: holder(tmp_path / f"{FIRST}.pid") is None)
    with estate(tmp_path, port):  # the same ports and pid files serve again at once
        assert health(port) == 200


def test_restart_brings_back_what_was_killed(tmp_path):
    port = free_base_port()
    with estate(tmp_path, port, "--restart"):
        os.kill(int((tmp_path / f"{SECOND}.pid").read_text()), signal.SIGKILL)

        assert eventually(lambda: health(port + 1) == 0)
        assert eventually(lambda: health(port + 1) == 200)


def test_taken_port_is_named_and_nothing_is_left_running(tmp_path):
    port = free_base_port()
    with socket.create_server(("127.0.0.1", port + 1)):
        refused = call("serve", "--pid-dir", tmp_path, "--base-port", port, "--only", FIRST, "--only", SECOND)
        assert health(port) == 0

    assert refused.returncode == 1
    assert f"{SECOND} cannot listen on 127.0.0.1:{port + 1} (Address already in use)" in refused.stderr


def test_second_estate_and_start_without_one_are_refused(tmp_path):
    port = free_base_port()
    with estate(tmp_path, port):
        second = call("serve", "--pid-dir", tmp_path, "--base-port", port)
    alone = call("start", FIRST, "--pid-dir", tmp_path)

    assert (second.returncode, alone.returncode) == (1, 1)
    assert second.stderr.startswith(f"estate: An estate already runs from {tmp_path}")
    assert alone.stderr.startswith(f"estate: No estate runs from {tmp_path}")


def test_beats_carry_the_token_from_the_environment(tmp_path):
    seen: list[tuple[str, str, list[str]]] = []
    enough = threading.Event()

    class Product(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen.append((self.path, self.headers["Authorization"], list(body)))
            self.send_response(204)
            self.end_headers()
            if len(seen) >= 2:
                enough.set()

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    with HTTPServer(("127.0.0.1", 0), Product) as product:
        threading.Thread(target=product.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        url = f"http://127.0.0.1:{product.server_port}/beats/1"
        options = ("--beat-url", url, "--beat-every", "0.1")
        with estate(tmp_path, free_base_port(), *options, ESTATE_BEAT_TOKEN="t0ken"):
            assert enough.wait(15)
        product.shutdown()

    assert seen[:2] == [("/beats/1", "Bearer t0ken", ["sent_at"])] * 2


def test_beat_without_token_is_refused(tmp_path):
    refused = call("beat", "--url", "http://127.0.0.1:1/", "--pid-dir", tmp_path)

    assert (refused.returncode, refused.stderr) == (
        1,
        "estate: A heartbeat needs an http(s) --url and a token in ESTATE_BEAT_TOKEN.\n",
    )


def test_flapping_endpoint_alternates():
    endpoint = load_endpoints()[FIRST]
    with EndpointServer("127.0.0.1", 0, endpoint, flap_s=60.0) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        well = health(server.server_port)
        server.began -= 60
        ill = health(server.server_port)
        server.shutdown()

    assert (well, ill) == (200, 503)


def test_definitions_are_distinct_and_one_is_slow():
    endpoints = load_endpoints()

    assert len(endpoints) == 8
    assert [name for name, endpoint in endpoints.items() if endpoint.latency_ms[0] >= 400] == ["ghx-as2"]


def test_pid_file_counts_only_while_its_process_holds_it(tmp_path):
    path = tmp_path / "x.pid"
    path.write_text("1\n")
    assert holder(path) is None

    with claim(path):
        assert holder(path) == os.getpid()
        assert claim(path, patience_s=0) is None
    assert holder(path) is None
