"""``ragnhild up``, or a worker by hand, sees to the machine's own database: one that died is started again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from loguru import logger

from robots.cli import console
from robots.errors import ConfigurationError

if TYPE_CHECKING:
    from robots.store import Store

# A server that dies tells nobody.
LOOK_SECONDS = 1.0


@contextmanager
def kept_up(store: Store) -> Iterator[None]:
    """Until the end of the block. A server that was named (``database_url``) is somebody else's to look after."""
    from robots.scheduler.ticking import each_in_its_time

    if store.server is None:
        yield
        return
    with each_in_its_time([(Care(store.server).look, LOOK_SECONDS)]):
        yield


class Care:
    """Sees that the server lives, and says when it does not; the same words once, however often it is looked."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._told = ""

    def look(self) -> None:
        from robots.store.embedded import is_alive, start_again

        if not is_alive(self._server):
            if not self._told:
                self._tell("Databasen har stannat av sig själv. Den startas igen …")
            try:
                start_again(self._server)
            except ConfigurationError as error:
                if self._told != str(error):
                    self._tell(str(error))
                return
        if self._told:
            self._tell("Databasen är igång igen. Det som pågick går vidare av sig självt.")
            self._told = ""

    def _tell(self, words: str) -> None:
        console.tell(words)
        logger.warning("{}", words)
        self._told = words
