"""Questions about when the waste is fetched next. What is true of the facility stands in the waste collection."""

from robots.practice.errands.errand import Errand, Twist

ERRANDS = (
    Errand(
        "pickup_question",
        ("När hämtar ni nästa gång?", "Vilken vecka kommer sopbilen?"),
        "Hej! När kommer ni till {street} nästa gång? Anläggning {facility}.",
        "Renhållning",
        {
            "normal": Twist(4, land=("no_tank",)),
            "tank": Twist(3, land=("tank",)),
            "bin_booked": Twist(2, land=("no_tank", "bin_booked")),
            "household_deviation": Twist(2, land=("no_tank", "household_deviation")),
            "blocked": Twist(2, land=("no_tank", "blocked")),
            "dispens": Twist(2, land=("tank", "dispens")),
            "island": Twist(2, land=("tank", "island")),
            "sludge_booked": Twist(2, land=("tank", "sludge_booked")),
            "wrong_customer": Twist(2, "stranger", land=("no_tank",)),
            "protected": Twist(2, "protected", land=("no_tank",)),
        },
        about_facility=True,
    ),
)
