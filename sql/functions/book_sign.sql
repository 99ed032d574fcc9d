-- What a row of the journal does to a counter that money into account p_in raises as a credit, or, for money out, into p_out as a debit: 1, -1, or 0
-- when it does not touch either. A charge's is (131, 3318), credit's (3387, null), suspense's (3388, 1388). Plain SQL: inlined, reads no table.
create or replace function khop.book_sign(debit int4, credit int4, p_in int4, p_out int4) returns int4 language sql immutable as $f$
    select case when credit = p_in then 1 when debit = p_in then -1 when debit = p_out then 1 when credit = p_out then -1 else 0 end
$f$;
alter function khop.book_sign owner to khop_owner;
revoke all on function khop.book_sign from public;
grant execute on function khop.book_sign to khop_fn_settle, khop_fn_org;
comment on function khop.book_sign is 'What a row of the journal does to a counter';
