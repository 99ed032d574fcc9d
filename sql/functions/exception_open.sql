-- Opens an exception that no notice brought: a refund that somebody asks for. It holds no money. Its id is the bucket's next.
create or replace function khop.exception_open(p_bucket int4, p_org_id int8, p_now timestamptz, p_account_id int8, p_reason text, p_direction int2, p_amount int8,
    p_charge_id int8, p_code_no int4, p_memo text) returns int8
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    v_id int8;
begin
    perform khop.book_lock(p_bucket, p_org_id);
    update khop.bucket_head b set next_id = b.next_id + 1 where b.bucket = p_bucket returning b.next_id - 1 into v_id;
    insert into khop.exception (bucket, exception_id, org_id, account_id, direction, reason, held, amount, charge_id, code_no, memo, opened_at)
    values (p_bucket, v_id, p_org_id, p_account_id, p_direction, p_reason, 0, p_amount, p_charge_id, p_code_no, p_memo, p_now);
    return v_id;
end $f$;
alter function khop.exception_open owner to khop_fn_settle;
revoke all on function khop.exception_open from public;
grant execute on function khop.exception_open to khop_fn_org;
comment on function khop.exception_open is 'Opens an exception that no notice brought';
