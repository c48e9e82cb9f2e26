"""What customers want and object to; activities by office.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op
import crmlib.store.types

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    moment = crmlib.store.types.UtcDateTime(timezone=True)
    op.create_table('customer_need',
    sa.Column('opportunity_id', key, nullable=False),
    sa.Column('kind', sa.Enum('need', 'proposal', 'objection', name='needkind', native_enum=False, length=20), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('raised_on', sa.Date(), nullable=False),
    sa.Column('owner_id', key, nullable=False),
    sa.Column('answer', sa.Text(), nullable=True),
    sa.Column('answered_by_id', key, nullable=True),
    sa.Column('answered_at', moment, nullable=True),
    sa.Column('entered_by_id', key, nullable=False),
    sa.Column('entered_at', moment, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', key, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['answered_by_id'], ['person.id'], name=op.f('fk_customer_need_answered_by_id')),
    sa.ForeignKeyConstraint(['entered_by_id'], ['person.id'], name=op.f('fk_customer_need_entered_by_id')),
    sa.ForeignKeyConstraint(['opportunity_id'], ['opportunity.id'], name=op.f('fk_customer_need_opportunity_id')),
    sa.ForeignKeyConstraint(['owner_id'], ['person.id'], name=op.f('fk_customer_need_owner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer_need'))
    )
    with op.batch_alter_table('customer_need', schema=None) as batch_op:
        for column in ('opportunity_id', 'owner_id', 'answered_by_id', 'entered_by_id'):
            batch_op.create_index(batch_op.f(f'ix_customer_need_{column}'), [column], unique=False)

    with op.batch_alter_table('activity', schema=None) as batch_op:
        batch_op.create_index('ix_activity_office_id_status_planned_end', ['office_id', 'status', 'planned_end'], unique=False)
    happens = sa.text('coalesce(ended_at, planned_start, created_at)')
    op.create_index('ix_activity_when', 'activity', [happens, 'id'], unique=False)
    op.create_index('ix_activity_owner_id_when', 'activity', ['owner_id', happens], unique=False)
    op.create_index('ix_activity_office_id_when', 'activity', ['office_id', happens], unique=False)


def downgrade() -> None:
    for name in ('when', 'owner_id_when', 'office_id_when'):
        op.drop_index(f'ix_activity_{name}', 'activity')
    with op.batch_alter_table('activity', schema=None) as batch_op:
        batch_op.drop_index('ix_activity_office_id_status_planned_end')
    op.drop_table('customer_need')
