"""when the worker's jobs ran last

Safe while the previous version runs: a table it does not know.

Revision ID: 0005
Revises: 0004
"""

from alembic import op
import sqlalchemy as sa


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def _text(length: int) -> sa.types.TypeEngine:
    return sa.String(length).with_variant(sa.String(length, collation='C'), 'postgresql')


def upgrade() -> None:
    op.create_table(
        'job_run',
        sa.Column('name', _text(64), nullable=False),
        sa.Column('ended_at', sa.BigInteger(), nullable=False),
        sa.Column('succeeded_at', sa.BigInteger(), nullable=True),
        sa.Column('failed_code', _text(64), nullable=True),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_job_run')),
    )


def downgrade() -> None:
    op.drop_table('job_run')
