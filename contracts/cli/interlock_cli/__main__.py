"""``python -m interlock_cli``; ``python path/to/interlock_cli`` serves too, where it is not installed."""

import sys
from pathlib import Path

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from interlock_cli.main import run

if __name__ == "__main__":
    run()
