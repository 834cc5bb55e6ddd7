"""The population register and the map as a competent developer would drive them with Playwright alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from playwright.sync_api import Locator, Page, expect

from benchmarks.raw_cases import Attachment, download_pdf


class RawRegister:
    """One logged-in page in the population register."""

    def __init__(self, page: Page, entry: str) -> None:
        self.page = page
        self.entry = entry

    def check_applicant(self, personal_number: str, case_number: str) -> None:
        """Fails unless the register shows just this person, alive and without protection."""
        self.page.goto(f"{self.entry}/", wait_until="domcontentloaded")
        expect(self.page.get_by_role("heading", name="Personsökning", exact=True)).to_be_visible()
        self.page.locator("select[name=orsak]").select_option("Ärende hos kontaktcenter")
        self.page.locator("input[name=arende]").fill(case_number)
        self.page.locator("input[name=pnr]").fill(personal_number)
        self.page.locator("input[name=sok_pnr]").click()
        expect(self.page.get_by_role("heading", name="Personuppgifter", exact=True)).to_be_visible()
        assert f"Ärendenummer: {case_number}." in self.page.locator("p.angivet").inner_text()
        assert not self.page.locator("div.sekretess, div.avliden").count(), "protected or dead"
        captions = self.page.locator("dt").all_text_contents()  # capitals on screen
        shown = dict(zip(captions, self.page.locator("dd").all_inner_texts(), strict=True))
        caption = "Personnummer" if "Personnummer" in shown else "Samordningsnummer"
        assert shown[caption].strip() == personal_number
        assert "Skyddad" not in shown["Folkbokföringsadress"]
        self.page.goto("about:blank")  # what is shown here is not left open


@dataclass
class RawPlan:
    number: str
    final: bool
    files: list[str]


class RawMap:
    """One logged-in page of the map."""

    def __init__(self, page: Page, entry: str) -> None:
        self.page = page
        self.entry = entry

    def plans(self, designation: str) -> tuple[str, list[RawPlan]]:
        """The property's older designation, and its plans; the map's words that it has none give an empty list."""
        self.page.goto(f"{self.entry}/?{urlencode({'fastighet': designation})}", wait_until="domcontentloaded")
        expect(self.page.get_by_role("heading", name="Tallingekartan", exact=True)).to_be_visible()
        welcome = self.page.get_by_role("dialog", name="Välkommen till Tallingekartan")
        if welcome.is_visible():
            welcome.get_by_role("button", name="Stäng").click()
        panel = self.page.get_by_role("complementary", name="Information")
        expect(panel.get_by_role("heading", level=2, name=designation, exact=True)).to_be_visible(timeout=15_000)
        plans = panel.locator("article.plan")
        outside = panel.get_by_text("Fastigheten ligger utanför detaljplanelagt område.")
        dark = panel.get_by_text("Lagret Detaljplaner är släckt.")
        expect(plans.first.or_(outside).or_(dark)).to_be_visible()
        if dark.is_visible():
            self.page.get_by_label("Detaljplaner", exact=True).check()
            expect(plans.first.or_(outside)).to_be_visible()
        captions = panel.locator("dl dt").all_inner_texts()
        shown = dict(zip(captions, panel.locator("dl dd").all_inner_texts(), strict=True))
        older = shown["Äldre beteckning"]
        return ("" if "saknas" in older else older), [self._plan(plan) for plan in plans.all()]

    def _plan(self, card: Locator) -> RawPlan:
        status = card.locator("p.plan-status").inner_text()
        return RawPlan(
            card.locator("p.plan-number").inner_text(),
            re.fullmatch(r"\s*Laga kraft( \d{4}-\d{2}-\d{2})?\s*", status) is not None,
            card.get_by_role("link").evaluate_all("all => all.map(link => link.href)"),
        )

    def download(self, address: str) -> Attachment:
        return download_pdf(self.page, address)
