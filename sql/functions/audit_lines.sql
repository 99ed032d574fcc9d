-- Audit events of all organisations as JSON lines, for a copy of them on another machine: what comes after seq p_seqs[i] in the chain of
-- p_buckets[i] and p_orgs[i], and chains that are not named from their beginning. Numbers as they are hashed (audit_link), so that the copy can be
-- checked without the database.
-- rc -5: the chain is shorter than the copy of it.
create or replace function khop.audit_lines(p_buckets int4[], p_orgs int8[], p_seqs int8[], p_limit int4) returns table (rc int2, line text)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
begin
    return query
    select case when e.bucket is null then -5 else 0 end::int2,
           json_build_object('ts', to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'bucket', h.bucket, 'org', h.org_id::text,
               'seq', coalesce(e.seq, h.next_seq - 1), 'actor', e.actor::text, 'session_hash8', e.session8, 'ip', e.ip, 'req_id', e.req,
               'action', e.action, 'object', e.object, 'result', e.result, 'detail', e.detail, 'hash', encode(e.hash, 'hex'))::text
      from khop.audit_head h
      left join unnest(p_buckets, p_orgs, p_seqs) k (bucket, org_id, seq) on k.bucket = h.bucket and k.org_id = h.org_id
      left join lateral (select x.* from khop.audit_event x
                          where x.bucket = h.bucket and x.org_id = h.org_id and x.seq > coalesce(k.seq, 0) order by x.seq limit p_limit) e on true
     where h.next_seq - 1 <> coalesce(k.seq, 0)
     order by h.bucket, h.org_id, e.seq limit p_limit;
end $f$;
alter function khop.audit_lines owner to khop_owner;
revoke all on function khop.audit_lines from public;
grant execute on function khop.audit_lines to khop_audit;
comment on function khop.audit_lines is 'Audit events as JSON lines, for a copy elsewhere';
