-- What only the catalogue can tell: rights, roles, row level security, keys (security.md §5, ledger.md §8).
begin;
\ir lib/books.psql
select plan(34);

create temp view fn as
select p.oid, n.nspname || '.' || p.proname as name, p.prosecdef, p.provolatile, l.lanname, coalesce(p.proconfig, '{}') as config, r.rolname as owner
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang join pg_roles r on r.oid = p.proowner
 where n.nspname in ('khop', 'audit');
create temp view rel as
select c.oid, c.relname as name, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relispartition, c.reloptions, r.rolname as owner,
       exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'org_id') as of_org,
       c.relname not in ('org', 'account', 'connection', 'connection_secret', 'api_token', 'receipt_key', 'chart', 'code_kind', 'benefit_rate', 'support_policy', 'support_rate', 'turnover_threshold',
               'area', 'app_user', 'membership', 'session', 'login_budget', 'invitation', 'recovery_code', 'setup_code')
           and c.relname not like 'schema\_%' as bucketed
  from pg_class c join pg_roles r on r.oid = c.relowner where c.relnamespace = 'khop'::regnamespace and c.relkind in ('r', 'p');

-- Functions. What a login may call is what the statements of its role call, neither more nor less.
\set serve `cd ../../sql/statements && grep -lE '^-- role:.*serve' *.sql | sed 's/.sql$//' | xargs`
\set jobs `cd ../../sql/statements && grep -lE '^-- role:.*jobs' *.sql | sed 's/.sql$//' | xargs`
create temp table may (role text, names text);
insert into may values ('serve', :'serve'), ('jobs', :'jobs');
select is_empty($$ select name from fn where not prosecdef and name not in
    ('khop.journal_line', 'khop.outcome_name', 'khop.provider_name', 'khop.code_text', 'khop.charge_status',
     'khop.bank_moves', 'khop.role_scopes', 'khop.role_factor', 'khop.public_id', 'khop.audit_link', 'khop.book_sign', 'khop.fold', 'khop.report_charge_is', 'khop.is_bank',
     'khop.visit', 'khop.job_named', 'khop.code_rows') $$, -- becomes part of its callers' statements, which run as khop_fn_org; nobody else may call it
    'every function runs as its owner, but those that read no table');
select is_empty($$ select name from fn where prosecdef and not 'search_path=pg_catalog, khop, pg_temp' = any (config) $$, 'with a fixed search_path');
select is_empty($$ select name from fn where has_function_privilege('public', oid, 'execute') $$, 'none may be called by PUBLIC');
select is_empty($$ select name from fn where owner not in ('khop_owner', 'khop_fn_settle', 'khop_fn_org') $$, 'none belongs to a superuser or a login');
select is_empty($$ select name from fn where obj_description(oid, 'pg_proc') is null $$, 'each says what it is for');
select set_eq($$ select name from fn where has_function_privilege('khop_serve', oid, 'execute') $$,
    $$ select 'khop.' || f from unnest(string_to_array((select names || ' visit' from may where role = 'serve'), ' ')) f $$, 'khop_serve may call what its statements call');
select set_eq($$ select name from fn where has_function_privilege('khop_jobs', oid, 'execute') $$,
    $$ select 'khop.' || f from unnest(string_to_array((select names || ' visit' from may where role = 'jobs'), ' ')) f $$, 'and khop_jobs');
select set_eq($$ select name from fn where has_function_privilege('khop_audit', oid, 'execute') $$,
    array['audit.invariants', 'khop.code_text', 'khop.outcome_name', 'khop.provider_name', 'khop.schema_version', 'khop.audit_lines'], 'what khop_audit may call');

-- Tables.
select is_empty($$ select name, r from rel, unnest(array['khop_serve', 'khop_jobs', 'khop_audit']) r
    where has_table_privilege(r, oid, 'select, insert, update, delete, truncate, references, trigger') or has_any_column_privilege(r, oid, 'select, insert, update, references') $$,
    'no login has a right on a table');
select is_empty($$ select name from rel where owner <> 'khop_owner' $$, 'khop_owner owns every table');
select is_empty($$ select name, r from rel, unnest(array['khop_fn_settle', 'khop_fn_org']) r
    where name not in ('balance_mark', 'idempotency', 'job_chunk', 'job_line', 'job_output', 'round_item', 'round_payer', 'round_line', 'round_amount', 'statement_stage', 'stall_ask') and (has_table_privilege(r, oid, 'delete, truncate, trigger') or has_table_privilege(r, oid, 'update')) $$,
    'no function owner may delete, or update whole rows');
