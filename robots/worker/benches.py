"""What an attempt lays ready for each system that its task works in."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlsplit

from robots.effects import Ledger
from robots.evidence import Recorder
from robots.queue.attempts import Claimed
from robots.settings import Settings
from robots.store import Store
from robots.systems.access import SystemAccess
from robots.systems.bench import Bench
from robots.systems.card import card_of
from robots.systems.login import LoginSessions
from robots.worker.left_for_later import who_leaves


def common_bench(
    kind: type[SystemAccess],
    settings: Settings,
    store: Store,
    claimed: Claimed,
    *,
    ledger: Ledger,
    recorder: Recorder,
) -> Bench:
    """The robot user's own in that system, whichever way it is reached. Raises ``ConfigurationError``."""
    told, card = settings.system(kind.system), card_of(kind)
    pictured = card.secrecy == "öppen"
    if not pictured:
        recorder.take_no_picture_of(told.url)
    return Bench(
        settings=told,
        title=card.title,
        robot_user=settings.robots[claimed.robot].user,
        ask_password=partial(settings.password, claimed.robot, kind.system),
        logins=logins_of(settings, store, claimed.robot, kind.system),
        ledger=ledger,
        recorder=recorder,
        dry_run=claimed.dry_run,
        case_number=claimed.case_number,
        pictured=pictured,
        mask=card.mask,
        protected=card.protected,
        stops_at_protected=True,
        leave_for_later=who_leaves(kind, settings, store, claimed, ledger=ledger, recorder=recorder),
    )


def logins_of(settings: Settings, store: Store, robot: str, system: str) -> LoginSessions:
    """What is kept of the robot user's logins in a system, where that is now. Raises ``ConfigurationError``."""
    where = f"{system}@{urlsplit(settings.system(system).url).netloc}"
    return LoginSessions(store, settings.machine_key(), robot, where, former=settings.former_machine_key)
