"""A version of the service that does not exist yet: this one, with a migration more."""

import pytest

from conversation.sql import migrations

TABLES = 777
ADDS = """
alter table inbox add column of_the_next text;
alter table conversation add column of_the_next text not null default 'x';
alter table outbox add column of_the_next bigint;
create table of_the_next (x text);
create index log_of_the_next on log (at_us);
"""
"""What a migration may do while the version before is still at work: add."""


def update() -> pytest.MonkeyPatch:
    """Be the next version from here on; gives what takes it back."""
    patch = pytest.MonkeyPatch()
    longer = (*migrations("postgres"), (TABLES, ADDS))
    patch.setattr("conversation.postgres_tables.migrations", lambda _: longer)
    return patch
