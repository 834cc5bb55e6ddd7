"""The addresses that a robot may reach: scheme, host and port of each, and nothing beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from robots.loopback import is_loopback

_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
# Strict on purpose: user names, backslashes and blanks are what two readers of one address disagree on, and an IP
# address in another spelling is another host.
_ADDRESS = re.compile(r"(?i)(https?|wss?)://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([0-9]{1,5}))?(?:[/?#][^\\\s]*)?")
# A document without an address of its own, written by the page that opened it and with that page's rights.
_OF_THE_PAGE_ITSELF = re.compile(r"about:(?:blank|srcdoc)(?:[?#]|$)")

Origin = tuple[str, str, int]


def origin_of(address: str) -> Origin | None:
    """Scheme, host and port; None for anything but a plain address of a web server. A web socket has its page's."""
    read = _ADDRESS.fullmatch(address)
    if read is None:
        return None
    scheme = read[1].lower()
    return scheme.replace("ws", "http", 1), read[2].lower(), int(read[3] or _PORTS[scheme])


def shown(address: str) -> str:
    """What a person is told of an address: where it leads, never what stands in its path, which may be a secret."""
    try:
        where = urlsplit(address)
    except ValueError:  # brackets that no address has
        return "?"
    return f"{where.scheme}://{where.netloc.rpartition('@')[2]}" if where.netloc else f"{where.scheme}:"


@dataclass(frozen=True)
class Origins:
    """Those of one system, or of all systems that a slot may work in."""

    allowed: frozenset[Origin]

    @classmethod
    def of(cls, addresses: Iterable[str]) -> Origins:
        """What is no address of a web server (a mail server's) gives none."""
        return cls(frozenset(found for each in addresses if (found := origin_of(_in_ascii(each)))))

    def hold(self, address: str) -> bool:
        return origin_of(address) in self.allowed

    def hold_page(self, address: str) -> bool:
        """Whether a page or frame with this address is one of the system's. A frame that is just made has none yet."""
        return not address or bool(_OF_THE_PAGE_ITSELF.match(address)) or self.hold(address.removeprefix("blob:"))

    @property
    def resolver_rules(self) -> str:
        """What Chromium's ``--host-resolver-rules`` is told: these hosts at these ports, and no other is ever found.

        It is asked for every connection, so that redirects, frames, windows, web sockets, workers, downloads, IP
        addresses in any spelling and what is fetched in advance meet it as well.
        """
        there = sorted({f"{host}:{port}" for _, host, port in self.allowed})
        return ", ".join([*(f"MAP {each} {each}" for each in there), "MAP * ~NOTFOUND"])


def is_sealed(address: str) -> bool:
    """Whether nobody on the way can read what is sent there: by https, or not leaving the machine."""
    found = origin_of(_in_ascii(address))
    return found is not None and (found[0] == "https" or is_loopback(found[1]))


def _in_ascii(address: str) -> str:
    """A host with å, ä and ö as browsers write it."""
    try:
        host = urlsplit(address).hostname or ""
        ascii_host = host if host.isascii() else host.encode("idna").decode()
    except ValueError:  # no host that there can be, and so no address
        return address
    return re.sub(f"(?i){re.escape(host)}", lambda _: ascii_host, address, count=1)
