"""A page as the robot user sees it: with the session that is kept, and a new one when it has ended."""

from __future__ import annotations

import re
from typing import Any, ClassVar
from urllib.parse import urlsplit

from robots.browser.one_send import OneSend
from robots.browser.origins import shown
from robots.errors import ApplicationException, LoginFailed, PageNotRecognised, SystemDown
from robots.one_trip import ask
from robots.systems.bench import Workbench
from robots.systems.in_page import in_page
from robots.systems.login import LoginState
from robots.systems.view import PlaywrightError, PlaywrightTimeout, View

# What is shorter (a chosen language, a number of rows) is no session.
SHORTEST_TOKEN = 12


class LoggedIn(View):
    """What a driver knows of its system's login page, and how it gets past it."""

    login_path: ClassVar[str] = "/logga-in"
    login_heading: ClassVar[str] = "Logga in"
    login_fields: ClassVar[tuple[str, str]] = ("Användarnamn", "Lösenord")
    login_button: ClassVar[str] = "Logga in"
    login_refused: ClassVar[str] = "Fel användarnamn eller lösenord."
    session_in_address: ClassVar[bool] = False

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench.page.main_frame, bench.settings.timeout_seconds)
        self.bench = bench
        self.page = bench.page
        self._entry = bench.settings.url.rstrip("/")
        self._session_taken = False
        self._session_serial = 0

    def _take_session(self) -> None:
        """Begin with the session that is kept for this robot user, if there is one."""
        if self._session_taken:
            return
        self._session_taken = True
        state = self.bench.logins.load()
        if state is None:
            self._log_in()
            return
        self._use(state)

    def _use(self, state: LoginState) -> None:
        self._session_serial = state.serial
        self._hide_session(state.cookies, state.entry)
        self.bench.context.add_cookies(state.cookies)
        if self.session_in_address:
            self._entry = state.entry

    def _log_in(self) -> None:
        """Log in with the robot user's password, or use the session that another slot has got in the meantime."""
        with self.bench.logins.alone():
            newer = self.bench.logins.load()
            if newer is not None and newer.serial > self._session_serial:
                self._use(newer)
            else:
                self._log_in_alone()

    def _log_in_alone(self) -> None:
        """In a window of its own, which is never recorded or pictured, exactly once."""
        bench = self.bench
        bench.logins.demand_unrefused(bench.password)
        bench.recorder.event("login", f"Loggar in i {bench.title}", user=bench.robot_user)
        browser = bench.context.browser
        assert browser is not None
        context = browser.new_context(service_workers="block", accept_downloads=False)
        turned_away: list[str] = []
        try:
            page = context.new_page()
            page.on("requestfailed", lambda each: turned_away.extend([each.url] * each.is_navigation_request()))
            answer = page.goto(bench.settings.url.rstrip("/") + self.login_path, timeout=self.timeout * 1000)
            if answer is not None:
                bench.demand_open(answer.status, answer.headers)
            self._type_password(View(page.main_frame, self.timeout))
            if not bench.origins.hold(page.url):
                raise bench.astray(page.url)
            if self.session_in_address:
                self._entry = page.url.rstrip("/")
            cookies = context.cookies()
            self._hide_session(cookies, self._entry)
        except PlaywrightError as error:
            for address in turned_away:
                bench.demand_own(address)
            raise self._explained_without_words(error) from None
        finally:
            context.close()
        self._session_serial = bench.logins.save(cookies, self._entry)
        bench.let_go_of_password()
        bench.context.add_cookies(cookies)  # type: ignore[arg-type]  # the library's two types for one thing

    def _hide_session(self, cookies: list[Any], entry: str) -> None:
        """Whoever has them is logged in as the robot user."""
        within = entry.removeprefix(self.bench.settings.url.rstrip("/")) if self.session_in_address else ""
        tokens = [each["value"] for each in cookies] + within.split("/")
        self.bench.recorder.hide_secret(*(token for token in tokens if len(token) >= SHORTEST_TOKEN))

    def _type_password(self, view: View) -> None:
        """Only into the login form that was expected, on a configured origin, and where it goes to one as well."""
        self._demand_login_form(view)
        user, password = self.login_fields
        try:
            view.fill({user: self.bench.robot_user, password: self.bench.password.get_secret_value()})
        except PageNotRecognised as error:  # its words may hold the password
            what = type(error).__name__
            raise LoginFailed(f"{self.bench.title}: inloggningen gick inte att fylla i ({what}).") from None
        refused = view.text(self.login_refused)
        tab = view.frame.page  # the browser itself would send a password whose answer is lost a second time
        wire = OneSend(tab.context, timeout=self.timeout, own=self.bench.demand_own)
        with wire, tab.expect_navigation(timeout=self.timeout * 1000):
            view.button(self.login_button).click()
        if refused.count():
            self.bench.logins.remember_refusal(self.bench.password)
            raise LoginFailed(f"{self.bench.title} nekade roboten {self.bench.robot_user}: «{self.login_refused}»")
        if urlsplit(view.frame.url).path.endswith(self.login_path):
            raise LoginFailed(f"{self.bench.title} släppte inte in roboten {self.bench.robot_user}.")

    def _demand_login_form(self, view: View) -> None:
        bench, unusual = self.bench, f"{self.bench.title} visar inte sin vanliga inloggning"
        arrival = ask(view.frame, in_page("arrival"), [[], self.login_heading, self.timeout * 1000, []])
        if arrival["state"] != "login":
            raise LoginFailed(f"{unusual}, utan «{arrival['words']}».")
        form = ask(view.frame, in_page("login_form"), list(self.login_fields))
        if form["words"]:
            raise LoginFailed(f"{unusual}: {form['words']}. Lösenordet är inte skrivet någonstans.")
        for address in (view.frame.url, *form["goes"]):
            if not bench.origins.hold(address):
                raise LoginFailed(f"{unusual}: den leder till {shown(address)}, som inte är en av systemets adresser.")
            bench.demand_sealed(address)

    def _explained_without_words(self, error: PlaywrightError) -> ApplicationException:
        """As ``_explained``, for where the error's own text may hold what was typed."""
        if isinstance(error, PlaywrightTimeout):
            return self._explained(error)
        why = re.search(r"net::ERR_[A-Z_]+", error.message)
        told = why[0] if why else type(error).__name__
        return ApplicationException(f"{self.bench.title}: inloggningen gick inte att göra klart ({told}).")

    def _explained(self, error: PlaywrightError) -> ApplicationException:
        words = error.message.splitlines()[0]
        if isinstance(error, PlaywrightTimeout):
            return SystemDown(f"{self.bench.title} svarade inte inom {self.timeout:g} s.")
        return ApplicationException(f"{self.bench.title}: {words}")
