-- Gives the public half of a receipt key its number, one for each origin that it signs for; every key ever used stays. -5 as the number:
-- the kid is known with another key.
create or replace function khop.key_register(p_kid text, p_public_key bytea, p_iss text, p_now timestamptz)
returns table (key_no int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
begin
    perform pg_advisory_xact_lock(hashtext('khop.key_register'));
    if exists (select from khop.receipt_key k where k.kid = p_kid and k.public_key <> p_public_key) then
        key_no := -5;
    else
        insert into khop.receipt_key (key_no, kid, public_key, iss, valid_from)
        select coalesce(max(k.key_no), 0) + 1, p_kid, p_public_key, p_iss, p_now from khop.receipt_key k
        on conflict (kid, iss) do nothing;
        select k.key_no into key_no from khop.receipt_key k where k.kid = p_kid and k.iss = p_iss;
    end if;
    return next;
end $f$;
alter function khop.key_register owner to khop_fn_settle;
revoke all on function khop.key_register from public;
grant execute on function khop.key_register to khop_serve, khop_jobs;
comment on function khop.key_register is 'Registers the public half of a receipt key; idempotent';
