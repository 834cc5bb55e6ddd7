"""A page as the robot user sees it: with the session that is kept, and a new one when it has ended."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlsplit

from robots.browser.one_send import OneSend
from robots.errors import ApplicationException, LoginFailed, PageNotRecognised, SystemDown
from robots.systems.bench import Workbench
from robots.systems.in_page import in_page
from robots.systems.login import LoginState
from robots.systems.view import PlaywrightError, PlaywrightTimeout, View


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
        """In a window of its own, exactly once."""
        bench = self.bench
        bench.logins.demand_unrefused(bench.password)
        bench.recorder.event("login", f"Loggar in i {bench.title}", user=bench.robot_user)
        browser = bench.context.browser
        assert browser is not None
        context = browser.new_context()
        try:
            page = context.new_page()
            answer = page.goto(bench.settings.url.rstrip("/") + self.login_path, timeout=self.timeout * 1000)
            if answer is not None:
                bench.demand_open(answer.status, answer.headers)
            self._type_password(View(page.main_frame, self.timeout))
            if self.session_in_address:
                self._entry = page.url.rstrip("/")
            cookies = context.cookies()
        except PlaywrightError as error:
            raise self._explained(error) from None  # the error's own text may hold what was typed
        finally:
            context.close()
        self._session_serial = bench.logins.save(cookies, self._entry)
        bench.context.add_cookies(cookies)  # type: ignore[arg-type]  # the library's two types for one thing

    def _type_password(self, view: View) -> None:
        """Only into the login form that was expected, on the configured origin."""
        wanted, shown = urlsplit(self.bench.settings.url), urlsplit(view.frame.url)
        arrival = view.frame.evaluate(in_page("arrival"), [[], self.login_heading, self.timeout * 1000, []])
        if arrival["state"] != "login" or (wanted.scheme, wanted.netloc) != (shown.scheme, shown.netloc):
            raise LoginFailed(f"{self.bench.title} visar inte sin vanliga inloggning, utan «{arrival['words']}».")
        user, password = self.login_fields
        try:
            view.fill({user: self.bench.robot_user, password: self.bench.password.get_secret_value()})
        except PageNotRecognised as error:  # its words may hold the password
            what = type(error).__name__
            raise LoginFailed(f"{self.bench.title}: inloggningen gick inte att fylla i ({what}).") from None
        refused = view.text(self.login_refused)
        tab = view.frame.page  # the browser itself would send a password whose answer is lost a second time
        with OneSend(tab.context, timeout=self.timeout), tab.expect_navigation(timeout=self.timeout * 1000):
            view.button(self.login_button).click()
        if refused.count():
            self.bench.logins.remember_refusal(self.bench.password)
            raise LoginFailed(f"{self.bench.title} nekade roboten {self.bench.robot_user}: «{self.login_refused}»")
        if urlsplit(view.frame.url).path.endswith(self.login_path):
            raise LoginFailed(f"{self.bench.title} släppte inte in roboten {self.bench.robot_user}.")

    def _explained(self, error: PlaywrightError) -> ApplicationException:
        words = error.message.splitlines()[0]
        if isinstance(error, PlaywrightTimeout):
            return SystemDown(f"{self.bench.title} svarade inte inom {self.timeout:g} s.")
        return ApplicationException(f"{self.bench.title}: {words}")
