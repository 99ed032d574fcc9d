-- Whether a row of the journal with a receiving account on one side (comes: it is debited) is money that moved; else it reverses one that went the other way. Money
-- that comes is for 131 or 3388, money that goes is of 3318 or 1388. Plain SQL: inlined, reads no table.
create or replace function khop.bank_moves(comes bool, other int4) returns bool language sql immutable as $f$
    select comes = (other in (131, 3388))
$f$;
alter function khop.bank_moves owner to khop_owner;
revoke all on function khop.bank_moves from public;
grant execute on function khop.bank_moves to khop_fn_settle, khop_fn_org;
comment on function khop.bank_moves is 'Whether a row of the journal is money that moved, or its reversal';
