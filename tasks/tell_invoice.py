"""Svara på en fråga om en faktura."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, model_validator

from robots import BusinessException, CaseNumber, Cases, Describe, InvoiceNumber, Ocr, Run, YearTable, task
from robots.systems import customer_ledger, population_register

RESPITE, DISPUTE = "Få anstånd", "Bestrida fakturan"


class RespiteRules(YearTable):
    """Vad som gäller för anstånd det år då den sökande ber om det."""

    name = "invoice_respite"
    longest_months: int
    least_kronor_a_month: int
    never_for: list[str]


class Sought(BaseModel):
    """Fakturan, efter ett av de två nummer som står på den."""

    ocr: Ocr | None = None
    invoice_number: InvoiceNumber | None = None

    @model_validator(mode="after")
    def has_one_number(self) -> "Sought":
        if (self.ocr is None) == (self.invoice_number is None):
            raise ValueError("Fyll i antingen OCR-nummer eller fakturanummer, inte båda.")
        return self

    @property
    def by(self) -> str:
        """Det nummer som den sökande har uppgett, och inget annat om fakturan."""
        return f"OCR-nummer {self.ocr}" if self.ocr else f"fakturanummer {self.invoice_number}"


@task(title="Svara på fråga om faktura", owner="Ekonomi", saves_minutes=7)
def tell_invoice(
    run: Run,
    case_number: CaseNumber,
    sought: Sought,
    wish: Annotated[
        Literal["Veta vad som gäller", "Få anstånd", "Bestrida fakturan"], Describe("Den sökande vill")
    ] = "Veta vad som gäller",
    *,
    cases: Cases.Writer,
    register: population_register.Reader,
    ledger: customer_ledger.Reader,
) -> None:
    """Svarar med fakturans belopp, förfallodag och status, och skickar en kopia av den."""
    with run.step("Kontrollera ärendet och den sökande"):
        case = cases.read(case_number)
        applicant = register.check_applicant(case.citizen, case_number)

    with run.step("Läs fakturan"):
        invoice = ledger.invoice(sought.ocr) if sought.ocr else ledger.invoice_numbered(str(sought.invoice_number))
        if invoice is None:
            raise BusinessException(
                f"Det finns ingen faktura med {sought.by}.",
                kind="Fakturan finns inte",
                todo="Kontrollera numret med den sökande, och att fakturan kommer från kommunen.",
            )
        stop_if_not_their_own(invoice, applicant, sought)
        stop_if_a_claim_is_pending(invoice)

    with run.step("Pröva vad den sökande vill"):
        if wish == DISPUTE:
            raise BusinessException(
                f"Den sökande vill bestrida faktura {invoice.number}, som är {invoice.status.lower()}.",
                kind="Tvist",
                todo="Ta reda på vad som är fel med fakturan, och be ekonomi pröva den.",
            )
        if wish == RESPITE:
            stop_for_respite(invoice, run.table(RespiteRules, run.today.year))

    with run.step("Skicka till den sökande"):
        copy = ledger.download_copy(invoice)
        letter = run.letter(
            "invoice",
            case.language,
            number=invoice.number,
            ocr=invoice.ocr,
            kind=invoice.kind,
            period=invoice.period,
            status=invoice.status,
            amount=kronor(invoice.amount),
            remaining=kronor(invoice.remaining),
            due=invoice.due,
            late=is_late(invoice, run.today),
            respite=invoice.respite,
            has_copy=copy is not None,
        )
        files = [copy] if copy else []
        receipt = cases.send_message(case_number, letter.subject, letter.text, files, once="faktura")

    with run.step("Anteckna i ärendet"):
        cases.add_note(case_number, answer_note(invoice, receipt, has_copy=copy is not None), once="anteckning")

    with run.step("Avsluta ärendet"):
        cases.set_status(case_number, "Avslutat", once="avslut")


def stop_if_not_their_own(
    invoice: customer_ledger.Invoice, applicant: population_register.Person, sought: Sought
) -> None:
    """Den som inte ska betala fakturan får inte veta något om den, och inte heller den som läser ärendet."""
    if invoice.customer != applicant.personal_number:
        raise BusinessException(
            f"Fakturan med {sought.by} är ställd till någon annan än den som ärendet gäller.",
            kind="Fel betalare",
            todo="Kontrollera numret, och lämna inte ut något om fakturan utan fullmakt.",
        )
    if invoice.protected:
        raise BusinessException(
            "Kundreskontran visar att kunden har skyddade personuppgifter.",
            kind="Skyddade personuppgifter",
            todo="Handlägg ärendet för hand enligt rutinen för skyddade personuppgifter.",
        )


def stop_if_a_claim_is_pending(invoice: customer_ledger.Invoice) -> None:
    """När någon redan kräver in pengarna, eller prövar om de ska betalas, svarar en person."""
    if invoice.in_collection:
        raise BusinessException(
            f"Faktura {invoice.number} är hos inkasso: {invoice.demand or invoice.status}.",
            kind="Inkasso",
            todo="Hänvisa den sökande till inkassobolaget, och kontrollera kravet med ekonomi.",
        )
    if invoice.in_dispute:
        raise BusinessException(
            f"Faktura {invoice.number} är redan bestriden.",
            kind="Tvist",
            todo="Fråga ekonomi hur långt prövningen har kommit, och svara den sökande.",
        )


def stop_for_respite(invoice: customer_ledger.Invoice, rules: RespiteRules) -> None:
    """Anstånd prövas alltid av en person, som här får veta vad reglerna säger."""
    about = f"Den sökande vill ha anstånd med faktura {invoice.number} ({invoice.kind}, {invoice.status.lower()})"
    if invoice.kind in rules.never_for:
        raise BusinessException(
            f"{about}. För en sådan skuld ger kommunen inte anstånd.",
            kind="Anstånd ges inte",
            todo="Förklara varför anstånd inte går att få, och berätta om budget- och skuldrådgivningen.",
        )
    raise BusinessException(
        f"{about}: {kronor(invoice.remaining)} är kvar att betala, förfallodag {invoice.due}. "
        f"Anstånd ges i högst {rules.longest_months} månader, med minst {rules.least_kronor_a_month} kr i månaden "
        "på samma OCR-nummer.",
        kind="Anstånd",
        todo="Pröva om den sökande kan få anstånd, och svara.",
    )


def is_late(invoice: customer_ledger.Invoice, today: date) -> bool:
    """Om sista dagen att betala har passerat och något är kvar. Det som har anstånd är inte sent."""
    return invoice.remaining > 0 and (invoice.respite or invoice.due) < today


def kronor(amount: Decimal) -> str:
    """Som på fakturan: 1 433,00 kr."""
    return f"{amount:,.2f} kr".replace(",", " ").replace(".", ",")


def answer_note(invoice: customer_ledger.Invoice, receipt: str, *, has_copy: bool) -> str:
    copy = "Kopia av fakturan bifogad." if has_copy else "Kopian är gallrad och kunde inte skickas."
    return (
        f"Svarat om faktura {invoice.number} ({invoice.kind}, {invoice.period}): {invoice.status.lower()}, "
        f"{kronor(invoice.remaining)} kvar av {kronor(invoice.amount)}, förfallodag {invoice.due}. Kvittens {receipt}. "
        f"{copy} Inget är ändrat i kundreskontran."
    )
