"""The clock calls only what exists, and what it calls is a thin door."""

import ast

from django.conf import settings

from governance.celery import app

from .tree import APPS, ROOT


def test_every_beat_entry_is_a_registered_task():
    app.loader.import_default_modules()
    planned = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert sorted(planned - set(app.tasks)) == []


def test_tasks_are_thin():
    """Primitives in, one domain call, nothing else: at most five statements."""
    fat = []
    for name in APPS:
        path = ROOT / name / "tasks.py"
        if path.exists():
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.FunctionDef) and node.decorator_list and len(node.body) > 5:
                    fat.append(f"{name}.{node.name}")
    assert fat == []
