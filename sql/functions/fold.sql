-- Text as a bank's memo has it: upper case, without accents, one blank between words. Plain SQL: reads no table.
create or replace function khop.fold(t text) returns text language sql immutable as $f$
    select btrim(regexp_replace(upper(regexp_replace(replace(replace(normalize(t, NFD), 'đ', 'd'), 'Đ', 'D'), '[\u0300-\u036f]', '', 'g')),
                                '[^A-Z0-9]+', ' ', 'g'))
$f$;
alter function khop.fold owner to khop_owner;
revoke all on function khop.fold from public;
grant execute on function khop.fold to khop_fn_org, khop_fn_settle;
comment on function khop.fold is 'Text without accents, upper case';
