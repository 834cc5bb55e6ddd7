"""An application for special transport, and one that lacks its medical certificate."""

from robots.practice.errands.errand import Errand, Twist

ERRANDS = (
    Errand(
        "mobility_application",
        ("Ansökan om färdtjänst", "Färdtjänst", "Jag har sökt färdtjänst"),
        "Hej! Jag heter {name} och har skickat in en ansökan om färdtjänst i e-tjänsten. Jag bor på {street}. "
        "När kan jag få en tid för intervju?",
        "Omsorg",
        {
            "normal": Twist(6),
            "certificate_missing": Twist(2),
            "certificate_not_specialist": Twist(2),
            "health_free_text": Twist(2),
            "open_investigation_already": Twist(2),
            "not_resident": Twist(1, "elsewhere"),
            "protected": Twist(1, "protected"),
            "deceased": Twist(1, "deceased"),
        },
    ),
    Errand(
        "mobility_supplement",
        ("Komplettering färdtjänst", "Saknas det något i min ansökan?", "Läkarintyg till färdtjänsten"),
        "Hej, jag har sökt färdtjänst men är osäker på om ni har fått mitt läkarintyg. Saknas det något? "
        "Vänliga hälsningar {name}",
        "Omsorg",
        {
            "normal": Twist(5),
            "reminder_due": Twist(3),
            "final_notice_due": Twist(3),
            "supplement_came": Twist(3),
            "protected": Twist(1, "protected"),
        },
    ),
)
