-- The codes, each of them that is taken in the bucket or stands twice among them drawn again from the seed and p_base + its place. An even number
-- stays even and an odd one odd: a caller that issues parts side by side keeps them apart by that. Who else takes one between this look and the
-- insert makes the insert fail as a whole: the caller comes again with other numbers.
create or replace function khop.codes_drawn(p_bucket int4, p_codes int4[], p_base int8, p_seed int8) returns int4[]
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    v_codes int4[] := p_codes;
    v_taken int8[];
    v_place int8;
begin
    for v_again in 1 .. 65 loop
        v_taken := khop.codes_taken(p_bucket, v_codes, v_taken);
        if v_taken is null then
            return v_codes;
        end if;
        foreach v_place in array v_taken loop
            v_codes[v_place] := v_codes[v_place] / 28629151 * 28629151 + v_codes[v_place] % 28629151 % 2
                + ((hashint8extended(p_base + v_place, p_seed + v_again) & 9223372036854775807) % 14314575)::int4 * 2;
        end loop;
    end loop;
    raise exception 'codes_drawn: no code is free' using errcode = '53400';
end $f$;
alter function khop.codes_drawn owner to khop_fn_org;
revoke all on function khop.codes_drawn from public;
comment on function khop.codes_drawn is 'Codes that are free in a bucket, from ones that may be taken';
