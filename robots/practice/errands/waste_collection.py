"""A bin that was not emptied, and a tank that is full too soon."""

from robots.practice.errands.errand import Errand, Twist

ERRANDS = (
    Errand(
        "missed_bin",
        ("Soptunnan är inte tömd",),
        "Vårt kärl på {street} blev inte tömt. Anläggning {facility}.",
        "Renhållning",
        {
            "normal": Twist(80, land=("no_tank",)),
            "household_deviation": Twist(15, land=("no_tank", "household_deviation")),
            "already_booked": Twist(15, land=("no_tank", "bin_booked")),
            "blocked": Twist(10, land=("no_tank", "blocked")),
            "wrong_customer": Twist(10, "stranger", land=("no_tank",)),
        },
        about_facility=True,
    ),
    Errand(
        "extra_sludge",
        ("Extra slamtömning",),
        "Brunnen på {street} är snart full. Vi behöver en extra tömning. Anläggning {facility}.",
        "Renhållning",
        {
            "normal": Twist(70, land=("tank",)),
            "already_booked": Twist(10, land=("tank", "sludge_booked")),
            "blocked": Twist(10, land=("tank", "blocked")),
            "wrong_customer": Twist(10, "stranger", land=("tank",)),
            "dispens": Twist(10, land=("tank", "dispens")),
            "island": Twist(5, land=("tank", "island")),
            "protected": Twist(5, "protected", land=("tank",)),
        },
        about_facility=True,
    ),
)
