"""The firm's own working days, and messages put off until later.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
import crmlib.store.types

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    moment = crmlib.store.types.UtcDateTime(timezone=True)
    op.create_table('day_off',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('kind', sa.Enum('rest', 'work', name='daykind', native_enum=False, length=20), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('id', key, autoincrement=True, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_day_off')),
    sa.UniqueConstraint('day', name=op.f('uq_day_off_day'))
    )
    with op.batch_alter_table('message_recipient', schema=None) as batch_op:
        batch_op.add_column(sa.Column('snoozed_until', moment, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('message_recipient', schema=None) as batch_op:
        batch_op.drop_column('snoozed_until')
    op.drop_table('day_off')
