"""``manage.py load_demo``: the demonstration hospital network, once."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone


class Command(BaseCommand):
    help = "Load the Lakeshore Health demo; what is there already is left as it is."

    def handle(self, **options: Any) -> None:
        from demo.load import load  # outside the apps: it may import all of them, this app may not

        load(now=timezone.now(), tell=self.show)

    def show(self, line: str) -> None:
        self.stdout.write(f"    {line}")
        self.stdout.flush()
