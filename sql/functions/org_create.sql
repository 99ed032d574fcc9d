-- Creates an organisation in the bucket (of 0 … p_buckets - 1) that holds the fewest, with its books open from today and its chart of accounts.
-- A row without an id: another organisation has this code.
create or replace function khop.org_create(p_now timestamptz, p_random int8, p_name text, p_kind text, p_code text, p_buckets int4,
    p_area_id int4 default null)
returns table (org_id int8, bucket int4)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
declare
    v_today constant date := (p_now at time zone interval '7 hours')::date;
begin
    perform pg_advisory_xact_lock(hashtext('khop.org_create'));
    if exists (select 1 from khop.org o where o.code = p_code) then
        return next;
        return;
    end if;
    select b.bucket into bucket
      from generate_series(0, p_buckets - 1) b (bucket) left join khop.org o on o.bucket = b.bucket
     group by b.bucket order by count(o.org_id), b.bucket limit 1;
    org_id := bucket::int8 << 48 | (p_random & ((1::int8 << 48) - 1));
    insert into khop.org (org_id, bucket, name, kind, code, created_at, area_id) values (org_id, bucket, p_name, p_kind, p_code, p_now, p_area_id);
    insert into khop.chart (org_id, account, name, type)
    values (org_id, 131, 'Phải thu', 3), (org_id, 1388, 'Tiền ra chờ xử lý', 4),
           (org_id, 3318, 'Phải trả người thụ hưởng', 2), (org_id, 3388, 'Tiền vào chờ xử lý', 4),
           (org_id, 3387, 'Tiền nộp trước của người nộp', 2), (org_id, 711, 'Thu nhập khác', 5), (org_id, 811, 'Chi phí khác', 6);
    insert into khop.org_head (bucket, org_id, open_day, receipt_year) values (bucket, org_id, v_today, extract(year from v_today)::int4);
    perform khop.partitions_make(v_today);
    return next;
end $f$;
alter function khop.org_create owner to khop_owner;
revoke all on function khop.org_create from public;
comment on function khop.org_create is 'Creates an organisation with its books';
