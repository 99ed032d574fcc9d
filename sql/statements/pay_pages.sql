-- retry: yes
-- role: serve
-- many: 64
-- of each: $1 bucket, $2 pay token → khop.code_row, a row per receipt; none: no such page
select * from khop.pay_pages($1::int4[], $2::bytea[])
