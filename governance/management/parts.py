"""The programs that together are a running Interlock: started together, watched, stopped together."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from governance.management import leash

TROUBLE = re.compile(r'\b(ERROR|CRITICAL)\b|"level": ?"(error|critical)"|^Traceback ', re.IGNORECASE)
STOP_WITHIN_S = 10.0
TAIL_LINES = 25


@dataclass
class Part:
    """One program: its name, its command line, its log file in the log folder."""

    name: str
    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    unread: BinaryIO | None = field(default=None, repr=False)

    def start(self, environment: Mapping[str, str]) -> None:
        """Start in a process group of its own, on a leash: it gets SIGTERM when this process is killed.

        It writes straight to its file, so that nothing is lost when this process goes first.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        leashed = [sys.executable, "-S", leash.__file__, str(os.getpid()), *self.command]
        with self.log.open("wb") as written:
            self.process = subprocess.Popen(  # noqa: S603 - our own command lines
                leashed,
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=dict(environment),
            )
        self.unread = self.log.open("rb")

    def died(self) -> int | None:
        """The exit status when it ended, None while it runs. A negative one is the signal that ended it."""
        return self.process.poll() if self.process else None

    def trouble(self) -> list[str]:
        """The lines written since the last call that tell of an error."""
        written = self.unread.read().decode(errors="replace") if self.unread else ""
        return [line for line in written.splitlines() if TROUBLE.search(line)]

    def tail(self) -> str:
        """The last lines of its log, for whoever has to find out why it ended."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(f"    {line}" for line in lines[-TAIL_LINES:]) or "    (it wrote nothing)"

    def send(self, number: int) -> None:
        """Signal the whole group, grandchildren included, even when the part itself is gone."""
        if self.process:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return  # the group is empty

    def is_gone(self) -> bool:
        """Whether no process of its group is left."""
        if not self.process:
            return True
        self.process.poll()
        try:
            os.killpg(self.process.pid, 0)
        except (ProcessLookupError, PermissionError):
            return True
        return False


class PartDied(Exception):
    """A part ended although nobody asked it to: which one, how, and the end of its log."""

    def __init__(self, part: Part) -> None:
        status = part.died() or 0
        how = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
        super().__init__(f"{part.name} {how}. The end of {part.log}:\n{part.tail()}")


@dataclass
class Supervisor:
    """Starts the parts, tells their troubles, and stops all of them when one ends or when told to."""

    parts: list[Part]
    tell: Callable[[str], None]

    def start(self, environment: Mapping[str, str]) -> None:
        for part in self.parts:
            part.start(environment)

    def check(self) -> None:
        """Tell what the parts have written of errors. Raises PartDied when one is no longer there."""
        for part in self.parts:
            for line in part.trouble():
                self.tell(f"[{part.name}] {line[:400]}")
        for part in self.parts:
            if part.died() is not None:
                raise PartDied(part)

    def stop(self) -> list[str]:
        """End every part: SIGTERM to its group, SIGKILL for what is left after ten seconds.

        Returns the names of those that had to be killed. No process of any part is left afterwards.
        """
        for part in self.parts:
            part.send(signal.SIGTERM)
        deadline = time.monotonic() + STOP_WITHIN_S
        while time.monotonic() < deadline and not all(part.is_gone() for part in self.parts):
            time.sleep(0.1)
        killed = [part.name for part in self.parts if not part.is_gone()]
        for part in self.parts:
            part.send(signal.SIGKILL)
            if part.process:
                part.process.wait()
            if part.unread:
                part.unread.close()
        return killed
