"""``manage.py collect_browser``: the browser libraries' files in use, and the icons that pages name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from governance.management import browser_files


class Command(BaseCommand):
    help = "Collect the browser libraries' files in use and the icons that pages name."
    requires_system_checks = []

    def handle(self, **options: Any) -> None:
        target: Path = settings.BROWSER_LIBRARIES
        try:
            changed = browser_files.collect(settings.BASE_DIR / "node_modules", page_sources(), target)
        except (browser_files.BrowserFileMissing, browser_files.LoadsFromOutside) as why:
            raise CommandError(str(why)) from None
        done = f"collected {', '.join(changed)}" if changed else "are collected"
        self.stdout.write(f"  browser libraries: {done}")


def page_sources() -> Iterator[Path]:
    """Every file that may name an icon: templates, template tags and page code."""
    root: Path = settings.BASE_DIR
    yield from sorted((root / "templates").rglob("*.html"))
    yield from sorted(root.glob("*/templatetags/*.py"))
    yield from sorted(root.glob("*/web/**/*.py"))
