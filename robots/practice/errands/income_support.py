"""Somebody applies for income support for one more month, or wants to know what became of the application."""

from robots.practice.errands.errand import Errand, Twist

ERRANDS = (
    Errand(
        "support_reapplication",
        ("Ny ansökan om ekonomiskt bistånd", "Återansökan försörjningsstöd"),
        "Hej! Jag och {partner} har skickat in en ansökan om försörjningsstöd för den här månaden också. Allt är som "
        "förut. Kan ni titta på den? {name}",
        "Kontaktcenter",
        {
            "normal": Twist(6, family="together", child_turns=(3, 15)),
            "one_signature": Twist(1, family="together", child_turns=(3, 15)),
            "income_differs": Twist(1, family="together", child_turns=(3, 15)),
            "new_expense": Twist(1, family="together", child_turns=(3, 15)),
            "household_changed": Twist(1, family="together", child_turns=(3, 15)),
            "no_activity_plan": Twist(1, family="together", child_turns=(3, 15)),
            "first_application": Twist(1, family="couple"),
            "already_this_month": Twist(1, family="together", child_turns=(3, 15)),
            "locked": Twist(1, family="together", child_turns=(3, 15)),
            "protected": Twist(1, "protected", family="together", child_turns=(3, 15)),
        },
    ),
    Errand(
        "support_notice",
        ("Har ni bestämt något om mitt bistånd?", "Väntar på besked om försörjningsstöd"),
        "Jag skickade in min ansökan om försörjningsstöd och vill veta vad ni har kommit fram till. {name}",
        "Kontaktcenter",
        {
            "normal_granted": Twist(5, family="single", child_turns=(3, 15)),
            "normal_refused": Twist(3, family="couple"),
            "not_decided": Twist(3, family="single", child_turns=(3, 15)),
            "over_20_hours": Twist(2, family="couple"),
            "protected": Twist(2, "protected", family="couple"),
        },
    ),
)
