"""Whether a host is this machine itself: what is sent there can be read by nobody on the way."""

from __future__ import annotations

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """``host`` is a name or an IP address (an IPv6 one may stand in brackets), in the usual spelling and no other."""
    if host == "localhost":
        return True
    bare = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    try:
        return ip_address(bare).is_loopback
    except ValueError:  # a name, or an address in a spelling that others may read as another
        return False
