-- Every receipt key ever used, for /.well-known/jwks.json.
create or replace function khop.key_list() returns table (kid text, public_key bytea, valid_from timestamptz, revoked_at timestamptz)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
begin
    return query select k.kid, k.public_key, min(k.valid_from), min(k.revoked_at)
      from khop.receipt_key k group by k.kid, k.public_key order by min(k.key_no);
end $f$;
alter function khop.key_list owner to khop_fn_org;
revoke all on function khop.key_list from public;
grant execute on function khop.key_list to khop_serve, khop_jobs;
comment on function khop.key_list is 'Public keys of receipts';
