"""The waste collection as a competent developer would drive it with Playwright alone: frames in frames, by name."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect


class RawWaste:
    """One logged-in page of the waste collection's shell."""

    def __init__(self, page: Page, entry: str) -> None:
        self.page = page
        self.entry = entry
        self.work = page.frame_locator("iframe[name=arbetsyta]")
        self.details = self.work.frame_locator("iframe[name=detaljer]")
        self.wizard = page.frame_locator('iframe[title="Ny beställning"]')
        self._register = ""

    def open(self) -> None:
        self._register = ""
        self.page.goto(f"{self.entry}/", wait_until="domcontentloaded")
        expect(self.page.get_by_role("heading", name="Renhållning Framtid", exact=True)).to_be_visible()

    def facility(self, number: str) -> dict[str, str]:
        """What the facility's card says, by caption."""
        self._search("Anläggningar", anlnr=number)
        self.work.locator("#lista tbody tr", has_text=number).dblclick()
        expect(self.details.get_by_role("heading", name=f"Anläggning {number}", exact=True)).to_be_visible()
        rows = self.details.locator("div.columns tr").evaluate_all(
            "all => all.filter(r => r.cells.length === 2).map(r => [r.cells[0].innerText, r.cells[1].innerText])"
        )
        return dict(rows)

    def open_orders(self, number: str) -> list[str]:
        """The services that are ordered and not yet carried out."""
        rows = self._search("Beställningar", anlnr=number)
        return [row["Tjänst"] for row in rows if row["Status"] not in ("Utförd", "Makulerad")]

    def find_order(self, number: str, reference: str) -> str | None:
        rows = self._search("Beställningar", anlnr=number, referens=reference, done=True)
        assert len(rows) < 2, "ordered twice"
        return rows[0]["Beställningsnr"] if rows else None

    def order_missed_bin(self, number: str, day: str, price: int, reference: str) -> str:
        assert self.find_order(number, reference) is None, "ordered before"
        shown = self.facility(number)
        assert shown["Dispens"] == "Ingen dispens"
        self.details.get_by_role("button", name="Ny beställning").click()
        self._step("Steg 1 av 3: Tjänst")
        self.wizard.locator("input[name=tjanst][value='Hämtning av missat kärl']").check()
        self._next("Steg 2 av 3: Uppgifter")
        self.wizard.locator("input[name=missat_datum]").fill(day)
        self.wizard.locator("textarea[name=meddelande]").fill("")
        self.wizard.locator("input[name=referens]").fill(reference)
        self._next("Steg 3 av 3: Sammanfattning")
        assert number in self.wizard.locator("div.about").inner_text()
        summary = self.wizard.locator("table.facts").inner_text()
        assert day in summary
        assert reference in summary
        cost = re.search(r"Kostnad: ([\d ]+) kr", self.wizard.locator("p.cost").inner_text().replace("\xa0", " "))
        assert cost, "no price"
        assert int(cost[1].replace(" ", "")) == price
        self.wizard.get_by_role("button", name="Bekräfta beställning").click()
        expect(self.wizard.get_by_role("status")).to_be_visible()
        self.open()
        order = self.find_order(number, reference)
        assert order, "not seen after ordering"
        return order

    def _search(self, register: str, *, done: bool = False, **wanted: str) -> list[dict[str, str]]:
        if register != self._register:
            self.page.get_by_role("link", name=register, exact=True).click()
            self._register = register
        expect(self.work.get_by_role("heading", name=register, exact=True)).to_be_visible()
        rows: Locator = self.work.locator("#lista[aria-busy=false]")
        expect(rows).to_be_visible()
        form = self.work.locator('form[data-for="lista"]')
        for name, value in wanted.items():
            form.locator(f"[name={name}]").fill(value)
        if done:
            form.locator("[name=utforda]").check()
        # The answer to this search, and not what stood there before.
        with self.page.expect_response(lambda answer: "/rows?" in answer.url and wanted["anlnr"] in answer.url):
            form.get_by_title("Sök").click()
        expect(rows).to_be_visible()
        expect(rows.locator("table").or_(rows.locator("p.absent"))).to_be_visible()
        found: list[dict[str, str]] = rows.evaluate(
            """list => { const heads = [...list.querySelectorAll('th')].map(h => h.innerText.replace(/ [▼▲]$/, ''));
            return [...list.querySelectorAll('tbody tr')].map(
              row => Object.fromEntries([...row.cells].map((cell, i) => [heads[i], cell.innerText]))); }"""
        )
        return found

    def _step(self, heading: str) -> None:
        expect(self.wizard.get_by_role("heading", name=heading, exact=True)).to_be_visible()

    def _next(self, heading: str) -> None:
        self.wizard.get_by_role("button", name="Nästa").click()
        self._step(heading)
