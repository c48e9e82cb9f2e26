"""Contract reviews, orders with their lines and events, service tickets.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op
import crmlib.store.types

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('contract_review',
    sa.Column('opportunity_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.String(length=30), nullable=True),
    sa.Column('status', sa.Enum('draft', 'submitted', 'approved', 'refused', 'void', name='reviewstatus', native_enum=False, length=20), nullable=False),
    sa.Column('amount', crmlib.store.types.Money(), nullable=False),
    sa.Column('asked_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('asked_at', crmlib.store.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('submitted_on', sa.Date(), nullable=True),
    sa.Column('decided_on', sa.Date(), nullable=True),
    sa.Column('file_name', sa.String(length=120), nullable=True),
    sa.Column('remark', sa.String(length=255), nullable=True),
    sa.Column('note', sa.String(length=255), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['asked_by_id'], ['person.id'], name=op.f('fk_contract_review_asked_by_id')),
    sa.ForeignKeyConstraint(['opportunity_id'], ['opportunity.id'], name=op.f('fk_contract_review_opportunity_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contract_review')),
    sa.UniqueConstraint('number', name=op.f('uq_contract_review_number'))
    )
    with op.batch_alter_table('contract_review', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contract_review_asked_by_id'), ['asked_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_contract_review_opportunity_id'), ['opportunity_id'], unique=False)
        batch_op.create_index('uq_contract_review_under_way', ['opportunity_id'], unique=True, sqlite_where=sa.text("status IN ('draft', 'submitted', 'refused')"), postgresql_where=sa.text("status IN ('draft', 'submitted', 'refused')"))

    op.create_table('sales_order',
    sa.Column('number', sa.String(length=30), nullable=False),
    sa.Column('customer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('opportunity_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('ordered_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('amount', crmlib.store.types.Money(), nullable=False),
    sa.Column('stated', sa.Enum('entered', 'preparing', 'part_shipped', 'shipped', 'done', 'cancelled', name='orderstatus', native_enum=False, length=20), nullable=False),
    sa.Column('status', sa.Enum('entered', 'preparing', 'part_shipped', 'shipped', 'done', 'cancelled', name='orderstatus', native_enum=False, length=20), nullable=False),
    sa.Column('source', sa.Enum('manual', 'import', 'api', name='ordersource', native_enum=False, length=20), nullable=False),
    sa.Column('remark', sa.Text(), nullable=True),
    sa.Column('registered_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('registered_at', crmlib.store.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_sales_order_customer_id')),
    sa.ForeignKeyConstraint(['opportunity_id'], ['opportunity.id'], name=op.f('fk_sales_order_opportunity_id')),
    sa.ForeignKeyConstraint(['registered_by_id'], ['person.id'], name=op.f('fk_sales_order_registered_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sales_order')),
    sa.UniqueConstraint('number', name=op.f('uq_sales_order_number'))
    )
    with op.batch_alter_table('sales_order', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sales_order_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_sales_order_opportunity_id'), ['opportunity_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_sales_order_ordered_on'), ['ordered_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_sales_order_registered_by_id'), ['registered_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_sales_order_status'), ['status'], unique=False)

    op.create_table('order_event',
    sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.Enum('scheduled', 'prepared', 'shipped', 'received', 'installed', 'done', name='eventkind', native_enum=False, length=20), nullable=False),
    sa.Column('happened_on', sa.Date(), nullable=False),
    sa.Column('quantity', crmlib.store.types.Quantity(), nullable=True),
    sa.Column('remark', sa.String(length=255), nullable=True),
    sa.Column('recorded_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('recorded_at', crmlib.store.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['sales_order.id'], name=op.f('fk_order_event_order_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['person.id'], name=op.f('fk_order_event_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_event'))
    )
    with op.batch_alter_table('order_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_order_event_order_id'), ['order_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_order_event_recorded_by_id'), ['recorded_by_id'], unique=False)

    op.create_table('order_line',
    sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('product', sa.String(length=120), nullable=False),
    sa.Column('specification', sa.String(length=120), nullable=True),
    sa.Column('quantity', crmlib.store.types.Quantity(), nullable=False),
    sa.Column('price', crmlib.store.types.Money(), nullable=False),
    sa.Column('amount', crmlib.store.types.Money(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['sales_order.id'], name=op.f('fk_order_line_order_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_line')),
    sa.UniqueConstraint('order_id', 'position', name=op.f('uq_order_line_order_id_position'))
    )
    op.create_table('service_ticket',
    sa.Column('number', sa.String(length=30), nullable=False),
    sa.Column('kind', sa.Enum('inquiry', 'feedback', 'complaint', 'repair', name='ticketkind', native_enum=False, length=20), nullable=False),
    sa.Column('customer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('severity', sa.Enum('urgent', 'normal', 'minor', name='severity', native_enum=False, length=20), nullable=False),
    sa.Column('status', sa.Enum('new', 'accepted', 'working', 'solved', 'revisited', 'closed', name='ticketstatus', native_enum=False, length=20), nullable=False),
    sa.Column('handler_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('reply_due', crmlib.store.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('solve_due', crmlib.store.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('replied_at', crmlib.store.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('solution', sa.Text(), nullable=True),
    sa.Column('solved_at', crmlib.store.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('revisit', sa.Text(), nullable=True),
    sa.Column('revisited_on', sa.Date(), nullable=True),
    sa.Column('score', sa.Integer(), nullable=True),
    sa.Column('improvement', sa.Text(), nullable=True),
    sa.Column('closed_at', crmlib.store.types.UtcDateTime(timezone=True), nullable=True),
    sa.Column('reopen_reason', sa.String(length=255), nullable=True),
    sa.Column('registered_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('registered_at', crmlib.store.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_service_ticket_customer_id')),
    sa.ForeignKeyConstraint(['handler_id'], ['person.id'], name=op.f('fk_service_ticket_handler_id')),
    sa.ForeignKeyConstraint(['order_id'], ['sales_order.id'], name=op.f('fk_service_ticket_order_id')),
    sa.ForeignKeyConstraint(['registered_by_id'], ['person.id'], name=op.f('fk_service_ticket_registered_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_ticket')),
    sa.UniqueConstraint('number', name=op.f('uq_service_ticket_number'))
    )
    with op.batch_alter_table('service_ticket', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_service_ticket_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_service_ticket_handler_id'), ['handler_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_service_ticket_order_id'), ['order_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_service_ticket_registered_by_id'), ['registered_by_id'], unique=False)
        batch_op.create_index('ix_service_ticket_status_solve_due', ['status', 'solve_due'], unique=False)


def downgrade() -> None:
    for table in ('service_ticket', 'order_line', 'order_event', 'sales_order', 'contract_review'):
        op.drop_table(table)
