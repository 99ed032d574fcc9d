-- Writes down what has been done (security.md §7), at the end of the chain of an organisation, or of the installation (org_id 0, bucket 0).
-- A function that calls this takes its last lock here: call it after everything that may wait for others. Texts are cut to 512 bytes' worth
-- of characters; the caller puts no secrets into them, and of account numbers the last four digits. Who asks, where a statement has said it (visit),
-- decides: p_ip of a session is the address that it began at.
create or replace function khop.audit_put(p_bucket int4, p_org_id int8, p_now timestamptz, p_actor int8, p_session8 text, p_ip text, p_req text,
    p_action text, p_object text, p_result text, p_detail text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
declare
    v_head khop.audit_head;
    v_object constant text := left(p_object, 128);
    v_detail constant text := left(p_detail, 128);
    v_hash bytea;
    v_visitor constant text := current_setting('khop.visitor', true);
    v_req constant text := coalesce(nullif(split_part(v_visitor, ' ', 1), ''), p_req);
    v_ip constant text := coalesce(nullif(split_part(v_visitor, ' ', 2), ''), p_ip);
begin
    insert into khop.audit_head (bucket, org_id) values (p_bucket, p_org_id) on conflict do nothing;
    select * into v_head from khop.audit_head h where h.bucket = p_bucket and h.org_id = p_org_id for update;
    v_hash := khop.audit_link(v_head.hash, p_bucket, p_org_id, v_head.next_seq, p_now, p_actor, p_session8, v_ip, v_req, p_action, v_object, p_result, v_detail);
    insert into khop.audit_event (bucket, org_id, seq, at, actor, session8, ip, req, action, object, result, detail, hash)
    values (p_bucket, p_org_id, v_head.next_seq, p_now, p_actor, p_session8, v_ip, v_req, p_action, v_object, p_result, v_detail, v_hash);
    update khop.audit_head h set next_seq = h.next_seq + 1, hash = v_hash where h.bucket = p_bucket and h.org_id = p_org_id;
end $f$;
alter function khop.audit_put owner to khop_owner;
revoke all on function khop.audit_put from public;
grant execute on function khop.audit_put to khop_fn_org, khop_fn_settle;
comment on function khop.audit_put is 'Writes an audit event; for those who know all of it';
