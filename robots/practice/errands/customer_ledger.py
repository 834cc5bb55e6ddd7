"""Questions about an invoice. Which one it is stands in the ledger, see ``Ledger.asked``: a case names no invoice."""

from robots.practice.errands.errand import Errand, Twist

ERRANDS = (
    Errand(
        "invoice_question",
        ("Fråga om en faktura", "Kopia på min faktura", "Är min faktura betald?", "Kan jag få betala senare?"),
        "Hej! Jag undrar över fakturan som ni har skickat till {street}. Vad är kvar att betala, och när ska det vara "
        "betalt? Skicka gärna en kopia. Hälsningar {name}",
        "Kontaktcenter",
        {
            "normal": Twist(5),
            "paid": Twist(2),
            "inkasso": Twist(2),
            "dispute": Twist(2),
            "wrong_payer": Twist(2, "stranger"),
            "unknown_ocr": Twist(1),
            "wants_anstand": Twist(2),
            "child_care_debt": Twist(2),
        },
    ),
)
