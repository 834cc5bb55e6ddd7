"""The files that came with a case: told before they are fetched, and checked when they have come."""

from __future__ import annotations

from dataclasses import replace

from robots.cases.contract import Attachment
from robots.errors import BusinessException, DownloadBroken
from robots.fields import CaseNumber
from robots.systems.access import SystemAccess
from robots.systems.documents import Document, type_of


def demand_open(case_number: CaseNumber, attachment: Attachment) -> None:
    """Raise for a file that is not for everybody: no robot opens it."""
    if attachment.secret:
        raise BusinessException(
            f"Bilagan {attachment.name} i ärende {case_number} är sekretessmarkerad.",
            kind="Sekretess på bilagan",
            todo="Pröva om bilagan kan lämnas vidare, och gör klart ärendet för hand.",
        )


def no_such_attachment(case_number: CaseNumber, attachment: Attachment) -> BusinessException:
    return BusinessException(
        f"Bilagan {attachment.name} finns inte längre i ärende {case_number}.",
        kind="Bilagan finns inte",
        todo="Ta reda på vem som har tagit bort bilagan, och gör klart ärendet för hand.",
    )


def whole(access: SystemAccess, attachment: Attachment, content: bytes) -> Document:
    """The file as it was told of, with its type by its bytes. What was fetched is put on record.

    Raises ``DownloadBroken`` where something shorter or longer came.
    """
    if len(content) != attachment.size:
        raise DownloadBroken(f"Filen {attachment.name} kom inte hel: {len(content)} av {attachment.size} byte.")
    document = Document(attachment.name, content, type_of(content))
    access.note_download(replace(document, name=f"bilaga {attachment.key}"))  # a citizen may have named it anything
    return document
