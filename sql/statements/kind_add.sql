-- retry: yes
-- role: owner
-- $1 letter, $2 name, $3 direction (1 in, 2 out), $4 valid from → rc
select * from khop.kind_add($1::text, $2::text, $3::int2, $4::timestamptz)
