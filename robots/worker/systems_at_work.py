"""The systems that one attempt works in: a driver for each, made when it is first wanted, all in one window."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from playwright.sync_api import Error as PlaywrightError

from robots.audit.writing import note_robot
from robots.cases import Cases
from robots.cases.connectors import connector
from robots.effects import Ledger
from robots.evidence import Recorder
from robots.queue.attempts import Claimed
from robots.settings import Settings
from robots.store import Store
from robots.systems.access import SystemAccess
from robots.systems.asking import Asking
from robots.systems.bench import Bench, Workbench
from robots.systems.driver import Driver
from robots.systems.landmarks import DATA
from robots.worker.benches import common_bench
from robots.worker.warm_browser import WarmBrowser, Window

if TYPE_CHECKING:
    from robots.worker.traced import Traced


class SystemsAtWork:
    """``ledger`` is what the attempt's changes are written in; it must stand before the first driver is asked for.

    ``asking`` knows which of them wait for a person; None where none does. ``signature`` is what notes are signed with.
    """

    def __init__(
        self, settings: Settings, store: Store, claimed: Claimed, browser: WarmBrowser, recorder: Recorder
    ) -> None:
        self.ledger: Ledger | None = None
        self.asking: Asking | None = None
        self.signature = ""
        self._settings = settings
        self._store = store
        self._claimed = claimed
        self._browser = browser
        self._recorder = recorder
        self._window: Window | None = None
        self._traced: Traced | None = None
        if claimed.traced:
            from robots.worker.traced import Traced  # of use to few

            self._traced = Traced(browser, recorder)
        self._drivers: dict[tuple[str, str], SystemAccess] = {}
        self._held: set[str] | None = set()

    def driver(self, kind: type[SystemAccess]) -> SystemAccess:
        """The attempt's one driver of this kind. Raises ``ConfigurationError``."""
        key = (kind.system, kind.level)
        if key not in self._drivers:
            self._note_way_in(kind)
            self._drivers[key] = kind(self._bench(kind))
        return self._drivers[key]

    def case_system(self, *, is_ending: bool = False) -> Cases.Writer:
        """For what is written in the case whatever the task. Raises ``AccessDenied``.

        ``is_ending``: the attempt hands the case over, and is itself tried again where that cannot be written.
        """
        self._settings.demand_access(self._claimed.robot, self._settings.cases, "journal")
        found = self.driver(connector(self._settings.cases, "journal"))
        if is_ending:
            found.bench.leave_for_later = None
            found.bench.stops_at_protected = False  # it is for such a case that a person is needed
            found.bench.asking = None  # that a person gets the case is what nobody has to be asked about
        return found  # type: ignore[return-value]

    def where(self, error: BaseException) -> SystemAccess | None:
        """The driver in which an error was raised; None when it was raised outside of all of them."""
        found, trace = None, error.__traceback__
        while trace is not None:
            inside = trace.tb_frame.f_locals.get("self")
            found, trace = inside if isinstance(inside, SystemAccess) else found, trace.tb_next
        return found

    def that_answered(self) -> list[str]:
        """The keys of the systems that the attempt has been in."""
        return sorted({system for system, _ in self._drivers})

    def photograph(self, words: str) -> None:
        """What the pages showed when it went wrong; a page that has gone shows nothing.

        Nobody may have read yet who it is about: what stands in its fields and lists is covered.
        """
        for driver in self._drivers.values():
            with suppress(PlaywrightError):
                if isinstance(driver, Driver) and driver.page.url != "about:blank":
                    driver.photograph(driver.page, f"När det stannade: {words}", selectors=DATA)

    def close(self) -> None:
        for driver in self._drivers.values():
            driver.close()
        if self._traced:
            self._traced.end()
        if self._window:
            self._browser.give_back(self._window)

    def _note_way_in(self, kind: type[SystemAccess]) -> None:
        """Before the first look: what a robot that is killed has seen is accounted for as well."""
        told = {"system": kind.system, "level": kind.level, "attempt": self._claimed.number}
        with self._store.begin() as connection:
            note_robot(connection, self._claimed.run_id, "looked_in", reason=self._claimed.task, **told)

    def _bench(self, kind: type[SystemAccess]) -> Bench:
        assert self.ledger is not None
        found = common_bench(
            kind, self._settings, self._store, self._claimed, ledger=self.ledger, recorder=self._recorder
        )  # fmt: skip
        found.asking, found.held, found.signature = self.asking, self._held, self.signature
        if not issubclass(kind, Driver):
            return found
        window = self._window_for(found)
        return Workbench(**vars(found), context=window.context, page=window.page())

    def _window_for(self, bench: Bench) -> Window:
        """One for all; where the run is traced another for the systems of which not even a picture may be taken."""
        if self._traced and bench.pictured:
            return self._traced.take_window()
        if self._window is None:
            self._window = self._browser.take_window()
        return self._window
