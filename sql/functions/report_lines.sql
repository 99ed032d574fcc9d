-- Any report by its name, for who has found the organisation to be the caller's. p_filter: {"from", "to", "class", "label"}, all as text, all optional.
-- rc -4: there is no such report; -1: a date that is none.
create or replace function khop.report_lines(p_bucket int4, p_org_id int8, p_now timestamptz, p_name text, p_filter jsonb, p_after_a int8, p_after_b int8, p_limit int4)
returns setof khop.report_line
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    c_date constant text := '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$';
    v_line khop.report_line;
    v_from date := '1970-01-01';
    v_to date := '9999-12-30';
    v_class constant text := p_filter ->> 'class';
    v_label constant text := p_filter ->> 'label';
begin
    if (p_filter ->> 'from') !~ c_date or (p_filter ->> 'to') !~ c_date then
        v_line.rc := -1;
        return next v_line;
        return;
    end if;
    v_from := coalesce((p_filter ->> 'from')::date, v_from);
    v_to := coalesce((p_filter ->> 'to')::date, v_to);
    case p_name
        when 'days' then
            return query select * from khop.report_daily(p_bucket, p_org_id, v_from, v_to, p_after_a, p_after_b, p_limit);
        when 'classes' then
            return query select * from khop.report_classes(p_bucket, p_org_id, p_now, v_from, v_to, v_label);
        when 'unpaid', 'paid' then
            return query select * from khop.report_charges(p_bucket, p_org_id, p_now, p_name = 'unpaid', v_from, v_to, v_class, v_label, p_after_a, p_limit);
        when 'receipts' then
            return query select * from khop.report_receipts(p_bucket, p_org_id, v_from, v_to, p_after_a, p_after_b, p_limit);
        when 'journal' then
            return query select * from khop.report_journal(p_bucket, p_org_id, v_from, v_to, p_after_a, p_limit);
        when 'balances' then
            return query select * from khop.report_balances(p_bucket, p_org_id, v_from, v_to);
        else
            v_line.rc := -4;
            return next v_line;
    end case;
end $f$;
alter function khop.report_lines owner to khop_fn_org;
revoke all on function khop.report_lines from public;
comment on function khop.report_lines is 'Any report of an organisation, by its name';
