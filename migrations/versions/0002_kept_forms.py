"""forms of the console that could not be saved

Safe while the previous version runs: a table it does not know.

Revision ID: 0002
Revises: 0001
"""

from alembic import op
import sqlalchemy as sa


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def _text(length: int) -> sa.types.TypeEngine:
    return sa.String(length).with_variant(sa.String(length, collation='C'), 'postgresql')


def upgrade() -> None:
    op.create_table(
        'console_kept_form',
        sa.Column('id_hash', _text(64), nullable=False),
        sa.Column('cookie_hash', _text(64), nullable=False),
        sa.Column('body', sa.LargeBinary(), nullable=False),
        sa.Column('expires_at', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('id_hash', name=op.f('pk_console_kept_form')),
    )
    with op.batch_alter_table('console_kept_form') as batch_op:
        batch_op.create_index(batch_op.f('ix_console_kept_form_cookie_hash'), ['cookie_hash'])
        batch_op.create_index(batch_op.f('ix_console_kept_form_expires_at'), ['expires_at'])


def downgrade() -> None:
    op.drop_table('console_kept_form')
