"""The demo estate: real endpoints on loopback, each a process of its own that can be killed and started again.

``python -m demo.estate serve`` runs them all until SIGTERM or SIGINT; ``stop NAME`` and ``start NAME`` make one
go down and come back; ``status`` lists them. Pids are in ``var/estate/NAME.pid``.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from demo.estate_beat import beat_until
from demo.estate_endpoint import Endpoint, EndpointServer, load_endpoints
from demo.estate_pids import claim, holder
from demo.estate_supervisor import TICK_S, Supervisor, Trouble, tell

TOKEN_VARIABLE = "ESTATE_BEAT_TOKEN"


def stop_event() -> threading.Event:
    """An event that SIGTERM or SIGINT sets."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def follow_parent(stop: threading.Event) -> None:
    """Stop when the supervisor dies, kill -9 included: its end of our standard input closes then."""

    def watch() -> None:
        while os.read(0, 64):
            pass
        stop.set()

    threading.Thread(target=watch, daemon=True).start()


def ports_of(endpoints: dict[str, Endpoint], base_port: int) -> dict[str, int]:
    """Each endpoint's port, the same whichever of them run."""
    if not 1 <= base_port <= 65536 - len(endpoints):
        raise Trouble(f"Base port {base_port} leaves no room for {len(endpoints)} ports; use 1024 to 65000.")
    return {name: base_port + offset for offset, name in enumerate(endpoints)}


def commands_of(options: argparse.Namespace, ports: dict[str, int]) -> dict[str, list[str]]:
    """The command line of every process that ``serve`` was asked for."""
    names = options.only or list(ports)
    flaps = dict(options.flap)
    common = ["--pid-dir", str(options.pid_dir)]
    commands = {
        name: ["run", name, "--host", options.host, "--port", str(ports[name]), *common]
        + (["--flap", str(flaps[name])] if name in flaps else [])
        for name in names
    }
    if options.beat_url:
        urls = [word for url in options.beat_url for word in ("--url", url)]
        commands["beat"] = ["beat", *urls, "--every", str(options.beat_every), *common]
    return commands


def serve(options: argparse.Namespace) -> None:
    """Run the estate until SIGTERM or SIGINT."""
    stop = stop_event()
    ports = ports_of(load_endpoints(), options.base_port)
    lock = claim(options.pid_dir / "supervisor.pid")
    if lock is None:
        raise Trouble(f"An estate already runs from {options.pid_dir}; stop it, or choose another --pid-dir.")
    with lock:
        supervisor = Supervisor(options.pid_dir, commands_of(options, ports), restart=options.restart)
        try:
            for name in supervisor.commands:
                (options.pid_dir / f"{name}.start").unlink(missing_ok=True)
                supervisor.start(name)
            supervisor.wait_ready(stop)
            if not stop.is_set():
                where = ", ".join(f"{name} :{ports[name]}" for name in supervisor.commands if name in ports)
                tell(f"estate: ready on {options.host}: {where}")
            while not stop.wait(TICK_S):
                supervisor.tend()
        finally:
            supervisor.stop()
            (options.pid_dir / "supervisor.pid").unlink(missing_ok=True)
    tell("estate: stopped")


def as_process(options: argparse.Namespace, name: str, work: Callable[[threading.Event], None]) -> None:
    """Do the work of one process under its pid file, until SIGTERM, SIGINT or the supervisor's death."""
    stop = stop_event()
    if options.leashed:
        follow_parent(stop)
    path = options.pid_dir / f"{name}.pid"
    lock = claim(path)
    if lock is None:
        raise Trouble(f"{name} already runs, as process {holder(path)}.")
    with lock:
        try:
            work(stop)
        finally:
            path.unlink(missing_ok=True)


def run(options: argparse.Namespace) -> None:
    """Be one endpoint."""
    endpoint = load_endpoints()[options.name]
    try:
        server = EndpointServer(options.host, options.port, endpoint, flap_s=options.flap)
    except OSError as failed:
        where = f"{options.host}:{options.port}"
        raise Trouble(f"{options.name} cannot listen on {where} ({failed.strerror}); set ESTATE_PORT.") from None

    def work(stop: threading.Event) -> None:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        stop.wait()
        server.shutdown()

    with server:
        as_process(options, options.name, work)


def beat(options: argparse.Namespace) -> None:
    """Be the heartbeat sender; its token comes from the environment, never from the command line."""
    token = os.environ.get(TOKEN_VARIABLE, "")
    if not token or not all(url.startswith(("http://", "https://")) for url in options.url):
        raise Trouble(f"A heartbeat needs an http(s) --url and a token in {TOKEN_VARIABLE}.")
    as_process(options, "beat", lambda stop: beat_until(stop, options.url, token, every_s=options.every, tell=tell))


