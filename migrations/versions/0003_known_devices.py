"""known devices, and counters that tell what they count

Safe while the previous version runs: it only adds a table. The counters of wrong passwords are made
anew, so pauses of the moment end once; nobody's rights depend on them.

Revision ID: 0003
Revises: 0002
"""

from alembic import op
import sqlalchemy as sa


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def _text(length: int) -> sa.types.TypeEngine:
    return sa.String(length=length).with_variant(sa.String(length=length, collation='C'), 'postgresql')


def upgrade() -> None:
    op.drop_table('signin_throttle')
    op.create_table('signin_throttle',
    sa.Column('key_hash', _text(64), nullable=False),
    sa.Column('kind', _text(16), nullable=False),
    sa.Column('subject', _text(64), nullable=True),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('consecutive', sa.Integer(), nullable=False),
    sa.Column('names', sa.Integer(), nullable=False),
    sa.Column('began_at', sa.BigInteger(), nullable=False),
    sa.Column('last_at', sa.BigInteger(), nullable=False),
    sa.Column('blocked_until', sa.BigInteger(), nullable=True),
    sa.Column('pending', sa.Integer(), nullable=False),
    sa.Column('pending_at', sa.BigInteger(), nullable=False),
    sa.Column('turned_away', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('key_hash', name=op.f('pk_signin_throttle'))
    )
    op.create_index(op.f('ix_signin_throttle_last_at'), 'signin_throttle', ['last_at'], unique=False)
    op.create_table('known_device',
    sa.Column('browser_hash', _text(64), nullable=False),
    sa.Column('person_id', _text(36), nullable=False),
    sa.Column('counter', _text(64), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('last_used_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('browser_hash', 'person_id', name=op.f('pk_known_device'))
    )
    op.create_index('ix_known_device_last_used_at', 'known_device', ['last_used_at'], unique=False)
    op.create_index('ix_known_device_person_id', 'known_device', ['person_id', 'last_used_at'], unique=False)


def downgrade() -> None:
    op.drop_table('known_device')
    op.drop_table('signin_throttle')
    op.create_table('signin_throttle',
    sa.Column('key_hash', _text(64), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('consecutive', sa.Integer(), nullable=False),
    sa.Column('began_at', sa.BigInteger(), nullable=False),
    sa.Column('last_at', sa.BigInteger(), nullable=False),
    sa.Column('blocked_until', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('key_hash', name=op.f('pk_signin_throttle'))
    )
    op.create_index(op.f('ix_signin_throttle_last_at'), 'signin_throttle', ['last_at'], unique=False)
