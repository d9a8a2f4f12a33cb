"""What the two services' alembic environments have in common."""

from alembic import context
from sqlalchemy import Connection, MetaData, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

LOCK = -7_205_631_904  # services migrate one after the other although they start together; people have other ids


async def run_migrations(metadata: MetaData, version_table: str, own_tables: set[str]) -> None:
    """Run this history's migrations on `config.attributes["url"]`; tables of the other service are not its business."""
    engine = create_async_engine(context.config.attributes["url"], poolclass=pool.NullPool)

    def include(_obj: object, name: str | None, type_: str, *_: object) -> bool:
        return type_ != "table" or name in own_tables

    def run(connection: Connection) -> None:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            version_table=version_table,
            include_object=include,
            render_as_batch=True,
            compare_type=True,
            transaction_per_migration=True,  # what one locks is free again while the next one builds an index
        )
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_lock({LOCK})"))  # until the connection ends
            connection.execute(text("SET lock_timeout = '4s'"))
            connection.commit()
        with context.begin_transaction():
            context.run_migrations()

    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()
