-- retry: yes
-- role: serve
-- many: 8
-- of each: $1 number → the same, and a place that is nobody's
select i.n, cardinality($1::int8[]) + 1 from unnest($1::int8[]) i (n)
