"""how far changes of every entry have come

Safe while the previous version runs: a table it does not know.

Revision ID: 0004
Revises: 0003
"""

from alembic import op
import sqlalchemy as sa


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def _text(length: int) -> sa.types.TypeEngine:
    return sa.String(length).with_variant(sa.String(length, collation='C'), 'postgresql')


def upgrade() -> None:
    op.create_table(
        'entry_step',
        sa.Column('name', _text(64), nullable=False),
        sa.Column('place', _text(36), nullable=False),
        sa.Column('entries', sa.Integer(), nullable=False),
        sa.Column('refused', sa.Integer(), nullable=False),
        sa.Column('done_at', sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_entry_step')),
    )


def downgrade() -> None:
    op.drop_table('entry_step')
