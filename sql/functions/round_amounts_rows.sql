-- Whom the lines of a list mean, of those who are asked in a round: by the number, or by name and class where that is one and only one. Each data is
-- {"ref", "name", "class", "amounts": {item: amount or null}}. No payer and no fault: a pupil who is not asked, and for whom the list says nothing.
--   unknown     nobody has this number                   not_asked  somebody has, who is not asked in this round
--   other_name  the name beside it is another one        nobody     nobody who is asked has this name in this class
--   ambiguous   two have the same name there             twice      an earlier line means the same pupil
create or replace function khop.round_amounts_rows(p_bucket int4, p_org_id int8, p_round_id int8, p_job_id int8)
returns table (line int4, payer_id int8, class text, fault text, data jsonb)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_custom_plan
set join_collapse_limit = 1
set jit = off
set enable_seqscan = off
set enable_nestloop = off
set enable_mergejoin = off
as $f$
#variable_conflict use_column
begin
    return query
    with asked as materialized (
        select q.payer_id, q.class, y.ref, khop.fold(y.name) as name, replace(khop.fold(q.class), ' ', '') as room
          from (select q.payer_id, q.class from khop.round_payer q where q.bucket = p_bucket and q.round_id = p_round_id offset 0) q
          join khop.payer y on y.bucket = p_bucket and y.org_id = p_org_id and y.payer_id = q.payer_id),
    said as materialized (
        select l.line, l.data, l.data ->> 'ref' as ref, khop.fold(l.data ->> 'name') as name, replace(khop.fold(l.data ->> 'class'), ' ', '') as room,
               jsonb_path_exists(l.data, '$.amounts.* ? (@ != null)') as says
          from khop.job_line l where l.bucket = p_bucket and l.job_id = p_job_id),
    by_name as materialized (
        select a.name, a.room, count(*) as n, min(a.payer_id) as payer_id, min(a.class) as class from asked a group by a.name, a.room),
    met as (
        select s.line, s.data, s.says, case when s.ref is not null then r.payer_id when n.n = 1 then n.payer_id end as payer_id,
               coalesce(r.class, n.class) as class,
               case when s.ref is not null and r.payer_id is null and y.payer_id is null then 'unknown'
                    when s.ref is not null and r.payer_id is null then 'not_asked'
                    when s.ref is not null and s.name <> r.name then 'other_name'
                    when s.ref is null and n.n > 1 then 'ambiguous'
                    when s.ref is null and n.n is null then 'nobody' end as fault
          from said s
          left join asked r on r.ref = s.ref
          left join by_name n on s.ref is null and n.name = s.name and n.room = s.room
          left join (select y.ref, y.payer_id from khop.payer y where y.bucket = p_bucket and y.org_id = p_org_id offset 0) y on y.ref = s.ref)
    select m.line, case when m.fault is null then m.payer_id end, m.class,
           case when m.fault = 'not_asked' and not m.says then null
                when m.fault is not null then m.fault
                when row_number() over (partition by m.payer_id, m.fault is null order by m.line) > 1 then 'twice' end, m.data
      from met m;
end $f$;
alter function khop.round_amounts_rows owner to khop_fn_org;
revoke all on function khop.round_amounts_rows from public;
comment on function khop.round_amounts_rows is 'Whom the lines of a list of amounts mean';
