"""Work reports: plans of weeks and summaries of days, their customers and lines.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op
import crmlib.store.types

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    moment = crmlib.store.types.UtcDateTime(timezone=True)
    op.create_table('work_report',
    sa.Column('person_id', key, nullable=False),
    sa.Column('office_id', key, nullable=False),
    sa.Column('kind', sa.Enum('plan', 'summary', name='reportkind', native_enum=False, length=20), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('content', sa.String(length=100), nullable=False),
    sa.Column('outcome', sa.String(length=100), nullable=False),
    sa.Column('subject', sa.String(length=255), nullable=False),
    sa.Column('internal', sa.Boolean(), nullable=False),
    sa.Column('status', sa.Enum('draft', 'submitted', 'read', name='reportstatus', native_enum=False, length=20), nullable=False),
    sa.Column('submitted_at', moment, nullable=True),
    sa.Column('late', sa.Boolean(), nullable=True),
    sa.Column('comment', sa.Text(), nullable=True),
    sa.Column('reviewed_by_id', key, nullable=True),
    sa.Column('reviewed_at', moment, nullable=True),
    sa.Column('returned_reason', sa.String(length=255), nullable=True),
    sa.Column('created_at', moment, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', key, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], name=op.f('fk_work_report_office_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_work_report_person_id')),
    sa.ForeignKeyConstraint(['reviewed_by_id'], ['person.id'], name=op.f('fk_work_report_reviewed_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_work_report')),
    sa.UniqueConstraint('person_id', 'kind', 'starts_on', name=op.f('uq_work_report_person_id_kind_starts_on'))
    )
    op.create_table('work_report_customer',
    sa.Column('report_id', key, nullable=False),
    sa.Column('customer_id', key, nullable=False),
    sa.Column('id', key, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_work_report_customer_customer_id')),
    sa.ForeignKeyConstraint(['report_id'], ['work_report.id'], name=op.f('fk_work_report_customer_report_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_work_report_customer')),
    sa.UniqueConstraint('report_id', 'customer_id', name=op.f('uq_work_report_customer_report_id_customer_id'))
    )
    op.create_table('work_report_line',
    sa.Column('report_id', key, nullable=False),
    sa.Column('kind', sa.Enum('done', 'tomorrow', 'plan', name='linekind', native_enum=False, length=20), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=255), nullable=False),
    sa.Column('result', sa.String(length=255), nullable=True),
    sa.Column('activity_type', sa.String(length=30), nullable=True),
    sa.Column('customer_id', key, nullable=True),
    sa.Column('opportunity_id', key, nullable=True),
    sa.Column('planned_on', sa.Date(), nullable=True),
    sa.Column('planned_start', moment, nullable=True),
    sa.Column('planned_end', moment, nullable=True),
    sa.Column('activity_id', key, nullable=True),
    sa.Column('id', key, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['activity_id'], ['activity.id'], name=op.f('fk_work_report_line_activity_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_work_report_line_customer_id')),
    sa.ForeignKeyConstraint(['opportunity_id'], ['opportunity.id'], name=op.f('fk_work_report_line_opportunity_id')),
    sa.ForeignKeyConstraint(['report_id'], ['work_report.id'], name=op.f('fk_work_report_line_report_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_work_report_line')),
    sa.UniqueConstraint('report_id', 'kind', 'position', name=op.f('uq_work_report_line_report_id_kind_position'))
    )
    for table, columns in _INDEXED.items():
        for column in columns:
            op.create_index(op.f(f'ix_{table}_{column}'), table, [column], unique=False)
    op.create_index('ix_work_report_kind_starts_on', 'work_report', ['kind', 'starts_on'], unique=False)
    op.create_index('ix_work_report_status_person_id', 'work_report', ['status', 'person_id'], unique=False)


def downgrade() -> None:
    for table in ('work_report_line', 'work_report_customer', 'work_report'):
        op.drop_table(table)


_INDEXED = {
    'work_report': ('office_id', 'reviewed_by_id'),
    'work_report_customer': ('customer_id', 'report_id'),
    'work_report_line': ('activity_id', 'customer_id', 'opportunity_id'),
}
