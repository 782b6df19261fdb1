"""The server is started once for all tests, before the fixtures of the first one."""

import pytest
from django.conf import settings


@pytest.fixture(scope="session", autouse=True)
def static_files_on_demand():
    """Served as they are found: a clean checkout has collected none."""
    former = getattr(settings, "WHITENOISE_AUTOREFRESH", None)
    settings.WHITENOISE_AUTOREFRESH = True
    yield
    settings.WHITENOISE_AUTOREFRESH = former
