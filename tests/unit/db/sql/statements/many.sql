-- retry: yes
-- role: serve
-- many: 8
-- of each: $1 number, $2 milliseconds it takes → number, how many were asked together, backend, place; a third of the numbers have no row, a
-- third have one, a third two; -1 fails
select i.n / case i.n when -1 then 0 else 1 end, cardinality($1::int8[])::int8, pg_backend_pid(), i.place
  from (select pg_sleep(max(ms) / 1000.0) from unnest($2::int4[]) m (ms)) s,
       unnest($1::int8[]) with ordinality i (n, place), generate_series(1, abs(i.n) % 3) g
 order by i.place
