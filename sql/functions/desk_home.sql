-- What waits for the caller today, a row a tile, by what he is in the organisation. Every tile is a look-up by key or reads a handful of rows.
--   money_in     what came in today (n, amount)              exceptions  open ones (n, amount held, since the oldest)
--   agree        what waits for a second person (n)          close       days since the last closed one (n, day; NULL: none yet)
--   rounds       to approve (n)                              round       one that is being collected: label, id, paid of amount,
--                its due day; codes issued: done of total
--   payout_drafts  lists to submit (n; done: sent back)      payout_submitted  lists of others to approve (n, amount)
--   payout_open  what of approved lists has not gone out (n lines, amount)
--   stall        takings of today (n, amount, label, id)     accounts    receiving accounts that nobody tells about (n of total)
--   jobs         at work (n; done of total of the newest)
-- Counts stop at 1,000.
create or replace function khop.desk_home(p_token bytea, p_now timestamptz)
returns table (rc int2, tile text, n int8, amount int8, since timestamptz, id int8, label text, done int8, total int8, day date, paid int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_material = off
as $f$
#variable_conflict use_column
declare
    c_zone constant text := 'Asia/Ho_Chi_Minh';
    v_day constant date := (p_now at time zone c_zone)::date;
    v_login record;
    v_scopes int4;
begin
    select * into v_login from khop.login(p_token, p_now, 511);
    rc := v_login.rc;
    if rc <> 0 then
        return next;
        return;
    end if;
    v_scopes := khop.scopes_of(p_token);
    if v_scopes & (4 | 16 | 256) <> 0 then
        return query select 0::int2, 'money_in', coalesce(sum(d.n) filter (where d.comes), 0)::int8, coalesce(sum(d.amount) filter (where d.comes), 0)::int8,
                            null::timestamptz, null::int8, null::text, null::int8, null::int8, null::date, null::int8
                       from khop.report_bank_sides(v_login.bucket, v_login.org_id, v_day, v_day) d;
        return query select 0::int2, 'exceptions', count(*), coalesce(sum(x.held), 0)::int8,
                            min(x.opened_at), null::int8, null::text, null::int8, null::int8, null::date, null::int8
                       from (select x.held, x.opened_at from khop.exception x
                              where x.bucket = v_login.bucket and x.org_id = v_login.org_id and x.state in ('open', 'proposed')
                              order by x.opened_at, x.exception_id limit 1000) x;
    end if;
    if v_scopes & (4 | 16) <> 0 then
        return query select 0::int2, 'agree', count(*), null::int8, min(x.opened_at), null::int8, null::text, null::int8, null::int8, null::date, null::int8
                       from (select x.opened_at from khop.exception x
                              where x.bucket = v_login.bucket and x.org_id = v_login.org_id and x.state = 'proposed' limit 1000) x
                     having count(*) > 0;
        return query select 0::int2, 'close', (v_day - 1 - c.day::date)::int8, null::int8,
                            null::timestamptz, null::int8, null::text, null::int8, null::int8, c.day::date, null::int8
                       from (select max(c.day) as day from (
                                 select distinct on (c.day) c.day, c.what from khop.day_close c
                                  where c.bucket = v_login.bucket and c.org_id = v_login.org_id and c.day > v_day - 60
                                  order by c.day desc, c.step desc) c where c.what in ('closed', 'asked_reopen')) c;
    end if;
    if v_scopes & (2 | 4 | 16) <> 0 then
        return query select 0::int2, 'rounds', count(*), null::int8,
                            null::timestamptz, null::int8, null::text, null::int8, null::int8, null::date, null::int8
                       from (select 1 from khop.round r where r.bucket = v_login.bucket and r.org_id = v_login.org_id and r.state = 'proposed' limit 1000) x
                     having count(*) > 0;
        return query select 0::int2, 'round', r.payers::int8, s.amount,
                            null::timestamptz, r.round_id, r.name, r.issued::int8, r.charges::int8, r.due_on, s.paid
                       from (select r.* from khop.round r
                              where r.bucket = v_login.bucket and r.org_id = v_login.org_id and r.state = 'approved' and r.due_on > v_day - 31
                              order by r.due_on, r.round_id limit 4) r
                      cross join lateral khop.round_paid(r.bucket, r.round_id) s
                      order by r.due_on, r.round_id;
        return query select 0::int2, 'jobs', count(*), null::int8,
                            min(j.created_at), max(j.job_id), null::text, sum(j.done)::int8, sum(j.total)::int8, null::date, null::int8
                       from (select j.* from khop.job j
                              where j.bucket = v_login.bucket and j.org_id = v_login.org_id and j.state in ('queued', 'running', 'waiting') limit 20) j
                     having count(*) > 0;
    end if;
    if v_scopes & 64 <> 0 then
        return query select 0::int2, 'payout_drafts', count(*), null::int8,
                            null::timestamptz, null::int8, null::text, count(p.note), count(*), null::date, null::int8
                       from (select p.note from khop.payout p
                              where p.bucket = v_login.bucket and p.org_id = v_login.org_id and p.state = 'draft' limit 1000) p
                     having count(*) > 0;
    end if;
    if v_scopes & 128 <> 0 then
        return query select 0::int2, 'payout_submitted', count(*), coalesce(sum(p.amount), 0)::int8,
                            min(p.submitted_at), null::int8, null::text, null::int8, null::int8, null::date, null::int8
                       from (select p.amount, p.submitted_at from khop.payout p
                              where p.bucket = v_login.bucket and p.org_id = v_login.org_id and p.state = 'submitted'
                                and v_login.token_id not in (p.created_by, p.submitted_by) limit 1000) p
                     having count(*) > 0;
    end if;
    if v_scopes & (64 | 128) <> 0 then
        return query select 0::int2, 'payout_open', count(*), coalesce(sum(l.amount - l.got), 0)::int8,
                            null::timestamptz, null::int8, null::text, null::int8, null::int8, min(l.pay_by), null::int8
                       from (select r.amount, r.got, p.pay_by
                               from (select p.* from khop.payout p
                                      where p.bucket = v_login.bucket and p.org_id = v_login.org_id and p.state = 'approved' and p.month > v_day - 100
                                      order by p.month desc, p.payout_id desc limit 4) p
                              cross join lateral khop.payout_rows(p.bucket, p.payout_id, null, 0, 20000) r
                              where r.state in ('planned', 'waiting', 'part', 'returned')) l
                     having count(*) > 0;
    end if;
    if v_scopes & 32 <> 0 then
        return query
        select 0::int2, 'stall', coalesce(d.n, 0)::int8, coalesce(d.amount, 0)::int8,
                            null::timestamptz, s.stall_id, s.name, null::int8, null::int8, null::date, null::int8
          from (select s.stall_id, s.name, a.ledger_no, a.owner_since from khop.stall s
                  join lateral (select a.* from khop.account a where a.account_id = s.account_id and a.owner_id = v_login.token_id limit 1) a on true
                 where s.bucket = v_login.bucket and s.org_id = v_login.org_id and s.closed_at is null order by s.stall_id limit 20) s
          left join lateral (select sum(d.n) as n, sum(d.amount) as amount from khop.day_total d
                              where d.bucket = v_login.bucket and d.org_id = v_login.org_id and d.day = v_day and d.debit = s.ledger_no
                                and d.day >= s.owner_since) d on true;
    end if;
    if v_scopes & 8 <> 0 then
        return query select 0::int2, 'accounts', count(*) filter (where not a.told), null::int8,
                            null::timestamptz, null::int8, null::text, null::int8, count(*), null::date, null::int8
                       from (select exists (select 1 from khop.connection c where c.account_id = a.account_id and c.role = 1 and c.active) as told
                               from khop.account a where a.org_id = v_login.org_id) a;
    end if;
end $f$;
alter function khop.desk_home owner to khop_fn_org;
revoke all on function khop.desk_home from public;
grant execute on function khop.desk_home to khop_serve;
comment on function khop.desk_home is 'What waits for the caller today';
