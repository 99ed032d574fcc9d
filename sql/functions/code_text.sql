-- The nine characters of a payment code from its number (design.md §4): S, kind, five symbols, and two check symbols s7, s8 such
-- that the sums of s(i) and of i*s(i) over the eight symbols after S are 0 modulo 31. Reads no table.
create or replace function khop.code_text(code_no int4) returns text language plpgsql immutable strict
set search_path = pg_catalog, pg_temp
as $f$
declare
    v_rest int4 := code_no;
    v_symbol int4;
    v_sum int4 := 0;
    v_weighted int4 := 0;
    v_text text := '';
    c_alphabet constant text := '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
begin
    for i in reverse 6 .. 1 loop
        v_symbol := v_rest % 31;
        v_rest := v_rest / 31;
        v_sum := v_sum + v_symbol;
        v_weighted := v_weighted + i * v_symbol;
        v_text := substr(c_alphabet, v_symbol + 1, 1) || v_text;
    end loop;
    return 'S' || v_text || substr(c_alphabet, ((v_weighted - 8 * v_sum) % 31 + 31) % 31 + 1, 1)
                         || substr(c_alphabet, ((7 * v_sum - v_weighted) % 31 + 31) % 31 + 1, 1);
end $f$;
alter function khop.code_text owner to khop_owner;
revoke all on function khop.code_text from public;
grant execute on function khop.code_text to khop_audit, khop_fn_org, khop_fn_settle;
comment on function khop.code_text is 'A payment code as people read it, from its number';
