"""The case system as a competent developer would drive it with Playwright alone.

Everything that the toolkit does on the pages is done here too: the page is known by its heading, an earlier message
or note is looked for before anything is sent, and what was sent is read back. What is missing is what only a toolkit
has: a ledger, a queue, evidence, a transport that sends once, masks, access levels, handovers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from playwright.sync_api import FilePayload, Page, expect

CLOSED = "Avslutat"
NO_EVENTS = "Inga händelser matchar sökningen."


@dataclass
class Attachment:
    name: str
    content: bytes


def download_pdf(page: Page, address: str) -> Attachment:
    """A file with the page's cookies, whole."""
    answer = page.context.request.get(address, max_redirects=0)
    content = answer.body()
    assert answer.ok, address
    assert content.startswith(b"%PDF-"), address
    assert b"%%EOF" in content[-1024:], address
    name = re.search(r"filename\*=UTF-8''([^;]+)", answer.headers.get("content-disposition", ""))
    return Attachment(unquote(name[1]) if name else address.rpartition("/")[2], content)


class RawCases:
    """One logged-in page in the case system. ``entry`` is the system's address."""

    def __init__(self, page: Page, entry: str) -> None:
        self.page = page
        self.entry = entry

    def read(self, number: str) -> dict[str, str]:
        self._goto(f"/arende/{number}", f"Ärende {number}")
        assert not self.page.get_by_role("alert").count(), "locked or protected"
        captions = self.page.locator("main dt").all_inner_texts()
        return dict(zip(captions, self.page.locator("main dd").all_inner_texts(), strict=True))

    def send_message(self, number: str, subject: str, text: str, files: list[Attachment], reference: str) -> str:
        assert self._receipt(number, reference) is None, "sent before"
        self._goto(f"/arende/{number}/meddelande", f"Meddelande i ärende {number}")
        form = self.page.get_by_role("form", name="Nytt meddelande")
        form.get_by_label("Ämne").fill(subject)
        form.get_by_label("Meddelande", exact=True).fill(text)
        form.get_by_label("Referens").fill(reference)
        form.get_by_label("Bilagor").set_input_files(
            [FilePayload(name=f.name, mimeType="application/pdf", buffer=f.content) for f in files]
        )
        form.get_by_role("button", name="Skicka").click()
        expect(self.page.get_by_role("status")).to_be_visible()
        receipt = self._receipt(number, reference)
        assert receipt, "not seen after sending"
        return receipt

    def add_note(self, number: str, text: str, reference: str) -> str:
        assert self._event(number, reference) is None, "noted before"
        self._goto(f"/arende/{number}/anteckning", f"Ny anteckning i ärende {number}")
        form = self.page.get_by_role("form", name="Ny anteckning")
        form.get_by_label("Journalanteckning").check()
        form.get_by_label("Text", exact=True).fill(f"{text} [{reference}]")
        form.get_by_role("button", name="Spara").click()
        expect(self.page.get_by_role("status")).to_be_visible()
        event = self._event(number, reference)
        assert event, "not seen after saving"
        return event

    def close(self, number: str) -> None:
        assert self.read(number)["Status"] != CLOSED, "closed before"
        self._goto(f"/arende/{number}/status", f"Status för ärende {number}")
        form = self.page.get_by_role("form", name="Ändra status")
        form.get_by_label("Ny status").select_option(CLOSED)
        form.get_by_role("button", name="Spara status").click()
        expect(self.page.get_by_role("status")).to_be_visible()
        assert self.read(number)["Status"] == CLOSED, "not seen after saving"

    def _receipt(self, number: str, reference: str) -> str | None:
        if not self._search(number, reference):
            return None
        article = self.page.get_by_role("article").filter(has_text=reference)
        return article.locator("dt", has_text="Kvittens").locator("xpath=following-sibling::dd[1]").inner_text()

    def _event(self, number: str, reference: str) -> str | None:
        if not self._search(number, reference):
            return None
        return self.page.get_by_role("article").filter(has_text=reference).get_attribute("id")

    def _search(self, number: str, reference: str) -> bool:
        self._goto(f"/arende/{number}/handelser?q={reference}", f"Händelser i ärende {number}")
        found = self.page.get_by_role("article").filter(has_text=reference)
        expect(found.or_(self.page.get_by_text(NO_EVENTS))).to_be_visible()
        return found.count() > 0

    def _goto(self, path: str, heading: str) -> None:
        self.page.goto(self.entry + path, wait_until="domcontentloaded")
        expect(self.page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
