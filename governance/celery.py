"""The Celery application: the clock and the workers. Tasks live in each app's ``tasks.py``."""

import os
import time
import uuid
from pathlib import Path

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")


class WholeMessages(filesystem.Channel):
    """The filesystem channel, whose messages appear whole: written aside, then renamed into the queue.

    The stock channel writes in place: a worker that lists the folder at that instant reads nothing and dies.
    """

    def _put(self, queue, payload, **kwargs):
        message = Path(self.data_folder_out, f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg")
        aside = message.with_name(f"{message.name}.partial")  # no queue's ending, so nobody takes it
        aside.write_text(dumps(payload))
        aside.rename(message)


class WholeMessageTransport(filesystem.Transport):
    Channel = WholeMessages


TRANSPORT_ALIASES["filesystem"] = "governance.celery:WholeMessageTransport"

app = Celery("interlock")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
