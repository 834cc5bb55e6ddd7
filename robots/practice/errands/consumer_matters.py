"""Somebody has bought something of a company and it has gone wrong. What was bought stands in the consumer office's
own form, which the consumer filled in at the same time."""

from robots.practice.errands.errand import Errand, Twist

ERRANDS = (
    Errand(
        "consumer_advice",
        (
            "Fråga till konsumentvägledningen",
            "Hjälp med ett köp som gick snett",
            "Behöver råd om ett köp",
            "Vad har jag för rättigheter som konsument?",
        ),
        "Hej! Jag har fått problem med ett företag och vet inte vad som gäller. Jag har fyllt i er e-tjänst med allt"
        " om köpet. Kan ni svara mig skriftligt om vad jag kan göra nu? Hälsningar {name}, {street}",
        "Kontaktcenter",
        {
            "distance_sale": Twist(4),
            "complaint": Twist(4),
            "scam_invoice": Twist(3),
            "wants_value_judgement": Twist(2),
            "company_customer": Twist(2),
            "protected": Twist(2, "protected"),
        },
    ),
)
