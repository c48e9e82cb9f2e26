"""The end of a deal and its reopening, 竞争分析, 处理过程, 参与方.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
import crmlib.store.types

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

_DEAL_COLUMNS = (
    ('currency', sa.String(length=3), 'CNY'),
    ('outcome_note', sa.String(length=255), None),
    ('closed_on', sa.Date(), None),
    ('close_reason', sa.String(length=30), None),
)


def upgrade() -> None:
    for name, kind, given in _DEAL_COLUMNS:
        op.add_column('opportunity', sa.Column(name, kind, server_default=given, nullable=given is None))
    op.add_column('stage_history', sa.Column('event', sa.String(length=20), server_default='move', nullable=False))
    op.add_column('opportunity_share', sa.Column('end_told', sa.Boolean(), server_default=sa.false(), nullable=False))
    _create_competitors()
    _create_diary()
    _create_parties()


def downgrade() -> None:
    for table in ('opportunity_party', 'process_log', 'competitor_entry'):
        op.drop_table(table)
    with op.batch_alter_table('opportunity_share', schema=None) as batch_op:
        batch_op.drop_column('end_told')
    with op.batch_alter_table('stage_history', schema=None) as batch_op:
        batch_op.drop_column('event')
    with op.batch_alter_table('opportunity', schema=None) as batch_op:
        for name, _, _ in reversed(_DEAL_COLUMNS):
            batch_op.drop_column(name)


def _key() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def _create_competitors() -> None:
    op.create_table('competitor_entry',
    sa.Column('opportunity_id', _key(), nullable=False),
    sa.Column('competitor', sa.String(length=30), nullable=False),
    sa.Column('product', sa.String(length=120), nullable=True),
    sa.Column('price', sa.String(length=120), nullable=True),
    sa.Column('strengths', sa.String(length=500), nullable=True),
    sa.Column('weaknesses', sa.String(length=500), nullable=True),
    sa.Column('countermeasure', sa.String(length=500), nullable=True),
    sa.Column('threat', sa.String(length=20), nullable=False),
    sa.Column('entered_by_id', _key(), nullable=False),
    sa.Column('entered_at', crmlib.store.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', _key(), autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['entered_by_id'], ['person.id'], name=op.f('fk_competitor_entry_entered_by_id')),
    sa.ForeignKeyConstraint(['opportunity_id'], ['opportunity.id'], name=op.f('fk_competitor_entry_opportunity_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_competitor_entry')),
    sa.UniqueConstraint('opportunity_id', 'competitor', name=op.f('uq_competitor_entry_opportunity_id_competitor'))
    )
    op.create_index(op.f('ix_competitor_entry_entered_by_id'), 'competitor_entry', ['entered_by_id'], unique=False)


def _create_diary() -> None:
    op.create_table('process_log',
    sa.Column('opportunity_id', _key(), nullable=False),
    sa.Column('written_at', crmlib.store.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('written_by_id', _key(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', _key(), autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['opportunity_id'], ['opportunity.id'], name=op.f('fk_process_log_opportunity_id')),
    sa.ForeignKeyConstraint(['written_by_id'], ['person.id'], name=op.f('fk_process_log_written_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_process_log'))
    )
    for column in ('opportunity_id', 'written_by_id'):
        op.create_index(op.f(f'ix_process_log_{column}'), 'process_log', [column], unique=False)


def _create_parties() -> None:
    op.create_table('opportunity_party',
    sa.Column('opportunity_id', _key(), nullable=False),
    sa.Column('company', sa.String(length=120), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('note', sa.String(length=255), nullable=True),
    sa.Column('id', _key(), autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['opportunity_id'], ['opportunity.id'], name=op.f('fk_opportunity_party_opportunity_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_opportunity_party')),
    sa.UniqueConstraint('opportunity_id', 'company', 'role', name=op.f('uq_opportunity_party_opportunity_id_company_role'))
    )
