-- Rights on tables, and row level security as the second line (security.md §5): khop_fn_org sees the organisations that the
-- login step of this transaction named, and nothing when there was none; khop_fn_settle takes the organisation from
-- our own account and code tables. Nobody may UPDATE, DELETE or TRUNCATE a journal.
set local role khop_owner;

do $$
declare
    v_table regclass;
    v_own constant text := $own$org_id = any ((select string_to_array(current_setting('khop.orgs', true), ','))::int8[])$own$;
begin
    for v_table in
        select c.oid::regclass from pg_catalog.pg_class c
         where c.relnamespace = 'khop'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
           and exists (select 1 from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped)
    loop
        execute format('alter table %s enable row level security', v_table);
        execute format('alter table %s force row level security', v_table);
        execute format('create policy books on %s to khop_owner, khop_fn_settle using (true) with check (true)', v_table);
        execute format('create policy own_org on %1$s to khop_fn_org using (%2$s) with check (%2$s)', v_table, v_own);
    end loop;
end $$;

-- The two tables without an organisation of their own (ids of a bucket, raw bytes) are for settlement alone.
do $$
declare
    v_table regclass;
begin
    foreach v_table in array array['khop.bucket_head', 'khop.notice']::regclass[] loop
        execute format('alter table %s enable row level security', v_table);
        execute format('alter table %s force row level security', v_table);
        execute format('create policy books on %s to khop_owner, khop_fn_settle using (true) with check (true)', v_table);
    end loop;
end $$;

-- Writers of the books.
grant select on khop.org, khop.account, khop.connection, khop.connection_secret to khop_fn_settle;
grant select, insert on khop.notice, khop.notice_key, khop.transfer, khop.receipt, khop.exception,
    khop.receipt_key to khop_fn_settle;
grant select, insert on khop.bucket_head, khop.org_head, khop.day_total, khop.charge_due to khop_fn_settle;
grant update (next_id) on khop.bucket_head to khop_fn_settle;
grant update (next_seq, receipt_year, next_receipt, chain) on khop.org_head to khop_fn_settle;
grant update (n, amount) on khop.day_total to khop_fn_settle;
grant update (paid, last_paid_at, last_seq, receipts) on khop.charge_due to khop_fn_settle;

-- Pages and the API.
grant select on khop.org, khop.account, khop.connection, khop.code_kind, khop.receipt_key, khop.schema_migration,
    khop.schema_functions, khop.transfer, khop.day_total, khop.receipt, khop.receipt_void, khop.exception, khop.chart to khop_fn_org;
grant select, insert on khop.charge, khop.charge_due, khop.party, khop.account, khop.chart, khop.connection,
    khop.connection_secret to khop_fn_org;
grant select, insert, delete on khop.idempotency to khop_fn_org;
grant update (cancelled_at, cancelled_by, cancel_reason) on khop.charge to khop_fn_org;
grant update (cancelled) on khop.charge_due to khop_fn_org;
grant update (ended_at) on khop.connection_secret to khop_fn_org;
