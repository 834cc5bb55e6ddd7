"""Less personal data in columns."""

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    pass
