"""Alembic's entry point: runs inside the connection that ``storage.migrate`` opened."""

from alembic import context
from sqlalchemy import Connection

from holdfast.service.storage.tables import Table

VERSION_TABLE = "holdfast_version"


def run() -> None:
    """Run the steps that are missing in the caller's transaction."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        version_table=VERSION_TABLE,
        transactional_ddl=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    context.run_migrations()


run()
