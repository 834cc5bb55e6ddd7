"""Somebody wants to know which detail plan holds for a property."""

from robots.practice.errands.errand import Errand, Twist

ERRANDS = (
    Errand(
        "detail_plan",
        ("Fråga om detaljplan",),
        "Vilken detaljplan gäller för {designation}? Jag vill gärna ha plankartan.",
        "Samhällsbyggnad",
        {
            "normal": Twist(110),
            "several_plans": Twist(20, land=("several_plans",)),
            "outside_plan": Twist(20, land=("outside_plan",)),
            "not_final": Twist(20, land=("not_final",)),
            "protected": Twist(20, "protected"),
        },
    ),
)
