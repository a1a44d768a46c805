"""Runs the migrations on the database that the program names; see assistant/store/schema.py."""

from __future__ import annotations

import sqlite3
from typing import Any

from alembic import context
from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

import assistant.store.tables  # noqa: F401 - fills SQLModel.metadata

path = context.config.attributes["database"]
engine = create_engine(URL.create("sqlite", database=str(path)), poolclass=NullPool, hide_parameters=True)


@event.listens_for(engine, "connect")
def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    connection.execute("PRAGMA secure_delete = ON")  # rows that are moved leave nothing behind
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.isolation_level = None  # else sqlite3 leaves CREATE TABLE and the like outside the transaction


@event.listens_for(engine, "begin")
def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


with engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, transactional_ddl=True
    )
    with context.begin_transaction():  # all migrations or none: a kill on the way leaves the old schema
        context.run_migrations()
