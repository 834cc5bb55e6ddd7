"""``ragnhild up``, whose teller forgets until when somebody has had the digest: the control of the week."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from unittest.mock import patch

from sqlalchemy import Connection

from robots.cli.main import carry_out
from robots.telling import digest
from robots.telling.people import Person


def never_had(_: Connection, __: Person, until: datetime) -> datetime:
    return until - timedelta(days=1)


if __name__ == "__main__":
    with patch.object(digest, "_had_until", never_had):
        sys.exit(carry_out(sys.argv[1:]))
