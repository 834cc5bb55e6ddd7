"""Couples who want to be married by the municipality. What they wish for stands in the system of the weddings."""

from robots.practice.errands.errand import Errand, Twist

ERRANDS = (
    Errand(
        "wedding_booking",
        ("Vi vill gifta oss", "Boka borgerlig vigsel", "Tid för vigsel"),
        "Hej! {partner} och jag vill gifta oss borgerligt. Vi har skickat in ansökan i e-tjänsten och hoppas på den "
        "tid som vi har önskat. Hälsningar {name}",
        "Kontaktcenter",
        {
            "normal": Twist(6, family="couple"),
            "certificate_expires": Twist(2, family="couple"),
            "outside_premises": Twist(2, family="couple"),
            "slot_taken": Twist(2, family="couple"),
            "not_resident": Twist(2, "elsewhere", family="couple"),
            "protected": Twist(1, "protected", family="couple"),
        },
    ),
)
