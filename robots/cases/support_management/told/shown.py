"""What an errand is in the words of the case systems' contract."""

from __future__ import annotations

from collections.abc import Mapping

from robots.cases.contract import Case, CaseRow, Status
from robots.cases.stops import as_cases_are_told
from robots.cases.support_management.wire import Errand, Names, Stakeholder, value_of
from robots.errors import BusinessException, SeveralMatches
from robots.fields import CaseNumber, FacilityNumber, PersonalNumber, PropertyDesignation
from robots.local_time import ZONE


class Shown:
    """Reads errands as one installation means them. ``inboxes`` are what people call its categories.

    Raises ``PageNotRecognised`` for an errand that says of itself what cannot be.
    """

    def __init__(self, names: Names, inboxes: Mapping[str, str]) -> None:
        self._names = names
        self._inboxes = inboxes
        self._statuses = {called: status for status, called in names.statuses.items()}

    @as_cases_are_told()
    def case(self, errand: Errand) -> Case:
        names, row, applicant = self._names, self.row(errand), self.applicant(errand)
        known = applicant.parameters if applicant else []
        protected = value_of(known, names.protected) == "true"
        citizen = self.citizen(errand)
        property_id = value_of(errand.parameters, names.property_id)
        facility = value_of(errand.parameters, names.facility)
        return Case(
            number=row.number,
            title=row.title,
            status=row.status,
            inbox=row.inbox,
            handler=row.handler,
            channel=names.channel.get(errand.channel or "", errand.channel or ""),
            created=row.created,
            name=applicant.name if applicant and not protected else "",
            citizen=PersonalNumber(citizen) if citizen else None,
            protected=protected,
            property_id=PropertyDesignation(property_id) if property_id else None,
            facility=FacilityNumber(facility) if facility else None,
            locked_by=value_of(errand.parameters, names.locked_by),
            closed=row.status == "Avslutat",
            language=value_of(known, names.language) or "sv",
        )

    @as_cases_are_told()
    def row(self, errand: Errand) -> CaseRow:
        category = errand.classification.category
        return CaseRow(
            CaseNumber(errand.number), errand.title, self._statuses.get(errand.status, errand.status),
            self._inboxes.get(category, category), self.handler(errand), errand.created.astimezone(ZONE).date(),
            bool(value_of(errand.parameters, self._names.locked_by)), errand.modified or "",
        )  # fmt: skip

    def code(self, status: Status) -> str:
        """What the installation calls the status."""
        return next(code for code, known in self._statuses.items() if known == status)

    def applicant(self, errand: Errand) -> Stakeholder | None:
        found = [each for each in errand.stakeholders if each.role == self._names.applicant_role]
        if len(found) > 1:
            raise SeveralMatches(f"Support-management: {errand.number} har {len(found)} sökande.")
        return found[0] if found else None

    def citizen(self, errand: Errand) -> str:
        """The applicant's personal number, "" where there is none."""
        applicant = self.applicant(errand)
        return value_of(applicant.parameters, self._names.personal_number) if applicant else ""

    def handler(self, errand: Errand) -> str:
        """What people call the handler, the account where nobody has said it, "" where nobody has the errand."""
        return (value_of(errand.parameters, self._names.handler_name) or errand.user) if errand.user else ""

    def email(self, errand: Errand) -> str:
        """Where the applicant gets e-mail. Raises ``BusinessException`` unless there is just one such address."""
        applicant = self.applicant(errand)
        contacts = applicant.contacts if applicant else []
        found = {each.value for each in contacts if each.type == self._names.email_channel}
        if len(found) != 1:
            raise BusinessException(
                f"Ärendet {errand.number} har {len(found) or 'inga'} e-postadresser till den sökande.",
                kind="E-postadressen är inte given",
                todo="Kontakta den sökande på annat sätt, eller skriv in en e-postadress i ärendet.",
            )
        return found.pop()
