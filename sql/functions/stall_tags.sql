-- The five letters that stand behind a code in what a bank sent: the tag that a page put there, or the beginning of what somebody wrote; the memo
-- may be there more than once. Raw notices are not for pages; this tells nothing else of them.
create or replace function khop.stall_tags(p_bucket int4, p_day date, p_notice_id int8, p_code_no int4) returns text[]
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
begin
    return array(select distinct m[1] from khop.notice n,
                        regexp_matches(regexp_replace(upper(encode(n.body, 'escape')), '[^A-Z0-9]', '', 'g'),
                                       khop.code_text(p_code_no) || '([2-9A-HJ-NP-RT-Z]{5})', 'g') m
                  where n.bucket = p_bucket and n.received_on = p_day and n.notice_id = p_notice_id);
end $f$;
alter function khop.stall_tags owner to khop_owner;
revoke all on function khop.stall_tags from public;
grant execute on function khop.stall_tags to khop_fn_org;
comment on function khop.stall_tags is 'What stands behind a code in a notice';
