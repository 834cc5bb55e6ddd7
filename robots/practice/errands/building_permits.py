"""Somebody wants to build: what to send in, whether work may be reported as begun, and how far the permit has come."""

from robots.practice.errands.errand import Errand, Twist

ERRANDS = (
    Errand(
        "building_checklist",
        ("Vad ska jag skicka med min bygglovsansökan?", "Fråga om handlingar till bygglov"),
        "Hej! Vi vill bygga ut huset på {designation}, {street}. Vilka ritningar och handlingar ska vi skicka med "
        "ansökan? Hälsningar {name}",
        "Samhällsbyggnad",
        {
            "normal": Twist(7, land=("villa",)),
            "old_application": Twist(3, land=("villa",)),
            "outside_plan": Twist(2, land=("villa", "outside_plan")),
            "not_final": Twist(2, land=("villa", "not_final")),
            "protected": Twist(2, "protected", land=("villa",)),
        },
    ),
    Errand(
        "start_of_construction",
        ("Anmälan om byggstart", "Vi vill börja bygga"),
        "Hej! Nu vill vi börja bygga på {designation}, {street}. Kan ni registrera att vi anmäler byggstart? "
        "Hälsningar {name}",
        "Samhällsbyggnad",
        {
            "normal": Twist(6),
            "no_startbesked": Twist(2),
            "conditions_open": Twist(2),
            "within_four_weeks": Twist(2),
            "wrong_property": Twist(2),
            "protected": Twist(2, "protected"),
        },
    ),
    Errand(
        "permit_status",
        ("Hur går det med mitt bygglov?", "Fråga om bygglovsärende"),
        "Hej! Jag undrar hur långt bygglovet för {designation} har kommit. Är det något ni väntar på? /{name}",
        "Samhällsbyggnad",
        {
            "normal": Twist(8),
            "supplement_open": Twist(3),
            "not_a_party": Twist(3, "stranger"),
            "unknown_number": Twist(2),
        },
    ),
)
