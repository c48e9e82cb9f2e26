"""Import batches, attachments, filter schemes, tokens of programs and webhooks.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
import crmlib.store.types

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_attachments()
    _widen_change_log()
    _create_programs()
    _create_imports()
    _create_bin()
    _widen_shares()
    _widen_conversions()
    _create_schemes()


def downgrade() -> None:
    for table in ('chosen_scheme', 'filter_scheme'):
        op.drop_table(table)
    _narrow_conversions()
    _narrow_shares()
    op.drop_table('recycled_customer')
    _narrow_change_log()
    op.drop_table('attachment')
    _drop_programs()
    _drop_imports()


# --- programs: tokens, calls, webhooks -------------------------------------------------------


def _create_programs() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    moment = crmlib.store.types.UtcDateTime(timezone=True)
    with op.batch_alter_table('change_log', schema=None) as batch_op:
        batch_op.add_column(sa.Column('via', sa.String(length=40), nullable=True))

    op.create_table('api_token',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('person_id', key, nullable=False),
    sa.Column('may_write', sa.Boolean(), nullable=False),
    sa.Column('secret_hash', sa.String(length=64), nullable=False),
    sa.Column('hint', sa.String(length=16), nullable=False),
    sa.Column('created_by_id', key, nullable=False),
    sa.Column('created_at', moment, nullable=False),
    sa.Column('expires_at', moment, nullable=False),
    sa.Column('last_used_at', moment, nullable=True),
    sa.Column('revoked_at', moment, nullable=True),
    sa.Column('id', key, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_api_token_created_by_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_api_token_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_token')),
    sa.UniqueConstraint('secret_hash', name=op.f('uq_api_token_secret_hash'))
    )
    op.create_table('api_call',
    sa.Column('token_id', key, nullable=False),
    sa.Column('at', moment, nullable=False),
    sa.Column('method', sa.String(length=10), nullable=False),
    sa.Column('path', sa.String(length=120), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('milliseconds', sa.Integer(), nullable=False),
    sa.Column('id', key, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['token_id'], ['api_token.id'], name=op.f('fk_api_call_token_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_call'))
    )
    op.create_table('webhook',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('url', sa.String(length=500), nullable=False),
    sa.Column('person_id', key, nullable=False),
    sa.Column('events', sa.JSON(), nullable=False),
    sa.Column('signing_key', sa.String(length=80), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('stopped_because', sa.String(length=255), nullable=True),
    sa.Column('created_by_id', key, nullable=False),
    sa.Column('created_at', moment, nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('failing_since', moment, nullable=True),
    sa.Column('succeeded_at', moment, nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', key, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_webhook_created_by_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_webhook_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook'))
    )
    op.create_table('webhook_delivery',
    sa.Column('webhook_id', key, nullable=False),
    sa.Column('event', sa.String(length=40), nullable=False),
    sa.Column('entity', sa.String(length=40), nullable=False),
    sa.Column('entity_id', key, nullable=False),
    sa.Column('change_id', key, nullable=False),
    sa.Column('changed_fields', sa.JSON(), nullable=False),
    sa.Column('occurred_at', moment, nullable=False),
    sa.Column('status', sa.Enum('waiting', 'sent', 'skipped', 'failed', name='deliverystatus', native_enum=False, length=20), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_at', moment, nullable=True),
    sa.Column('answer', sa.Integer(), nullable=True),
    sa.Column('fault', sa.String(length=255), nullable=True),
    sa.Column('milliseconds', sa.Integer(), nullable=True),
    sa.Column('finished_at', moment, nullable=True),
    sa.Column('id', key, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['webhook_id'], ['webhook.id'], name=op.f('fk_webhook_delivery_webhook_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook_delivery'))
    )
    op.create_table('webhook_place',
    sa.Column('name', sa.String(length=20), nullable=False),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('at', moment, nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_webhook_place'))
    )
    for table, columns in {
        'api_token': ('created_by_id', 'person_id'),
        'api_call': ('at', 'token_id'),
        'webhook': ('active', 'created_by_id', 'person_id'),
    }.items():
        for column in columns:
            op.create_index(op.f(f'ix_{table}_{column}'), table, [column], unique=False)
    op.create_index('ix_webhook_delivery_status_next_at', 'webhook_delivery', ['status', 'next_at'], unique=False)
    op.create_index('ix_webhook_delivery_webhook_id_id', 'webhook_delivery', ['webhook_id', 'id'], unique=False)


def _drop_programs() -> None:
    for table in ('webhook_place', 'webhook_delivery', 'webhook', 'api_call', 'api_token'):
        op.drop_table(table)
    with op.batch_alter_table('change_log', schema=None) as batch_op:
        batch_op.drop_column('via')


# --- attachments; the history of a record ----------------------------------------------------


def _create_attachments() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    moment = crmlib.store.types.UtcDateTime(timezone=True)
    op.create_table('attachment',
    sa.Column('entity_type', sa.String(length=40), nullable=False),
    sa.Column('entity_id', key, nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('uploaded_by_id', key, nullable=False),
    sa.Column('uploaded_at', moment, nullable=False),
    sa.Column('removed_by_id', key, nullable=True),
    sa.Column('removed_at', moment, nullable=True),
    sa.Column('id', key, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['removed_by_id'], ['person.id'], name=op.f('fk_attachment_removed_by_id')),
    sa.ForeignKeyConstraint(['uploaded_by_id'], ['person.id'], name=op.f('fk_attachment_uploaded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment'))
    )
    op.create_index('ix_attachment_entity_type_entity_id', 'attachment', ['entity_type', 'entity_id'], unique=False)
    for column in ('removed_by_id', 'sha256', 'uploaded_by_id'):
        op.create_index(op.f(f'ix_attachment_{column}'), 'attachment', [column], unique=False)


def _widen_change_log() -> None:
    # Plain ALTER TABLE: a batch would copy millions of rows.
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.add_column('change_log', sa.Column('parent', sa.String(length=40), nullable=True))
    op.add_column('change_log', sa.Column('parent_id', key, nullable=True))
    op.drop_index('ix_change_log_person_id', 'change_log')
    op.drop_index('ix_change_log_entity_entity_id', 'change_log')
    op.create_index('ix_change_log_entity_entity_id', 'change_log', ['entity', 'entity_id', 'kind'])
    for first in ('person_id', 'entity', 'kind'):
        op.create_index(f'ix_change_log_{first}_at', 'change_log', [first, 'at'], unique=False)
    _name_parents()
    has_parent = sa.text('parent IS NOT NULL')
    op.create_index('ix_change_log_parent_parent_id', 'change_log', ['parent', 'parent_id'], unique=False, sqlite_where=has_parent, postgresql_where=has_parent)


def _name_parents() -> None:
    is_sqlite = op.get_bind().dialect.name == 'sqlite'
    for parent in ('opportunity', 'customer'):
        name = f'{parent}_id'
        one = "json_extract({}, '$.{}')" if is_sqlite else "({} ->> '{}')::bigint"
        found = f"coalesce({one.format('after', name)}, {one.format('before', name)})"
        op.execute(
            f"UPDATE change_log SET parent = '{parent}', parent_id = {found} "
            f"WHERE kind IN ('insert', 'delete') AND parent IS NULL AND {found} IS NOT NULL"
        )


def _narrow_change_log() -> None:
    for name in ('parent_parent_id', 'kind_at', 'entity_at', 'person_id_at'):
        op.drop_index(f'ix_change_log_{name}', 'change_log')
    op.create_index('ix_change_log_person_id', 'change_log', ['person_id'], unique=False)
    op.drop_index('ix_change_log_entity_entity_id', 'change_log')
    op.create_index('ix_change_log_entity_entity_id', 'change_log', ['entity', 'entity_id'])
    with op.batch_alter_table('change_log', schema=None) as batch_op:
        batch_op.drop_column('parent_id')
        batch_op.drop_column('parent')


# --- import batches --------------------------------------------------------------------------


def _create_imports() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    moment = crmlib.store.types.UtcDateTime(timezone=True)
    kind = sa.Enum('customers', 'contacts', 'opportunities', 'activities', name='importkind', native_enum=False, length=20)
    state = sa.Enum('reading', 'read', 'checking', 'checked', 'applying', 'applied', 'undoing', 'undone', 'failed', 'dropped', name='batchstate', native_enum=False, length=20)
    verdict = sa.Enum('new', 'update', 'similar', 'same', 'error', name='verdict', native_enum=False, length=20)
    op.create_table('import_batch',
    sa.Column('number', sa.String(length=30), nullable=False),
    sa.Column('kind', kind, nullable=False),
    sa.Column('state', state, nullable=False),
    sa.Column('file_name', sa.String(length=255), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('created_by_id', key, nullable=False),
    sa.Column('created_at', moment, nullable=False),
    sa.Column('head', sa.Integer(), nullable=True),
    sa.Column('titles', sa.JSON(), nullable=False),
    sa.Column('samples', sa.JSON(), nullable=False),
    sa.Column('mapping', sa.JSON(), nullable=False),
    sa.Column('options', sa.JSON(), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('note', sa.String(length=500), nullable=True),
    sa.Column('applied_at', moment, nullable=True),
    sa.Column('applied_by_id', key, nullable=True),
    sa.Column('undone_at', moment, nullable=True),
    sa.Column('undone_by_id', key, nullable=True),
    sa.Column('kept', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', key, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['applied_by_id'], ['person.id'], name=op.f('fk_import_batch_applied_by_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_import_batch_created_by_id')),
    sa.ForeignKeyConstraint(['undone_by_id'], ['person.id'], name=op.f('fk_import_batch_undone_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_batch')),
    sa.UniqueConstraint('number', name=op.f('uq_import_batch_number'))
    )
    for column in ('applied_by_id', 'created_at', 'created_by_id', 'sha256', 'undone_by_id'):
        op.create_index(op.f(f'ix_import_batch_{column}'), 'import_batch', [column], unique=False)
    op.create_table('import_row',
    sa.Column('batch_id', key, nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('verdict', verdict, nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('faults', sa.JSON(), nullable=False),
    sa.Column('reasons', sa.JSON(), nullable=False),
    sa.Column('record', key, nullable=True),
    sa.Column('id', key, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batch.id'], name=op.f('fk_import_row_batch_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_row')),
    sa.UniqueConstraint('batch_id', 'number', name=op.f('uq_import_row_batch_id_number'))
    )
    op.create_index('ix_import_row_batch_id_verdict_number', 'import_row', ['batch_id', 'verdict', 'number'], unique=False)
    op.create_table('import_change',
    sa.Column('batch_id', key, nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('entity', sa.String(length=40), nullable=False),
    sa.Column('entity_id', key, nullable=False),
    sa.Column('before', sa.JSON(), nullable=True),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.Column('id', key, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batch.id'], name=op.f('fk_import_change_batch_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_change'))
    )
    op.create_index(op.f('ix_import_change_batch_id'), 'import_change', ['batch_id'], unique=False)
    op.create_table('import_mapping',
    sa.Column('kind', kind, nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('used_at', moment, nullable=False),
    sa.Column('id', key, autoincrement=True, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_mapping')),
    sa.UniqueConstraint('kind', 'key', name=op.f('uq_import_mapping_kind_key'))
    )


def _drop_imports() -> None:
    for table in ('import_mapping', 'import_change', 'import_row', 'import_batch'):
        op.drop_table(table)


# --- the 回收站; what a share opens -----------------------------------------------------------


def _create_bin() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('recycled_customer',
    sa.Column('customer_id', key, nullable=False),
    sa.Column('reason', sa.String(length=30), nullable=False),
    sa.Column('note', sa.String(length=255), nullable=True),
    sa.Column('recycled_by_id', key, nullable=False),
    sa.Column('id', key, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_recycled_customer_customer_id')),
    sa.ForeignKeyConstraint(['recycled_by_id'], ['person.id'], name=op.f('fk_recycled_customer_recycled_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recycled_customer'))
    )
    for column in ('customer_id', 'recycled_by_id'):
        op.create_index(op.f(f'ix_recycled_customer_{column}'), 'recycled_customer', [column], unique=False)


def _widen_shares() -> None:
    for name, given in (('contacts', sa.true()), ('opportunities', sa.false()), ('activities', sa.true())):
        op.add_column('customer_share', sa.Column(f'with_{name}', sa.Boolean(), server_default=given, nullable=False))
    op.add_column('customer_share', sa.Column('end_told', sa.Boolean(), server_default=sa.false(), nullable=False))


def _narrow_shares() -> None:
    with op.batch_alter_table('customer_share', schema=None) as batch_op:
        for name in ('contacts', 'opportunities', 'activities'):
            batch_op.drop_column(f'with_{name}')
        batch_op.drop_column('end_told')


# --- 撤销转交易 --------------------------------------------------------------------------------


def _widen_conversions() -> None:
    moment = crmlib.store.types.UtcDateTime(timezone=True)
    op.add_column('conversion_request', sa.Column('undone_at', moment, nullable=True))
    op.add_column('conversion_request', sa.Column('undo_reason', sa.String(length=255), nullable=True))
    op.create_index('ix_conversion_request_decided_at', 'conversion_request', ['decided_at'], unique=False)


def _narrow_conversions() -> None:
    op.drop_index('ix_conversion_request_decided_at', 'conversion_request')
    for name in ('undo_reason', 'undone_at'):
        op.drop_column('conversion_request', name)


# --- 过滤方案 of lists ------------------------------------------------------------------------


def _create_schemes() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('filter_scheme',
    sa.Column('list_key', sa.String(length=30), nullable=False),
    sa.Column('owner_id', key, nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('published', sa.Boolean(), nullable=False),
    sa.Column('id', key, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['owner_id'], ['person.id'], name=op.f('fk_filter_scheme_owner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_filter_scheme')),
    sa.UniqueConstraint('owner_id', 'list_key', 'name', name=op.f('uq_filter_scheme_owner_id_list_key_name'))
    )
    op.create_index(op.f('ix_filter_scheme_owner_id'), 'filter_scheme', ['owner_id'], unique=False)
    op.create_table('chosen_scheme',
    sa.Column('person_id', key, nullable=False),
    sa.Column('list_key', sa.String(length=30), nullable=False),
    sa.Column('scheme_id', key, nullable=False),
    sa.Column('id', key, autoincrement=True, nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_chosen_scheme_person_id')),
    sa.ForeignKeyConstraint(['scheme_id'], ['filter_scheme.id'], name=op.f('fk_chosen_scheme_scheme_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chosen_scheme')),
    sa.UniqueConstraint('person_id', 'list_key', name=op.f('uq_chosen_scheme_person_id_list_key'))
    )
    op.create_index(op.f('ix_chosen_scheme_scheme_id'), 'chosen_scheme', ['scheme_id'], unique=False)
