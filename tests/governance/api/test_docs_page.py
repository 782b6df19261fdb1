"""The API's own page in a real browser: it renders and asks, and the policy has nothing to report."""

import os
import shutil

import pytest
from django.test import Client

pytestmark = pytest.mark.browser
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture
def page(live_server, ada, monkeypatch):
    if not CHROMIUM:
        pytest.skip("there is no Chromium; name it with CHROMIUM")
    from playwright.sync_api import sync_playwright

    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    client = Client()
    client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context()
        context.add_cookies([cookie])
        yield context.new_page()
        browser.close()


def test_the_api_page_renders_and_asks_under_the_policy(page, live_server, seed_tables):
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{live_server.url}/api/docs/")
    operation = page.locator("#operations-governance-tables_decide")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_placeholder("key", exact=True).fill("resilience")
    operation.locator("textarea").fill('{"facts": {"tier": 1}}')
    operation.get_by_role("button", name="Execute").click()
    operation.get_by_text('"R1"').first.wait_for()
    assert said == []
    assert all(url.startswith((live_server.url, "data:")) for url in asked)
    assert not any("/csp-report/" in url for url in asked)
