-- A link of the chain of audit events: the hash of the link before and of all that the row says. Reads no table.
create or replace function khop.audit_link(before bytea, bucket int4, org_id int8, seq int8, at timestamptz, actor int8, session8 text, ip text,
    req text, action text, object text, result text, detail text) returns bytea language sql immutable as $f$
    select sha256(before || convert_to(bucket || '|' || org_id || '|' || seq || '|' || (extract(epoch from at) * 1000000)::int8 || '|' ||
        coalesce(actor::text, '') || '|' || to_jsonb(array[session8, ip, req, action, object, result, detail])::text, 'UTF8'))
$f$;
alter function khop.audit_link owner to khop_owner;
revoke all on function khop.audit_link from public;
comment on function khop.audit_link is 'A link of the chain of audit events';
