"""What make runs before anything is installed: its refusals, its lock, and stopping with make."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from governance.management import bootstrap
from tests.tooling.processes import listen_to_interrupts, runs, until


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_taken_port_is_refused_with_the_way_out(listening: int) -> None:
    with pytest.raises(bootstrap.NotPossible) as refused:
        bootstrap.require_free_port("127.0.0.1", listening)
    assert str(refused.value) == (
        f"Port {listening} on 127.0.0.1 cannot be used (Address already in use). "
        f"Choose another one: make run PORT={listening + 1}"
    )


@pytest.mark.parametrize(("given", "port"), [({}, 8000), ({"PORT": ""}, 8000), ({"PORT": "8123"}, 8123)])
def test_the_port_comes_from_the_environment(given: dict[str, str], port: int) -> None:
    assert bootstrap.port_from(given) == port


@pytest.mark.parametrize("given", ["0", "65536", "http", "-1", "80 80"])
def test_a_port_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(bootstrap.NotPossible, match="PORT must be a number from 1 to 65535"):
        bootstrap.port_from({"PORT": given})


def test_an_old_python_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "OLDEST_PYTHON", (99, 0))
    with pytest.raises(bootstrap.NotPossible, match=r"^Interlock needs Python 99\.0 or newer"):
        bootstrap.require_python()


def test_the_second_instance_on_the_same_data_is_told_where_the_first_one_is(tmp_path: Path) -> None:
    with bootstrap.hold_instance(tmp_path, "http://127.0.0.1:8000"):
        with pytest.raises(bootstrap.NotPossible) as refused:
            bootstrap.hold_instance(tmp_path, "http://127.0.0.1:8001")
        assert f"already runs on this data ({tmp_path}): http://127.0.0.1:8000 (process {os.getpid()})" in str(
            refused.value
        )
    bootstrap.hold_instance(tmp_path, "http://127.0.0.1:8001").close()


def test_settings_are_read_from_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    assert bootstrap.settings_file() == {}
    (tmp_path / ".env").write_text("# where\n#HOST=0.0.0.0\nPORT=8100\nSECRET_KEY = 'a=b'\n\n")
    assert bootstrap.settings_file() == {"PORT": "8100", "SECRET_KEY": "a=b"}


def test_reset_leaves_a_folder_alone_that_never_was_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERLOCK_VAR", str(tmp_path))
    (tmp_path / "thesis.txt").write_text("years of work")
    bootstrap.reset()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_reset_empties_our_folder_but_not_under_a_running_instance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTERLOCK_VAR", str(tmp_path))
    with bootstrap.hold_instance(tmp_path, "http://127.0.0.1:8000"):
        (tmp_path / "interlock.sqlite3").write_text("rows")
        with pytest.raises(bootstrap.NotPossible, match="already runs"):
            bootstrap.reset()
        assert (tmp_path / "interlock.sqlite3").read_text() == "rows"
    bootstrap.reset()
    assert [path.name for path in tmp_path.iterdir()] == ["running.lock"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_what_make_started_ends_when_make_alone_is_signalled(number: signal.Signals, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        f"import os, sys, time; sys.path.insert(0, {str(bootstrap.ROOT / 'governance/management')!r})\n"
        "import bootstrap; bootstrap.follow_starter(); print(os.getpid(), flush=True); time.sleep(60)\n"
    )
    (tmp_path / "Makefile").write_text(f"run:\n\t@exec {sys.executable} program.py\n")
    environment = {key: value for key, value in os.environ.items() if key not in {"MAKEFLAGS", "MAKELEVEL"}}
    make = subprocess.Popen(
        ["make", "run"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        preexec_fn=listen_to_interrupts,
    )
    assert make.stdout
    program_pid = int(make.stdout.readline())
    make.send_signal(number)
    until(lambda: not runs(program_pid))
    assert make.wait(timeout=5) == -number
    make.stdout.close()


def test_lock_files_carry_hashes_and_no_addresses() -> None:
    npm = json.loads((bootstrap.ROOT / "package-lock.json").read_text())
    packages = {name: package for name, package in npm["packages"].items() if name}
    assert {name for name, package in packages.items() if "integrity" not in package} == set()
    assert {name for name, package in packages.items() if "resolved" in package} == set()
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (bootstrap.ROOT / name).read_text()
        pinned = [line for line in text.splitlines() if "==" in line and not line.lstrip().startswith("#")]
        assert [line for line in pinned if not line.endswith("\\")] == []
        assert "://" not in text
        assert "--index" not in text
