-- retry: no
-- role: owner
-- $1 area_id, $2 parent_id, $3 kind, $4 name → area_id
select * from khop.area_create($1::int4, $2::int4, $3::text, $4::text)
