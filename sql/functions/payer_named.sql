-- Whether a memo names a payer of the organisation (by number or by name) who is not of these: then an account says nothing for sure.
create or replace function khop.payer_named(p_bucket int4, p_org_id int8, p_memo text, p_but int8[]) returns bool
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
declare
    v_memo constant text := ' ' || khop.fold(p_memo) || ' ';
begin
    return exists (select from khop.payer p
                    where p.bucket = p_bucket and p.org_id = p_org_id and p.left_at is null and p.payer_id <> all (p_but)
                      and (strpos(v_memo, ' ' || khop.fold(p.name) || ' ') > 0 or length(p.ref) >= 3 and strpos(v_memo, ' ' || khop.fold(p.ref) || ' ') > 0));
end $f$;
alter function khop.payer_named owner to khop_fn_settle;
revoke all on function khop.payer_named from public;
comment on function khop.payer_named is 'Whether a memo names another payer';
