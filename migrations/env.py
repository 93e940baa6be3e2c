"""The connection that `service.adapters.postgres.migrate` opened -> migrations run on it, within its transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
