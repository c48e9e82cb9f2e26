"""Which activity's completion moved a deal.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
import crmlib.store.types

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    with op.batch_alter_table('stage_history', schema=None) as batch_op:
        batch_op.add_column(sa.Column('activity_id', _KEY, nullable=True))
        batch_op.create_foreign_key(op.f('fk_stage_history_activity_id'), 'activity', ['activity_id'], ['id'])
        batch_op.create_index(op.f('ix_stage_history_activity_id'), ['activity_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('stage_history', schema=None) as batch_op:
        batch_op.drop_index(op.f('ix_stage_history_activity_id'))
        batch_op.drop_constraint(op.f('fk_stage_history_activity_id'), type_='foreignkey')
        batch_op.drop_column('activity_id')
