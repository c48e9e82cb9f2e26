"""Settings, requests for customers, the log of 撞单 and the groups of companies.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
import crmlib.store.types

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('setting',
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('value', sa.JSON(), nullable=False),
    sa.Column('reason', sa.String(length=255), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_setting')),
    sa.UniqueConstraint('key', name=op.f('uq_setting_key'))
    )
    with op.batch_alter_table('merge', schema=None) as batch_op:
        batch_op.add_column(sa.Column('leftovers', sa.JSON(), nullable=False, server_default='[]'))

    with op.batch_alter_table('affiliate_link', schema=None) as batch_op:
        kind = sa.Enum('branch', 'subsidiary', 'group', 'boss', 'other', name='linkkind', native_enum=False, length=20)
        batch_op.add_column(sa.Column('kind', kind, nullable=False, server_default='group'))
        batch_op.add_column(sa.Column('parent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))

    op.create_table('access_request',
    sa.Column('kind', sa.Enum('share', 'transfer', name='accesskind', native_enum=False, length=20), nullable=False),
    sa.Column('customer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('requester_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('level', sa.Enum('read', 'collaborate', name='sharelevel', native_enum=False, length=20), nullable=True),
    sa.Column('reason', sa.String(length=255), nullable=False),
    sa.Column('requested_at', crmlib.store.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('status', sa.Enum('open', 'granted', 'refused', 'withdrawn', name='accessstatus', native_enum=False, length=20), nullable=False),
    sa.Column('decided_at', crmlib.store.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('note', sa.String(length=255), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_access_request_customer_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['person.id'], name=op.f('fk_access_request_decided_by_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_access_request_person_id')),
    sa.ForeignKeyConstraint(['requester_id'], ['person.id'], name=op.f('fk_access_request_requester_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_access_request'))
    )
    with op.batch_alter_table('access_request', schema=None) as batch_op:
        for column in ('customer_id', 'decided_by_id', 'person_id', 'requested_at', 'requester_id'):
            batch_op.create_index(batch_op.f(f'ix_access_request_{column}'), [column], unique=False)
        batch_op.create_index('uq_access_request_open', ['requester_id', 'customer_id', 'kind'], unique=True, sqlite_where=sa.text("status = 'open'"), postgresql_where=sa.text("status = 'open'"))

    op.create_table('collision_query',
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', crmlib.store.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('with_phone', sa.Boolean(), nullable=False),
    sa.Column('verdict', sa.String(length=20), nullable=False),
    sa.Column('hits', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Enum('screen', 'list', 'save', name='channel', native_enum=False, length=20), nullable=False),
    sa.Column('answers', sa.Integer(), nullable=False),
    sa.Column('limited', sa.Boolean(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_collision_query_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_collision_query'))
    )
    with op.batch_alter_table('collision_query', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_collision_query_at'), ['at'], unique=False)
        batch_op.create_index('ix_collision_query_person_id_at', ['person_id', 'at'], unique=False)


def downgrade() -> None:
    op.drop_table('collision_query')
    op.drop_table('access_request')
    with op.batch_alter_table('affiliate_link', schema=None) as batch_op:
        batch_op.drop_column('parent_id')
        batch_op.drop_column('kind')
    with op.batch_alter_table('merge', schema=None) as batch_op:
        batch_op.drop_column('leftovers')

    op.drop_table('setting')
