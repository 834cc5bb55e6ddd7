"""The drawing archive as a competent developer would drive it with Playwright alone."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from playwright.sync_api import Page, expect

from benchmarks.raw_cases import Attachment, download_pdf


class RawArchive:
    """One page of the archive. ``entry`` carries the session, as this system has it in its addresses."""

    def __init__(self, page: Page, entry: str) -> None:
        self.page = page
        self.entry = entry

    def drawings(self, designation: str, *, older: bool = False) -> list[str]:
        """The addresses of the open drawings, over all pages of the list of hits."""
        found: list[str] = []
        rows = number = 0
        total = 1
        while rows < total:
            number += 1
            query = urlencode({"fastighet": designation, "sokpa": "aldre" if older else "nuvarande", "sida": number})
            self.page.goto(f"{self.entry}/traffar?{query}", wait_until="domcontentloaded")
            expect(self.page.get_by_role("heading", name="Träfflista", exact=True)).to_be_visible()
            text = self.page.locator("body").inner_text()
            if "Inga ritningar hittades för sökningen." in text:
                break
            assert "Inga anmärkningar om fastigheten." in text, "guarded"
            assert designation in text, "another property"
            count = re.search(r"Visar \d+–\d+ av (\d+) ritning", text)
            assert count, "no count of hits"
            total = int(count[1])
            links = self.page.get_by_role("link", name="Hämta PDF", exact=True)
            found += links.evaluate_all("all => all.map(link => link.href)")
            rows += self.page.locator("table#lista > tbody > tr").count() - 1
        return found

    def download(self, address: str) -> Attachment:
        return download_pdf(self.page, address)
