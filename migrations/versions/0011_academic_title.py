"""the academic title of people

Safe while the previous version runs: NULL is none, and that version writes no other.

Revision ID: 0011
Revises: 0010
"""

from alembic import op
import sqlalchemy as sa


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sa.String(64).with_variant(sa.String(64, collation='C'), 'postgresql')
    op.add_column('catalogue_person', sa.Column('academic_title', text, nullable=True))


def downgrade() -> None:
    op.drop_column('catalogue_person', 'academic_title')
