-- Settlements in bulk, through the same function as always: psql -v orgs -v buckets -v first. Calls of bench.load settle the codes of seed.sql from
-- the first on, some thousand in a batch; what khop_load sends later begins behind them.
create schema bench;
create table bench.lane (bucket int4 primary key, next int8 not null) with (fillfactor = 10);
insert into bench.lane select b, :first from generate_series(0, :buckets - 1) b;
create table bench.world as select :orgs as orgs, :buckets as buckets;

create function bench.load(p_bucket int4, p_n int4) returns int8 language plpgsql as $$
declare
    v_from int8; v_settled int8; w record;
    n_con int8[]; n_body bytea[]; n_hash bytea[]; e_place int4[]; e_account int8[]; e_one int2[]; e_ext text[]; e_amount int8[];
    e_paid timestamptz[]; e_memo text[]; e_ref text[]; e_balance int8[]; e_rid bytea[]; c_code int4[];
begin
    select * into w from bench.world;
    update bench.lane set next = next + p_n where bucket = p_bucket returning next - p_n into v_from;
    with code as (
        select j, case when j % 5 = 0 then 0 else 1 + j % (w.orgs - 1) end as org, 10000 + j % 90 * 1000 as amount,
               (9 * 28629151::int8 + j * 7368787 % 28629151)::int4 as code_no
          from generate_series(v_from, v_from + p_n - 1) j),
    event as (
        select c.*, row_number() over (order by c.org, c.j)::int4 as place, (p_bucket::int8 << 48) | (c.org + 1) as account,
               convert_to(repeat(md5(c.j::text), 12) || c.j, 'UTF8') as body
          from code c where c.org % w.buckets = p_bucket)
    select array_agg(e.account), array_agg(e.body), array_agg(sha256(e.body)), array_agg(e.place), array_agg(e.account), array_agg(1::int2),
           array_agg((e.j + 1000000)::text), array_agg(e.amount), array_agg(statement_timestamp()), array_agg(null::text), array_agg((e.j + 1000000)::text),
           array_agg(null::int8), array_agg(substr(sha256(convert_to('r' || e.j, 'UTF8')), 1, 16)), array_agg(e.code_no)
      into n_con, n_body, n_hash, e_place, e_account, e_one, e_ext, e_amount, e_paid, e_memo, e_ref, e_balance, e_rid, c_code
      from (select * from event order by place) e;
    select count(*) into v_settled from khop.settle_batch(p_bucket, statement_timestamp(), 1::int2, n_con, n_body, n_hash, e_place, e_account, e_one,
        e_ext, n_hash, e_one, e_amount, e_paid, e_memo, e_ref, e_balance, e_rid, e_place, c_code, e_one) s where s.outcome = 1;
    if v_settled <> cardinality(e_ext) then
        raise exception 'only % of % settled', v_settled, cardinality(e_ext);
    end if;
    return v_settled;
end $$;
