create or replace function khop.settle(p_bucket int4, p_ext text[], p_n int8[], p_ms int4)
returns table (ord int4, n int8, repeated bool) language plpgsql as $f$
#variable_conflict use_column
begin
    perform khop.fail_maybe();
    perform pg_sleep(p_ms / 1000.0);
    if 'poison' = any (p_ext) then
        perform pg_terminate_backend(pg_backend_pid());
    end if;
    insert into khop.batch_log (bucket, items) values (p_bucket, cardinality(p_ext));
    return query
        with u as (select * from unnest(p_ext, p_n) with ordinality u(ext, n, o)),
             w as (insert into khop.item as i (bucket, ext, n) select p_bucket, u.ext, u.n from u on conflict do nothing returning i.ext)
        select u.o::int4, u.n, w.ext is null from u left join w on w.ext = u.ext order by u.o;
end $f$;
