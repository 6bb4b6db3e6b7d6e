"""Age as a person said it: adult, minor or unknown. What was one tick is no answer where it was left blank.

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Keep who said that they are under 18; everybody else has not said, and is asked again."""
    op.add_column("person", sa.Column("age", sa.String(8), nullable=False, server_default="unknown"))
    person = sa.table("person", sa.column("age", sa.String()), sa.column("is_minor", sa.Boolean()))
    op.execute(person.update().where(person.c.is_minor).values(age="minor"))
    op.drop_column("person", "is_minor")
