"""Targets of people and offices.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op
import crmlib.store.types

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('target',
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('office_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('kind', sa.Enum('year', 'quarter', 'month', name='targetkind', native_enum=False, length=20), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('sales', crmlib.store.types.Money(), nullable=False),
    sa.Column('customers', sa.Integer(), nullable=True),
    sa.Column('satisfaction', crmlib.store.types.Quantity(), nullable=True),
    sa.Column('status', sa.Enum('draft', 'issued', 'locked', name='targetstatus', native_enum=False, length=20), nullable=False),
    sa.Column('issued_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('issued_at', crmlib.store.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['issued_by_id'], ['person.id'], name=op.f('fk_target_issued_by_id')),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], name=op.f('fk_target_office_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_target_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_target')),
    sa.UniqueConstraint('office_id', 'kind', 'starts_on', name=op.f('uq_target_office_id_kind_starts_on')),
    sa.UniqueConstraint('person_id', 'kind', 'starts_on', name=op.f('uq_target_person_id_kind_starts_on'))
    )
    with op.batch_alter_table('target', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_target_issued_by_id'), ['issued_by_id'], unique=False)
        batch_op.create_index('ix_target_starts_on', ['starts_on'], unique=False)


def downgrade() -> None:
    op.drop_table('target')
