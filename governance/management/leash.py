"""Start a program that ends when its starter does: ``python leash.py STARTER_PID PROGRAM ARGUMENT...``.

On Linux the kernel sends SIGTERM to the program when the starter's thread ends, kill -9 included; the request
outlives exec. Elsewhere the program is started without a leash.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <sys/prctl.h>


def main(starter, *command):
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != int(starter):
            sys.exit("The process that started this one is already gone.")
    os.execvp(command[0], command)  # noqa: S606 - the supervisor's own command line


if __name__ == "__main__":
    main(*sys.argv[1:])
