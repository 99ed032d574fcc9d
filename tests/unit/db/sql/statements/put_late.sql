-- retry: no
-- role: serve
insert into khop.late values ($1::int4) returning k
