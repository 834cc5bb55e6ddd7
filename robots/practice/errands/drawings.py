"""Somebody wants the drawings of a house."""

from robots.practice.errands.errand import Errand, Twist

ERRANDS = (
    Errand(
        "drawings",
        ("Begäran om ritningar",),
        "Hej! Jag vill ha ritningarna för {designation}, {street}. Hälsningar {name}",
        "Samhällsbyggnad",
        {
            "normal": Twist(150, land=("drawings",)),
            "older_designation": Twist(20, land=("drawings", "older_designation")),
            "some_secret": Twist(20, land=("drawings", "some_secret")),
            "all_secret": Twist(15, land=("drawings", "all_secret")),
            "none_found": Twist(20, land=("none_found",)),
            "sensitive_building": Twist(10, land=("drawings", "sensitive_building")),
            "protected": Twist(15, "protected", land=("drawings",)),
        },
    ),
)
