"""Parents who are not married and want to confirm whose child it is.

Who the parents are, and what they have answered in the e-service, stands in the family law system's own notifications.
"""

from robots.practice.errands.errand import Errand, Twist

ERRANDS = (
    Errand(
        "parenthood",
        ("Bekräfta föräldraskap", "Faderskap för vårt barn", "Tid för att bekräfta föräldraskapet"),
        "Hej! Vi vill bekräfta föräldraskapet för vårt barn och har fyllt i er e-tjänst. När kan vi få komma?",
        "Omsorg",
        {
            "normal": Twist(12, family="expecting"),
            # Whose child of 16 or 17 is to become a parent.
            "minor_parent": Twist(2, family="together", child_turns=(17, 17)),
            "married": Twist(2, family="married"),
            "foreign_residence": Twist(2),
            # A child that has been born this year, to parents who live apart.
            "not_same_address": Twist(2, family="apart", child_turns=(0, 0)),
            "doubt": Twist(2, family="expecting"),
            "three_reminders": Twist(2, family="expecting"),
            "akt_exists": Twist(2, family="expecting"),
            "protected": Twist(2, "protected", family="expecting"),
        },
    ),
)
