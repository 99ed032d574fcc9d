-- A plain batch, whose events are new and exact, is written by a statement of its own (settle_batch): row by row what the general one writes of the same
-- events; one that comes alone by simple statements. One event of nobody's account, which leaves no row, makes a batch general.
begin;
\ir lib/books.psql
select plan(21);
select t.issue('A', 1001, 'B', g, 1000 + g), t.issue('A', 1002, 'B', 10 + g, 500), t.issue('B', 1003, 'B', 20 + g, 700) from generate_series(1, 3) g \g /dev/null
select t.issue('A', 1001, 'P', 40, 90), t.issue('B', 1003, 'B', 41, null), t.issue('A', 1001, 'B', 42, 300) \g /dev/null
select t.settle('2026-11-21 09:00+07', '[{"ext":"w0","amount":100,"codes":[["B",42]]}]') \g /dev/null

-- Events of A by both accounts, one that pays out, one of yesterday, the second receipt of a charge; of B, one whose payer decides the amount.
create temp table event (o int4, e jsonb);
insert into event values
    (1, '{"ext":"a1","amount":1001,"codes":[["B",1]],"ref":"FT1","balance":77}'), (2, '{"ext":"a2","amount":500,"account":1002,"codes":[["B",11]],"paid_at":"2026-11-21 08:00+07"}'),
    (3, '{"ext":"a3","amount":90,"dir":2,"codes":[["P",40]]}'), (4, '{"ext":"a4","amount":200,"codes":[["B",42]],"ref":"|:x"}'), (5, '{"ext":"a5","amount":500,"account":1002,"codes":[["B",12]]}'),
    (6, '{"ext":"b1","amount":701,"account":1003,"codes":[["B",41]]}'), (7, '{"ext":"b2","amount":700,"account":1003,"codes":[["B",21]]}'),
    (8, '{"ext":"x","amount":700,"account":7,"codes":[["B",22]]}');

-- Settles in the order given and keeps what is there then: rows without what depends on their place in the batch (ids, addresses, links).
create function pg_temp.written(p_order int4[], p_alone int4[] default null) returns jsonb language plpgsql as $$
declare
    v_all jsonb;
begin
    begin
        if p_alone is null then
            perform t.settle('2027-01-02 09:00+07', (select jsonb_agg(e.e order by array_position(p_order, e.o)) from event e where e.o = any (p_order)));
        else -- one after the other, each with the events p_alone
            perform t.settle('2027-01-02 09:00+07', (select jsonb_agg(e.e order by e.o) from event e where e.o = a or e.o = any (p_alone))) from unnest(p_order) a;
        end if;
        select jsonb_build_object(
            'transfer', (select jsonb_agg(to_jsonb(x) - '{event_id,rid,chain}'::text[] || jsonb_build_object('linked', x.chain is not null) order by x.org_id, x.seq) from khop.transfer x),
            'charge', (select jsonb_agg(to_jsonb(x) order by x.code_no) from khop.charge_due x),
            'total', (select jsonb_agg(to_jsonb(x) order by x.org_id, x.day, x.debit, x.credit) from khop.day_total x),
            'head', (select jsonb_agg(to_jsonb(x) - 'chain' order by x.org_id) from khop.org_head x),
            'notice', (select jsonb_agg(to_jsonb(n) - 'notice_id' || jsonb_build_object('ext', x.ext_id) order by x.ext_id)
                         from khop.notice n join khop.transfer x on x.event_id = n.notice_id),
            'exception', (select count(*) from khop.exception),
            'id', (select jsonb_agg(x.ext_id order by x.event_id) from khop.transfer x),
            'broken', (select jsonb_agg(i) from audit.invariants() i)) into v_all;
        raise exception using errcode = 'KH001';
    exception when sqlstate 'KH001' then
        null;
    end;
    return v_all;
end $$;
create temp table way (name text, rows jsonb);
insert into way values ('plain', pg_temp.written('{1,2,3,4,5,6,7}')), ('mixed', pg_temp.written('{1,6,2,3,4,7,5}')), ('general', pg_temp.written('{1,2,3,4,5,6,7,8}')),
    ('alone', pg_temp.written('{1,2,3,4,5,6,7}', '{}')), ('alone, general', pg_temp.written('{1,2,3,4,5,6,7}', '{8}'));

select is((select rows -> 'id' from way where name = 'plain'), '["w0", "a1", "a2", "a3", "a4", "a5", "b1", "b2"]', 'ids follow the order given');
select is((select rows -> 'id' from way where name = 'general'), '["w0", "a1", "a2", "a3", "a4", "a5", "b1", "b2"]', 'both ways');
select is((select rows -> 'id' from way where name = 'alone'), (select rows -> 'id' from way where name = 'alone, general'), 'alone, too');
select is((select rows -> 'id' from way where name = 'mixed'), '["w0", "a1", "b1", "a2", "a3", "a4", "b2", "a5"]', 'whatever it is');
select is(p.rows -> k, g.rows -> k, p.name || ': ' || k) from way p, way g, unnest(array['transfer', 'charge', 'total', 'head', 'notice']) k where (p.name, g.name) in (('plain', 'general'), ('mixed', 'general'), ('alone', 'alone, general'));
select is((select array_agg(rows ->> 'exception') from way), '{1,1,1,1,1}', 'nothing but what was there waits for a person');
select is((select array_agg(rows ->> 'broken') from way), array[null, null, null, null, null], 'the books are right both ways');
select * from finish();
rollback;
