"""Accounts of those who come by the municipality's login: made at the first, and with each what their groups give."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from robots.audit.writing import note
from robots.portal.doors.groups import Group, given
from robots.portal.doors.oidc import Known, Refused
from robots.portal.wording import marked as _
from robots.store import Store
from robots.store.schema import accounts, portal_sessions

LONGEST_NAME = 50
NO_GROUP = _(
    "Kommunens inloggning känner dig, men ingen av dina grupper ger plats i portalen. Be din chef eller den som sköter "
    "portalens konton om det."
)
CLOSED = _("Ditt konto i portalen är avstängt. Säg till den som sköter portalens konton om du behöver det.")
TAKEN = _(
    "Det finns redan ett konto i portalen med ditt användarnamn, som inte hör till kommunens inloggning. Säg till den "
    "som sköter portalens konton, så att det blir ditt om det ska vara det."
)


def account_of(store: Store, known: Known, groups: Mapping[str, Group]) -> Row[Any]:
    """The account, made or brought up to date. Raises ``Refused``: no group, closed, or the name is a local account's.

    Who has lost the last group is out everywhere at once.
    """
    try:
        return _account_of(store, known, groups)
    except IntegrityError:  # the account, or its name, has come in by another window in this very moment
        return _account_of(store, known, groups)


def _account_of(store: Store, known: Known, groups: Mapping[str, Group]) -> Row[Any]:
    roles, teams = given(groups, known.groups)
    values = {"roles": sorted(roles), "teams": sorted(teams)}
    with store.begin() as connection:
        account = connection.execute(select(accounts).where(accounts.c.subject == known.subject)).first()
        refused = _why_not(connection, account, known, bool(roles))
        if refused is None and account is None:
            name = _free_name(connection, known)
            made = insert(accounts).values(
                name=name, shown_name=known.shown_name[:200].strip() or name, subject=known.subject, **values
            )
            account = connection.execute(made.returning(accounts)).one()
            note(connection, name, "account_added", f"account:{name}", reason="oidc", **values)
        elif refused is None and account is not None:
            account = _up_to_date(connection, account, known, values)
    if refused is not None:
        raise Refused(refused)
    assert account is not None
    return account


def _why_not(connection: Connection, account: Row[Any] | None, known: Known, has_roles: bool) -> str | None:
    """In words, and noted with who it was, so that an admin can let them in (``accounts change --subject``)."""
    name = fit_name(known)
    if not has_roles:
        why = "no group", NO_GROUP
    elif account is not None and not account.active:
        why = "closed", CLOSED
    elif account is None and _is_local(connection, name):
        why = "name taken", TAKEN
    else:
        return None
    if account is not None:
        connection.execute(delete(portal_sessions).where(portal_sessions.c.account_id == account.id))
    note(connection, account.name if account else name, "login_refused", reason=why[0], subject=known.subject)
    return why[1]


def _is_local(connection: Connection, name: str) -> bool:
    return connection.execute(select(accounts.c.subject).where(accounts.c.name == name)).scalars().all() == [None]


def _free_name(connection: Connection, known: Known) -> str:
    """The fit one; with something of the subject's own where another of the provider's people has it already."""
    name = fit_name(known)
    taken = connection.execute(select(accounts.c.id).where(accounts.c.name == name)).first()
    return f"{name}-{_sign(known)}" if taken else name


def _up_to_date(connection: Connection, account: Row[Any], known: Known, values: dict[str, Any]) -> Row[Any]:
    told = values | {"shown_name": known.shown_name[:200].strip() or account.name}
    new = {name: value for name, value in told.items() if getattr(account, name) != value}
    if not new:
        return account
    note(connection, account.name, "account_changed", f"account:{account.name}", reason="oidc", **new)
    changed = update(accounts).where(accounts.c.id == account.id).values(**new)
    return connection.execute(changed.returning(accounts)).one()


def fit_name(known: Known) -> str:
    """A user name of ours: ``Åsa.Öberg@tallinge.se`` is ``asa.oberg``."""
    before = known.user.partition("@")[0].casefold()
    plain = unicodedata.normalize("NFKD", before).encode("ascii", "ignore").decode()
    fit = re.sub(r"[^a-z0-9._-]+", ".", plain).lstrip("0123456789._-")[:LONGEST_NAME].rstrip("._-")
    return fit if len(fit) > 1 else f"person-{_sign(known)}"


def _sign(known: Known) -> str:
    return hashlib.sha256(known.subject.encode()).hexdigest()[:8]
