"""resource servers, logos, two secrets at a time, removed clients

An API that introspected tokens had the resource URI as its client id: it becomes a resource server of
its own name, and goes on as before. Safe while the previous version runs: it ignores what is new.

Revision ID: 0006
Revises: 0005
"""

import json
import time

from alembic import op
import sqlalchemy as sa


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def _text(length: int) -> sa.types.TypeEngine:
    return sa.String(length).with_variant(sa.String(length, collation='C'), 'postgresql')


def upgrade() -> None:
    with op.batch_alter_table('client') as batch_op:
        batch_op.add_column(sa.Column('previous_secret_hash', _text(64), nullable=True))
        batch_op.add_column(sa.Column('previous_secret_until', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('removed_at', sa.BigInteger(), nullable=True))
    resource_server = op.create_table(
        'resource_server',
        sa.Column('uri', _text(255), nullable=False),
        sa.Column('client_id', _text(128), nullable=False),
        sa.Column('created_at', sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ['client_id'], ['client.client_id'],
            name=op.f('fk_resource_server_client_id'),
        ),
        sa.PrimaryKeyConstraint('uri', name=op.f('pk_resource_server')),
    )
    with op.batch_alter_table('resource_server') as batch_op:
        batch_op.create_index(batch_op.f('ix_resource_server_client_id'), ['client_id'])
    op.create_table(
        'client_logo',
        sa.Column('client_id', _text(128), nullable=False),
        sa.Column('media_type', _text(16), nullable=False),
        sa.Column('body', sa.LargeBinary(), nullable=False),
        sa.Column('digest', _text(64), nullable=False),
        sa.ForeignKeyConstraint(
            ['client_id'], ['client.client_id'], name=op.f('fk_client_logo_client_id')
        ),
        sa.PrimaryKeyConstraint('client_id', name=op.f('pk_client_logo')),
    )
    _register_resources(op.get_bind(), resource_server)


def _register_resources(connection: sa.Connection, resource_server: sa.Table) -> None:
    found = connection.execute(sa.text('SELECT client_id, metadata FROM client')).all()
    wanted = {uri for row in found for uri in json.loads(row.metadata).get('resources', [])}
    rows = [
        {'uri': row.client_id, 'client_id': row.client_id, 'created_at': int(time.time() * 1000)}
        for row in found
        if row.client_id in wanted
    ]
    if rows:
        connection.execute(sa.insert(resource_server), rows)


def downgrade() -> None:
    op.drop_table('client_logo')
    op.drop_table('resource_server')
    with op.batch_alter_table('client') as batch_op:
        batch_op.drop_column('removed_at')
        batch_op.drop_column('previous_secret_until')
        batch_op.drop_column('previous_secret_hash')
