-- The public id of a row, as enc_id of base/enc.h writes it: prefix, "_" and the number as 13 letters of Crockford's base 32. Reads no table.
create or replace function khop.public_id(prefix text, id int8) returns text language sql immutable as $f$
    select prefix || '_' || (select string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz', ((id >> (5 * (12 - g))) & 31)::int4 + 1, 1), '' order by g)
                               from generate_series(0, 12) g)
$f$;
alter function khop.public_id owner to khop_owner;
revoke all on function khop.public_id from public;
grant execute on function khop.public_id to khop_fn_org, khop_fn_settle;
comment on function khop.public_id is 'The public id of a row';
