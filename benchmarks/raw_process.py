"""``python -m benchmarks.raw_process ADDRESS``: a new process with a new browser, as a robot is usually started."""

import sys

from playwright.sync_api import sync_playwright

from robots.browser.launch import launch_browser
from robots.browser.origins import Origins

if __name__ == "__main__":
    with sync_playwright() as playwright:
        browser = launch_browser(playwright, reaches=Origins.of(sys.argv[1:]))  # the very browser that a slot uses
        page = browser.new_context().new_page()
        page.goto(sys.argv[1])
        browser.close()
