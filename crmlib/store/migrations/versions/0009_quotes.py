"""Quotations and their lines.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
import crmlib.store.types

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    moment = crmlib.store.types.UtcDateTime(timezone=True)
    op.create_table('quotation',
    sa.Column('number', sa.String(length=30), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('opportunity_id', key, nullable=False),
    sa.Column('status', sa.Enum('draft', 'waiting', 'approved', 'sent', 'accepted', 'void', name='quotestatus', native_enum=False, length=20), nullable=False),
    sa.Column('delivery', sa.String(length=60), nullable=False),
    sa.Column('payment_term', sa.String(length=30), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('terms', sa.Text(), nullable=True),
    sa.Column('pricing_note', sa.String(length=500), nullable=True),
    sa.Column('total', crmlib.store.types.Money(), nullable=False),
    sa.Column('created_by_id', key, nullable=False),
    sa.Column('created_at', moment, nullable=False),
    sa.Column('submitted_by_id', key, nullable=True),
    sa.Column('submitted_at', moment, nullable=True),
    sa.Column('approver_id', key, nullable=True),
    sa.Column('decided_by_id', key, nullable=True),
    sa.Column('decided_at', moment, nullable=True),
    sa.Column('decision_note', sa.String(length=255), nullable=True),
    sa.Column('sent_at', moment, nullable=True),
    sa.Column('accepted_at', moment, nullable=True),
    sa.Column('void_reason', sa.String(length=255), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', key, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['approver_id'], ['person.id'], name=op.f('fk_quotation_approver_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_quotation_created_by_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['person.id'], name=op.f('fk_quotation_decided_by_id')),
    sa.ForeignKeyConstraint(['opportunity_id'], ['opportunity.id'], name=op.f('fk_quotation_opportunity_id')),
    sa.ForeignKeyConstraint(['submitted_by_id'], ['person.id'], name=op.f('fk_quotation_submitted_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quotation')),
    sa.UniqueConstraint('number', 'revision', name=op.f('uq_quotation_number_revision'))
    )
    with op.batch_alter_table('quotation', schema=None) as batch_op:
        for column in ('opportunity_id', 'created_by_id', 'created_at', 'submitted_by_id', 'approver_id', 'decided_by_id'):
            batch_op.create_index(batch_op.f(f'ix_quotation_{column}'), [column], unique=False)
        accepted = sa.text("status = 'accepted'")
        batch_op.create_index('uq_quotation_accepted', ['opportunity_id'], unique=True, sqlite_where=accepted, postgresql_where=accepted)

    op.create_table('quotation_line',
    sa.Column('quotation_id', key, nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('product', sa.String(length=30), nullable=True),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('spec', sa.String(length=80), nullable=True),
    sa.Column('unit', sa.String(length=10), nullable=False),
    sa.Column('quantity', crmlib.store.types.Quantity(), nullable=False),
    sa.Column('unit_price', crmlib.store.types.Money(), nullable=False),
    sa.Column('discount', crmlib.store.types.Quantity(), nullable=False),
    sa.Column('subtotal', crmlib.store.types.Money(), nullable=False),
    sa.Column('id', key, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['quotation_id'], ['quotation.id'], name=op.f('fk_quotation_line_quotation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quotation_line')),
    sa.UniqueConstraint('quotation_id', 'position', name=op.f('uq_quotation_line_quotation_id_position'))
    )
    with op.batch_alter_table('quotation_line', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_quotation_line_quotation_id'), ['quotation_id'], unique=False)


def downgrade() -> None:
    op.drop_table('quotation_line')
    op.drop_table('quotation')
