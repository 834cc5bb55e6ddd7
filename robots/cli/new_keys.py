"""A key of the toolkit's own changed in its file: whoever is killed on the way goes on by asking for it once more.

At every moment what is sealed opens with one of the two files: the key is given its second name first, the new one is
then put in its place in one go, and only then all is sealed anew, in one transaction.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from robots.errors import ConfigurationError

if TYPE_CHECKING:
    from robots.settings import Settings
    from robots.sources.own_keys import OwnKey

Sealed = TypeVar("Sealed")


def demand_in_a_file(settings: Settings, key: OwnKey, command: str) -> None:
    """Raise ``ConfigurationError`` where the key does not lie in a file, with what to do there and then ``command``."""
    place = settings.secrets.trace(key.current).place
    if "files" not in settings.secret_sources or place not in ("", settings.own_secrets.place(key.current)):
        raise ConfigurationError(
            f"Nyckeln ligger inte i en fil på den här maskinen ({place or 'secret_sources saknar files'}). Byt den "
            f"där, med den förra under namnet {key.former}, och kör: ragnhild {command} rewrap"
        )


def change(
    settings: Settings,
    key: OwnKey,
    *,
    is_unfinished: Callable[[], bool],
    seal_anew: Callable[[], Sealed],
) -> Sealed:
    """Put a new key in the file and the one before it beside it, while nobody else may. Returns as ``seal_anew``.

    Where both lie there already ``is_unfinished`` tells whether that is a change that was cut short: it is then gone on
    with. Raises ``ConfigurationError`` when it is not, and when something cannot be sealed anew: all is then as it was.
    """
    from robots.settings import write_secret
    from robots.sources.own_keys import new_key

    current, former = key.files(settings)
    if former.exists() and current.exists() and former.read_bytes() != current.read_bytes():
        if not is_unfinished():
            raise ConfigurationError(
                f"Nyckeln är redan bytt, och den förra ligger kvar i {former}. Flytta undan den till en säker plats "
                "när alla maskiner har den nya. Försök sedan igen, om den ska bytas en gång till."
            )
        return seal_anew()
    if current.exists() and not former.exists():
        os.link(current, former)
    write_secret(current, new_key())
    try:
        return seal_anew()
    except ConfigurationError:
        if former.exists():
            former.replace(current)
        else:
            current.unlink()
        raise
