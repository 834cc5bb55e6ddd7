"""The case system that can only be reached by e-mail: its one address tells where the mail servers are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi.responses import Response

from robots.practice.case_management.dealings import BehindTheirBack, Dealings
from robots.practice.case_management.state import Register
from robots.practice.email.imap import ImapServer, Mailbox, SortingOffice
from robots.practice.email.letters import ADDRESS, card, mail
from robots.practice.email.orders import Order, Orders
from robots.practice.email.submission import SubmissionServer
from robots.practice.sessions import User, accounts
from robots.practice.system import PracticeSystem, World

SERVER = """  <{way}Server type="{kind}">
    <hostname>127.0.0.1</hostname><port>{port}</port><socketType>plain</socketType>
    <authentication>password-cleartext</authentication>
  </{way}Server>
"""


class EmailCases(BehindTheirBack, PracticeSystem):
    """After the case systems without an interface: it mails every case to the robots, and again when it has changed."""

    key = "email"
    title = "Ärenden per e-post"
    path = "/epost"
    folder = Path(__file__).parent

    register: Register

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._sorting = SortingOffice()
        self.mailbox = Mailbox(self._sorting)
        self.imap = ImapServer(self._known_user, lambda: self.mailbox, world.faults, self.key)
        self.submission = SubmissionServer(self._known_user, self._ordered, world.faults, self.key)
        self._started = False

    def begin_anew(self, keep_sessions: bool) -> None:
        super().begin_anew(keep_sessions)
        self.submission.forget_late()

    def reset(self) -> None:
        self.register = Register(self.world.town, self.title)
        dealings = Dealings(lambda: self.register, self.commit, self.world.smtp_port)
        self.orders = Orders(self.register, dealings)
        self.mailbox = Mailbox(self._sorting)
        self._told: dict[str, object] = {}
        self._tell_changes()

    def add_routes(self) -> None:
        self.router.add_api_route("/", self.no_pages, methods=["GET"], response_model=None)
        self.router.add_api_route("/mail/config-v1.1.xml", self.where, methods=["GET"], response_model=None)

    async def no_pages(self) -> Response:
        return Response("Det här ärendesystemet har inga sidor. Det nås bara med e-post.", media_type="text/plain")

    async def where(self) -> Response:
        """Where mail is read and handed in, as mail programs look it up; the servers open when first asked for."""
        if not self._started:
            self._started = True
            await self.imap.start()
            await self.submission.start()
        servers = SERVER.format(way="incoming", kind="imap", port=self.imap.port)
        servers += SERVER.format(way="outgoing", kind="smtp", port=self.submission.port)
        told = f'<emailProvider id="tallinge.example">\n{servers}</emailProvider>'
        return Response(f'<clientConfig version="1.1">{told}</clientConfig>', media_type="application/xml")

    def control_actions(self) -> dict[str, Callable[..., Any]]:
        """A colleague's dealings are mailed to the robots as well."""

        def telling(action: Callable[..., Any]) -> Callable[..., Any]:
            def act(**values: Any) -> Any:
                done = action(**values)
                self._tell_changes()
                return done

            return act

        actions = {name: telling(action) for name, action in super().control_actions().items()}
        return actions | {
            "take_repeats": self._take_repeats, "dropped": lambda: self.orders.dropped, "cut_files": self._cut_files,
            "hurry": self.submission.hurry, "put_mail": self._put_mail,
        }  # fmt: skip

    def _take_repeats(self) -> None:
        """From now on the same mail is carried out as often as it comes."""
        self.orders.drops_repeats = False

    def _cut_files(self) -> None:
        self.orders.cuts_files = True

    def _put_mail(self, subject: str, facts: dict[str, str], sender: str = ADDRESS, charset: str = "utf-8") -> None:
        """Somebody writes to the robots' mailbox, and says that it is written in ``charset``."""
        forged = mail(subject, tuple(facts.items())).split(b"\r\n", 1)[1]
        self.mailbox.put(f"From: {sender}\r\n".encode() + forged.replace(b"utf-8", charset.encode()))

    async def _ordered(self, order: Order, user: User) -> None:
        may = user.roles.get(self.key) == "journal"
        told = await self.orders.carry_out(order, user, may_change=may)
        self._tell_changes()
        if told is not None:
            self.mailbox.put(told)

    def _tell_changes(self) -> None:
        """Mail every case that is not as the robots were last told of it."""
        known = accounts(self.world.users)
        for case in self.register.cases.values():
            shown = card(case, known.get(case.handler, ""))
            if self._told.get(case.number) != shown:
                self._told[case.number] = shown
                self.mailbox.put(mail(*shown))

    def _known_user(self, name: str, fits: Callable[[User], bool]) -> User | None:
        user = self.world.users.get(name.strip().lower())
        if user is not None and user.roles.get(self.key) and fits(user):
            return user
        self.sessions.failed_logins += 1
        return None
