"""Whom this machine trusts when it speaks to a server over TLS."""

from __future__ import annotations

import ssl
from functools import cache


@cache
def trusted() -> ssl.SSLContext:
    """The certificate authorities of the operating system, where a municipality has laid its own.

    Read once in a process: it takes some twenty milliseconds of work. What is laid there later counts after a restart.
    """
    return ssl.create_default_context()
