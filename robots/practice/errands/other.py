"""What no robot has anything to do with."""

from robots.practice.errands.errand import Errand, Twist

ERRANDS = (
    Errand(
        "other",
        (
            "Fråga om öppettider",
            "Trasig gatlampa",
            "Fråga om förskolekö",
            "Synpunkt på snöröjning",
            "Fråga om bygglov för altan",
        ),
        "Hej, jag undrar över detta. Ring mig gärna.",
        "Kontaktcenter",
        {"normal": Twist(110)},
    ),
)
