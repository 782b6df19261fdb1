"""Pid files that tell the truth: a file counts only while the process that wrote it holds its lock."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import IO


def claim(path: Path, *, patience_s: float = 0.5) -> IO[str] | None:
    """Lock the file and write this process's pid; keep the returned file open. None if another holds it.

    A kill -9 releases the lock, so that a pid left behind is never taken for a running process.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + patience_s  # a reader may hold the lock for the blink of its check
    while not (file := _lock(path)):
        if time.monotonic() >= deadline:
            return None
        time.sleep(0.02)
    file.seek(0)
    file.truncate()
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def _lock(path: Path) -> IO[str] | None:
    file = path.open("a+", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(file.fileno()).st_ino == path.stat().st_ino:
            return file
    except (BlockingIOError, FileNotFoundError):
        pass  # held, or removed by the one that held it
    file.close()
    return None


def holder(path: Path) -> int | None:
    """The pid of the process that holds the file, None if there is none."""
    try:
        with path.open(encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                text = file.read().strip()
                return int(text) if text.isdigit() else None
    except FileNotFoundError:
        pass
    return None
