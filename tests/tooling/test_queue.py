"""The embedded queue: a message that a reader can see is whole."""

import json
import threading

from kombu import Connection

import governance.celery  # noqa: F401  (it names the transport)


def test_whoever_looks_while_a_message_is_written_sees_it_whole_or_not_at_all(tmp_path):
    folders = {"data_folder_in": str(tmp_path), "data_folder_out": str(tmp_path), "control_folder": str(tmp_path / "c")}
    done, seen, broken = threading.Event(), set(), []

    def look():
        while not done.is_set():
            for message in tmp_path.glob("*.q.msg"):
                if message.name in seen:
                    continue
                try:
                    json.loads(message.read_text())
                except json.JSONDecodeError:
                    broken.append(message.name)
                seen.add(message.name)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        with Connection("filesystem://", transport_options=folders) as writing:
            queue = writing.SimpleQueue("q")
            for n in range(150):
                queue.put({"n": n, "padding": "x" * 400_000})
    finally:
        done.set()
        watcher.join()
    assert broken == []
    assert len(list(tmp_path.glob("*.q.msg"))) == 150
