-- Codes for measuring, as load_seed.c counts them: psql -v orgs=300 -v codes=1000000 -v buckets=16
-- Code j belongs to organisation 0 if j % 5 = 0, else to 1 + j % (orgs - 1). Ten thousand in turn are a round, 2,000 of them organisation 0's.
set synchronous_commit = off;
with code as (
    select j, case when j % 5 = 0 then 0 else 1 + j % (:orgs - 1) end as org, 10000 + j % 90 * 1000 as amount,
           (9 * 28629151::int8 + j * 7368787 % 28629151)::int4 as code_no
      from generate_series(0::int8, :codes - 1) j),
placed as (select *, (org % :buckets)::int4 as bucket, ((org % :buckets) << 48) | (org + 1) as id from code),
due as (
    insert into khop.charge_due (bucket, code_no, charge_id, org_id, account_id, due, direction)
    select bucket, code_no, (bucket::int8 << 48) | (1000000 + j), id, id, amount, 1 from placed)
insert into khop.charge (bucket, charge_id, org_id, account_id, code_no, kind, amount, label, token, created_at, created_by)
select bucket, (bucket::int8 << 48) | (1000000 + j), id, id, code_no, 'B', amount, 'tien an ' || j / 10000, decode(md5(j::text), 'hex'), now(), 1
  from placed;
-- The last round's 2,000 of organisation 0 are bills of pupils of its list.
insert into khop.payer (bucket, payer_id, org_id, ref, name, class, created_at, changed_at)
select 0, 1 + g, 1, 'HS' || g, (array['Lò', 'Quàng', 'Nguyễn', 'Vừ', 'Sùng', 'Giàng', 'Cà', 'Lường', 'Tòng', 'Trần'])[1 + g % 10] || (array[' Văn ', ' Thị ', ' A ', ' Thị Thu ', ' Minh ', ' Đức '])[1 + g % 7 % 6] ||
       (array['Đông', 'Ánh', 'Ăn', 'An', 'Dế', 'Hương', 'Hường', 'Thuỷ', 'Thủy', 'Thúy', 'Việt', 'Nguyệt', 'Quỳnh', 'Phượng', 'Ứng', 'Yến', 'Ế', 'Ân', 'Châu', 'Giang'])[1 + g * 7919 / 13 % 20], g % 40 || 'A', now(), now()
  from generate_series(0, 1999) g;
with bill as (
    update khop.charge c set payer_id = 1 + (charge_id - 1000000) / 5 % 2000
     where bucket = 0 and org_id = 1 and label = 'tien an ' || :codes / 10000 - 1 returning c.code_no)
update khop.charge_due d set of_payer = true from bill b where d.bucket = 0 and d.code_no = b.code_no;
analyze;
