"""Runs the migrations on the database that the program names; see assistant/store/schema.py."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

import assistant.store.tables  # noqa: F401 - fills SQLModel.metadata

path = context.config.attributes["database"]
engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)

with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
