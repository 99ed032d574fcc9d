-- retry: yes
-- role: serve
select b, s, i, l, t, y, z, d
  from unnest($1::bool[], $2::int2[], $3::int4[], $4::int8[], $5::text[], $6::bytea[], $7::timestamptz[], $8::date[]) u(b, s, i, l, t, y, z, d)
