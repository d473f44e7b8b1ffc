"""since when a job runs, and since when it fails

Safe while the previous version runs: two columns without a value, which it neither reads nor fills.

Revision ID: 0010
Revises: 0009
"""

from alembic import op
import sqlalchemy as sa


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('lease', sa.Column('working_since', sa.BigInteger(), nullable=True))
    op.add_column('job_run', sa.Column('failing_since', sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('job_run') as table:
        table.drop_column('failing_since')
    with op.batch_alter_table('lease') as table:
        table.drop_column('working_since')