def start(options: argparse.Namespace) -> None:
    """Ask the running estate to start one of its processes again, and wait until it is up."""
    if holder(options.pid_dir / "supervisor.pid") is None:
        raise Trouble(f"No estate runs from {options.pid_dir}; begin with: python -m demo.estate serve")
    request = options.pid_dir / f"{options.name}.start"
    request.touch()
    if not wait_for(lambda: holder(options.pid_dir / f"{options.name}.pid") is not None):
        request.unlink(missing_ok=True)
        raise Trouble(f"{options.name} did not come up; is it one of those that this estate was started with?")
    tell(f"{options.name} is up")


def stop(options: argparse.Namespace) -> None:
    """End one process; it stays down until ``start``."""
    path = options.pid_dir / f"{options.name}.pid"
    pid = holder(path)
    if pid is None:
        raise Trouble(f"{options.name} does not run.")
    os.kill(pid, signal.SIGTERM)
    if not wait_for(lambda: holder(path) is None):
        raise Trouble(f"{options.name}, process {pid}, has not ended; kill it with: kill -9 {pid}")
    tell(f"{options.name} is down")


def status(options: argparse.Namespace) -> None:
    """List every endpoint with its port and process."""
    for name, port in ports_of(load_endpoints(), options.base_port).items():
        pid = holder(options.pid_dir / f"{name}.pid")
        tell(f"{name:18} :{port:<6} {f'up, process {pid}' if pid else 'down'}")


def wait_for(condition: Callable[[], bool], *, within_s: float = 10.0) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def parents() -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    """The options of every command, and those of the commands that run something."""
    var = os.environ.get("INTERLOCK_VAR") or "var"
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--pid-dir", type=lambda text: Path(text).resolve(), default=Path(var, "estate").resolve())
    shared.add_argument("--base-port", type=int, default=os.environ.get("ESTATE_PORT") or "8100")
    member = argparse.ArgumentParser(add_help=False, parents=[shared])
    member.add_argument("--host", default="127.0.0.1")
    member.add_argument("--leashed", action="store_true", help="end when standard input closes")
    return shared, member


def parser() -> argparse.ArgumentParser:
    """The command line; where things are may also be said by ESTATE_PORT and INTERLOCK_VAR."""
    names = list(load_endpoints())
    shared, member = parents()
    top = argparse.ArgumentParser(prog="python -m demo.estate", description=__doc__)
    verbs = top.add_subparsers(required=True, metavar="COMMAND")

    verb = verbs.add_parser("serve", parents=[member], help="run the estate until SIGTERM or SIGINT")
    verb.add_argument("--only", action="append", choices=names, metavar="NAME")
    verb.add_argument("--flap", action="append", type=flapping, default=[], metavar="NAME=SECONDS")
    verb.add_argument("--restart", action="store_true", help="start again what ended")
    beats = f"send heartbeats there, with the token in {TOKEN_VARIABLE}; may be given more than once"
    verb.add_argument("--beat-url", action="append", default=[], metavar="URL", help=beats)
    verb.add_argument("--beat-every", type=float, default=30.0, metavar="SECONDS")
    verb.set_defaults(work=serve)

    verb = verbs.add_parser("run", parents=[member], help="be one endpoint")
    verb.add_argument("name", choices=names, metavar="NAME")
    verb.add_argument("--port", type=int, required=True)
    verb.add_argument("--flap", type=float, default=0.0, metavar="SECONDS")
    verb.set_defaults(work=run)

    verb = verbs.add_parser("beat", parents=[member], help="be the heartbeat sender")
    verb.add_argument("--url", action="append", required=True)
    verb.add_argument("--every", type=float, default=30.0, metavar="SECONDS")
    verb.set_defaults(work=beat)

    for work, purpose in ((start, "start one process of the running estate again"), (stop, "end one process")):
        verb = verbs.add_parser(work.__name__, parents=[shared], help=purpose)
        verb.add_argument("name", choices=[*names, "beat"], metavar="NAME")
        verb.set_defaults(work=work)
    verbs.add_parser("status", parents=[shared], help="list the endpoints").set_defaults(work=status)
    return top


def flapping(text: str) -> tuple[str, float]:
    """Read NAME=SECONDS; raises ``ValueError``, which the command line reports."""
    name, _, seconds = text.partition("=")
    if name not in load_endpoints() or not float(seconds) > 0:
        raise ValueError(text)
    return name, float(seconds)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one command; 0 if done, 1 with a sentence if not."""
    options = parser().parse_args(arguments)
    try:
        options.work(options)
    except Trouble as trouble:
        sys.stderr.write(f"estate: {trouble}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
