"""会签 of versions of 销售阶段定义, and that one is in force per kind of selling.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
import crmlib.store.types

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plain ALTER TABLE: a batch would drop a table others point at.
    op.add_column('stage_set', sa.Column('version', sa.Integer(), server_default='1', nullable=False))
    op.add_column('stage_set', sa.Column('round', sa.Integer(), server_default='0', nullable=False))
    op.add_column('stage_set', sa.Column('note', sa.String(length=255), nullable=True))
    op.add_column('stage_set', sa.Column('mapping', sa.JSON(), nullable=True))
    op.add_column('stage', sa.Column('note', sa.String(length=255), nullable=True))
    in_force = sa.text("status = 'active'")
    op.create_index('uq_stage_set_in_force', 'stage_set', ['code'], unique=True, sqlite_where=in_force, postgresql_where=in_force)
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    act = sa.Enum('drafted', 'submitted', 'agreed', 'returned', 'approved', name='stageact', native_enum=False, length=20)
    op.create_table('stage_signature',
    sa.Column('stage_set_id', key, nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('act', act, nullable=False),
    sa.Column('party', sa.String(length=20), nullable=True),
    sa.Column('person_id', key, nullable=False),
    sa.Column('comment', sa.String(length=255), nullable=True),
    sa.Column('at', crmlib.store.types.UtcDateTime(timezone=True), nullable=False),
    sa.Column('id', key, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_stage_signature_person_id')),
    sa.ForeignKeyConstraint(['stage_set_id'], ['stage_set.id'], name=op.f('fk_stage_signature_stage_set_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stage_signature')),
    sa.UniqueConstraint('stage_set_id', 'round', 'person_id', 'act', name=op.f('uq_stage_signature_stage_set_id_round_person_id_act'))
    )
    op.create_index(op.f('ix_stage_signature_person_id'), 'stage_signature', ['person_id'], unique=False)


def downgrade() -> None:
    op.drop_table('stage_signature')
    op.drop_index('uq_stage_set_in_force', 'stage_set')
    op.drop_column('stage', 'note')
    for name in ('mapping', 'note', 'round', 'version'):
        op.drop_column('stage_set', name)
