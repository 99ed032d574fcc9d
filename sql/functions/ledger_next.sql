-- The number that the next receiving account of an organisation has in its books (see is_bank); NULL: there is none left. For functions that hold
-- the organisation's head.
create or replace function khop.ledger_next(p_org_id int8) returns int4
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
declare
    v_last constant int4 := (select a.ledger_no from khop.account a where a.org_id = p_org_id order by a.ledger_no desc limit 1);
begin
    return case when v_last is null then 112101 when v_last = 112199 then 11210100 when v_last < 11219999 then v_last + 1 end;
end $f$;
alter function khop.ledger_next owner to khop_fn_org;
revoke all on function khop.ledger_next from public;
comment on function khop.ledger_next is 'The next number of a receiving account in the books';