select set_eq($$ select distinct r || ' ' || name || '.' || a.attname from rel join pg_attribute a on a.attrelid = oid and attnum > 0, unnest(array['khop_fn_settle', 'khop_fn_org']) r
    where has_column_privilege(r, oid, attnum, 'update') $$,
    array['khop_fn_settle balance_mark.net', 'khop_fn_settle balance_mark.from_seq', 'khop_fn_settle balance_mark.from_at', 'khop_fn_settle balance_mark.to_seq',
        'khop_fn_settle balance_mark.to_at', 'khop_fn_settle balance_mark.since', 'khop_fn_settle balance_mark.exception_id', 'khop_fn_settle balance_cursor.next_seq',
        'khop_fn_settle balance_cursor.due_at', 'khop_fn_settle known_account.seq', 'khop_fn_settle org_head.healed', 'khop_fn_settle statement_stage.key', 'khop_fn_settle statement_stage.line_no', 'khop_fn_settle org_head.next_seq', 'khop_fn_settle org_head.receipt_year', 'khop_fn_settle org_head.next_receipt', 'khop_fn_settle org_head.chain',
          'khop_fn_settle bucket_head.next_id', 'khop_fn_settle day_total.n', 'khop_fn_settle day_total.amount', 'khop_fn_settle charge_due.paid',
          'khop_fn_settle charge_due.last_paid_at', 'khop_fn_settle charge_due.adjusted', 'khop_fn_settle charge_due.last_seq', 'khop_fn_settle charge_due.receipts',
          'khop_fn_settle outbox.next_seq', 'khop_fn_settle credit.amount', 'khop_fn_settle exception.state', 'khop_fn_settle exception.held',
          'khop_fn_settle exception.pending', 'khop_fn_settle exception.proposal', 'khop_fn_settle org_head.open_day',
          'khop_fn_org charge.cancelled_at', 'khop_fn_org charge.cancelled_by', 'khop_fn_org charge.cancel_reason', 'khop_fn_org charge_due.cancelled',
          'khop_fn_settle webhook.told_until', 'khop_fn_settle webhook.failing_since', 'khop_fn_settle webhook.ended_at', 'khop_fn_settle webhook.ended_why',
          'khop_fn_settle delivery.state', 'khop_fn_settle delivery.tries', 'khop_fn_settle delivery.next_at', 'khop_fn_settle delivery.worker',
          'khop_fn_settle delivery.lease_until', 'khop_fn_settle delivery.last_at', 'khop_fn_settle delivery.last_status', 'khop_fn_settle delivery.last_error',
          'khop_fn_settle delivery.last_ms', 'khop_fn_org webhook.sealed', 'khop_fn_org webhook.sealed_before', 'khop_fn_org webhook.before_until',
          'khop_fn_org webhook.ended_at', 'khop_fn_org webhook.ended_why', 'khop_fn_org delivery.state', 'khop_fn_org delivery.next_at',
          'khop_fn_org delivery.replays', 'khop_fn_org delivery.tries',
          'khop_fn_org payout.state', 'khop_fn_org payout.lines', 'khop_fn_org payout.amount', 'khop_fn_org payout.issued', 'khop_fn_org payout.charge_base',
          'khop_fn_org payout.note', 'khop_fn_org payout.changed_at', 'khop_fn_org payout.submitted_at', 'khop_fn_org payout.submitted_by',
          'khop_fn_org payout.approved_at', 'khop_fn_org payout.approved_by', 'khop_fn_org payout_line.warnings', 'khop_fn_org payout_line.code_no',
          'khop_fn_org payout_line.from_payout', 'khop_fn_org payout_line.from_place',
          'khop_fn_org job.state', 'khop_fn_org job.total', 'khop_fn_org job.done', 'khop_fn_org job.part', 'khop_fn_org job.first_id', 'khop_fn_org job.finished_at',
          'khop_fn_org job.error', 'khop_fn_org job.result', 'khop_fn_org job.stage', 'khop_fn_org job.takes', 'khop_fn_org job.confirmed_at', 'khop_fn_org job.confirmed_by',
          'khop_fn_org job.out_name', 'khop_fn_org job.out_type', 'khop_fn_org job.out_size', 'khop_fn_org connection_secret.ended_at',
          'khop_fn_org alone_limit.amount', 'khop_fn_org alone_limit.changed_at', 'khop_fn_org alone_limit.changed_by',
          'khop_fn_org paper_setting.budget_code', 'khop_fn_org paper_setting.address', 'khop_fn_org paper_setting.form', 'khop_fn_org paper_setting.circular',
          'khop_fn_org paper_setting.collector', 'khop_fn_org paper_setting.hotline', 'khop_fn_org paper_setting.changed_at', 'khop_fn_org paper_setting.changed_by',
          'khop_fn_org payer.name', 'khop_fn_org payer.class', 'khop_fn_org payer.household', 'khop_fn_org payer.address', 'khop_fn_org payer.changed_at', 'khop_fn_org payer.left_at',
          'khop_fn_org payer_support.valid_from', 'khop_fn_org payer_support.valid_to', 'khop_fn_org payer_support.more_months', 'khop_fn_org payer_support.changed_at',
          'khop_fn_org fee_ceiling.valid_to', 'khop_fn_org round_payer.amount', 'khop_fn_org round_payer.code_no', 'khop_fn_org round_line.label', 'khop_fn_org round_line.amount',
          'khop_fn_org round_item.own_payers', 'khop_fn_org round_item.own_amount', 'khop_fn_org round_item.own_instead', 'khop_fn_org round_item.own_most', 'khop_fn_org round.own_payers', 'khop_fn_org round.account_id', 'khop_fn_org round.name', 'khop_fn_org round.month', 'khop_fn_org round.due_on', 'khop_fn_org round.state', 'khop_fn_org round.payers', 'khop_fn_org round.charges', 'khop_fn_org round.amount', 'khop_fn_org round.issued', 'khop_fn_org round.charge_base', 'khop_fn_org round.note', 'khop_fn_org round.reason', 'khop_fn_org round.changed_at', 'khop_fn_org round.proposed_at', 'khop_fn_org round.proposed_by', 'khop_fn_org round.approved_at', 'khop_fn_org round.approved_by', 'khop_fn_org round.cancelled_at', 'khop_fn_org round.cancelled_by',
          'khop_fn_org account.owner_id', 'khop_fn_org account.owner_since', 'khop_fn_org stall.closed_at', 'khop_fn_org stall.closed_by', 'khop_fn_org stall_ask.dropped_at'], 'the only columns that change: no journal among them');
