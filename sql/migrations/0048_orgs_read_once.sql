-- Row level security reads the organisations that a login opened once a statement. The array was made from text for every row that was looked at:
-- of all that reading a row costs that was the most, and it grew with the organisations that are open.
create or replace function khop.table_protect(p_table regclass) returns void language plpgsql security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    c_own constant text := $own$org_id = any ((select string_to_array(current_setting('khop.orgs', true), ',')::int8[])::int8[])$own$;
begin
    execute format('alter table %s enable row level security', p_table);
    execute format('alter table %s force row level security', p_table);
    execute format('drop policy if exists books on %s', p_table);
    execute format('drop policy if exists own_org on %s', p_table);
    execute format('create policy books on %s to khop_owner, khop_fn_settle using (true) with check (true)', p_table);
    execute format('create policy own_org on %1$s to khop_fn_org using (%2$s) with check (%2$s)', p_table, c_own);
end $f$;
do $$
begin
    perform khop.table_protect(format('%I.%I', p.schemaname, p.tablename)::regclass) from pg_policies p where p.schemaname = 'khop' and p.policyname = 'own_org';
end $$;
-- An organisation is looked up by its number. As an index condition too, the array would have the index searched once for each that is open.
alter policy own_org on khop.org using ((org_id = any ((select string_to_array(current_setting('khop.orgs', true), ',')::int8[])::int8[])) is true);
