"""These tests drive a real browser. A story's steps stand on each other: after one fails, the rest are not tried."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.factories.browser import chromium, desk, own_database, served, stage

__all__ = ["chromium", "desk", "own_database", "served", "stage"]
FAILED = pytest.StashKey[str]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    if item.parent and report.failed:
        item.parent.stash.setdefault(FAILED, item.name)
    return report


def pytest_runtest_setup(item: pytest.Item) -> None:
    earlier = item.parent.stash.get(FAILED, "") if item.parent else ""
    if earlier:
        pytest.fail(f"{earlier} failed, on which this step stands.", pytrace=False)