select is_empty($$ select name from rel where bucketed and not relispartition and not exists (
    select 1 from pg_attribute a where a.attrelid = rel.oid and a.attnum = 1 and a.attname = 'bucket' and a.atttypid = 'int4'::regtype and a.attnotnull) $$,
    'bucket int4 is the first column');
select is_empty($$ select name, i.indexrelid::regclass from rel join pg_index i on i.indrelid = rel.oid where bucketed and i.indisunique and i.indkey[0] <> 1 $$,
    'and the first of every unique key');
select is_empty($$ select name from rel where bucketed and not exists (select 1 from pg_index i where i.indrelid = rel.oid and i.indisprimary) $$, 'every table has a primary key');
select is_empty($$ select name, c.conname from rel join pg_constraint c on c.conrelid = rel.oid where bucketed and (c.contype in ('f', 'x', 't') or c.condeferrable) $$,
    'no foreign key, no exclusion, nothing deferrable');
select is_empty($$ select name, t.tgname from rel join pg_trigger t on t.tgrelid = rel.oid where not t.tgisinternal $$, 'no triggers');
select is_empty($$ select relname from pg_class where relnamespace in ('khop'::regnamespace, 'audit'::regnamespace) and relkind in ('S', 'm', 'f') $$, 'no sequences');
select is_empty($$ select name, a.attname from rel join pg_attribute a on a.attrelid = rel.oid where a.attnum > 0 and a.atttypid in ('float4'::regtype, 'float8'::regtype, 'money'::regtype, 'numeric'::regtype, 'timestamp'::regtype) $$,
    'no type that rounds, no time without zone');
select is_empty($$ select i.indexrelid::regclass from pg_index i join rel on rel.oid = i.indrelid join pg_attribute a on a.attrelid = rel.oid and a.attnum = any (i.indkey)
    where (rel.name, a.attname) in (('charge_due', 'paid'), ('charge_due', 'last_paid_at'), ('charge_due', 'cancelled'), ('charge_due', 'last_seq'), ('charge_due', 'receipts'), ('day_total', 'n'), ('day_total', 'amount'), ('org_head', 'next_seq'), ('org_head', 'chain')) $$,
    'no counter is indexed, so that updates stay in the page');
