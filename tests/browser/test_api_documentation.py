"""The page that documents the HTTP API, from this computer alone."""

import re

from playwright.sync_api import expect


def test_an_example_is_tried_without_asking_another_host(app_url, page):
    """A request to another host would fail the test at its end."""
    page.goto(f"{app_url}/v1/docs")
    operation = page.locator(".opblock", has_text="/v1/models/{name}:predict").first
    operation.locator(".opblock-summary-control").click()
    expect(operation.get_by_placeholder("name")).to_have_value("seven-segment")
    expect(operation.locator("textarea")).to_have_value(re.compile("instances"))
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table")
    expect(answer).to_contain_text("predictions")
    expect(answer.locator(".response-col_status").last).to_contain_text("200")