-- A method that is switched off costs ten thousand million where nothing else will do: a plan that would be compiled on each call.
select is_empty($$ select p.oid::regprocedure from pg_proc p where p.pronamespace in ('khop'::regnamespace, 'audit'::regnamespace)
    and exists (select 1 from unnest(p.proconfig) c where c ~ '^enable_\w+=off$') and 'jit=off' <> all (p.proconfig) $$, 'what switches methods of the planner off switches the compiler off');

-- Row level security.
select is_empty($$ select name from rel where (of_org or relispartition) and not (relrowsecurity and relforcerowsecurity) $$, 'every table of an organisation has row level security, also against its owner');
select is_empty($$ select name from rel where of_org and not relispartition and not exists (
    select 1 from pg_policy p where p.polrelid = rel.oid and p.polroles = array['khop_fn_org'::regrole::oid] and pg_get_expr(p.polqual, p.polrelid) ~ 'khop.orgs'
       and pg_get_expr(p.polwithcheck, p.polrelid) ~ 'khop.orgs') $$, 'and a policy for pages');
select is_empty($$ select name from rel where of_org and not relispartition and exists (select 1 from pg_attribute a where a.attrelid = rel.oid and a.attname = 'account_id')
    and has_table_privilege('khop_fn_org', oid, 'select') and name not in ('account', 'connection', 'stall', 'round')
    and not exists (select 1 from pg_policy p where p.polrelid = rel.oid and p.polname = 'in_sight' and not p.polpermissive) $$,
    'what has an account is in sight of those only who may see the account (table_in_sight)');
select is_empty($$ select rolname from pg_roles where rolname ~ '^khop_' and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication or rolinherit) $$, 'no role is more than it needs');
select is_empty($$ select rolname from pg_roles where rolname in ('khop_owner', 'khop_fn_settle', 'khop_fn_org') and rolcanlogin $$, 'owners do not log in');
select is_empty($$ select m.roleid::regrole from pg_auth_members m where m.roleid::regrole::text ~ '^khop_' $$, 'and nobody is a member of them');

select t.issue('A', 1001, 'B', 1, 1000), t.issue('B', 1003, 'B', 2, 1000), t.settle('2026-11-22', '[{"ext":"1","amount":1000,"codes":[["B",1]]},{"ext":"2","amount":2,"account":1003}]') \g /dev/null
-- What a role gets for a query: the answer as text, or the SQLSTATE.
create function pg_temp.as_role(p_role text, p_orgs text, p_query text) returns text language plpgsql as $$
declare
    v_answer text;
begin
    perform set_config('khop.orgs', p_orgs, true), set_config('role', p_role, true);
    begin
        execute p_query into v_answer;
    exception when others then
        v_answer := sqlstate;
    end;
    perform set_config('role', 'none', true);
    return v_answer;
end $$;
select is(pg_temp.as_role('khop_fn_org', '', 'select (select count(*) from khop.charge) + (select count(*) from khop.transfer)'), '0', 'a page function that forgot to log in sees nothing');
select is(pg_temp.as_role('khop_fn_org', '100', 'select array_agg(distinct x.org_id) from (select org_id from khop.charge union select org_id from khop.transfer union select org_id from khop.account) x'), '{100}', 'one that forgot its WHERE sees its own');
select is(pg_temp.as_role('khop_fn_org', '100', $$ insert into khop.idempotency values (0, 200, sha256('x'), sha256('y'), 1, '2026-11-22') $$), '42501', 'and writes nothing foreign');
select is(pg_temp.as_role('khop_serve', '100', 'select count(*) from khop.charge'), '42501', 'khop_serve reads no table');
select is(pg_temp.as_role('khop_serve', '', 'select writable from khop.ready(''2026-11-22'')'), 'true', 'but calls its functions');
select is(pg_temp.as_role('khop_audit', '', 'select count(*) from audit.bank_event, audit.transfer, audit.day_total, audit.balance, audit.receipt, audit.exception, audit.invariants()'), '0', 'khop_audit reads the views and the invariants');
select is_empty('select * from audit.invariants()', 'the books are right');
select * from finish();
rollback;
