-- Codes that are asked for at the same time: who goes the short way gets what code_issue would have answered, who does not leaves nothing behind.
begin;
\ir lib/books.psql
select plan(14);
select t.payer('A', 701), t.issue('A', 1001, 'B', 50, 1000) \g /dev/null
select token_create from khop.token_create('2026-11-01', 901, 100, sha256('reader'), 1, 'test', '2026-12-01') \g /dev/null

create temp table ask (place serial, what text, token bytea default t.token('A'), key text, account int8 default 1001, kind text default 'B', code int4, amount int8 default 300,
    label text default 'tien', ref text, name text, class text, due date, expires timestamptz);
create function pg_temp.hash(p text) returns bytea language sql as $$ select sha256(convert_to(p, 'UTF8')) $$;
create function pg_temp.alone(a ask) returns setof khop.code_row language sql as $$
    select * from khop.code_issue(a.token, '2026-11-22 09:00+07', pg_temp.hash(a.key), pg_temp.hash('r'), 5000 + a.place, substr(pg_temp.hash(a.key || a.place), 1, 16), a.account, a.kind,
        array[a.code, a.code + 1], a.amount, a.label, a.ref, a.name, null, null, null, a.due, a.expires, a.class) $$;
create function pg_temp.together() returns setof khop.code_row language sql as $$
    select c.* from (select array_agg(token order by place) as token, array_agg(timestamptz '2026-11-22 08:30+07' order by place) as now, array_agg(pg_temp.hash(key) order by place) as key,
        array_agg(pg_temp.hash('r') order by place) as request, array_agg(5000::int8 + place order by place) as random,
        array_agg(substr(pg_temp.hash(key || place), 1, 16) order by place) as pay_token, array_agg(account order by place) as account, array_agg(kind order by place) as kind,
        array_agg(code order by place) as code, array_agg(amount order by place) as amount, array_agg(label order by place) as label, array_agg(ref order by place) as ref,
        array_agg(name order by place) as name, array_agg(class order by place) as class, array_agg(due order by place) as due, array_agg(expires order by place) as expires from ask) a,
      lateral khop.codes_issue(a.token, a.now, a.key, a.request, a.random, a.pay_token, a.account, a.kind, a.code, a.amount, a.label, a.ref, a.name, a.class, a.due, a.expires) c $$;

insert into ask (what, key, code, ref, name, class, due, expires) values ('plain', 'k1', t.code('B', 1), 'HS1', 'Lò Thị C', '5A', '2026-11-20', '2027-01-01');
insert into ask (what, key, kind, code, amount, label) values ('of a stall, no amount', 'k2', 'C', t.code('C', 2), null, null);
insert into ask (what, key, token, account, code) values ('of another organisation', 'k1', t.token('B'), 1003, t.code('B', 3));
insert into ask (what, key, code, ref) values ('- a payer of the list', 'k4', t.code('B', 4), 'HS-701');
insert into ask (what, key, code) values ('- the key of the first', 'k1', t.code('B', 5));
insert into ask (what, key, code) values ('- a taken number', 'k6', t.code('B', 50));
insert into ask (what, key, code, account) values ('- an account of others', 'k7', t.code('B', 7), 1003);
insert into ask (what, key, code, kind) values ('- a payout', 'k8', t.code('P', 8), 'P');
insert into ask (what, key, code, kind) values ('- a number of another kind', 'k9', t.code('B', 9), 'C');
insert into ask (what, key, code, token) values ('- nobody''s token', 'k10', t.code('B', 10), '\x00');
insert into ask (what, key, code, token) values ('- one that only reads', 'k11', t.code('B', 11), sha256('reader'));
insert into ask (what, key, code) values ('the last', 'k12', t.code('B', 12));
select count(*) as keys from khop.idempotency \gset
create temp table got as select row_number() over () as row, g.* from pg_temp.together() g;

select is((select array_agg(a.what order by g.row) from got g join ask a using (place)), array['plain', 'of a stall, no amount', 'of another organisation', 'the last'], 'who gets a row, in order');
select is((select count(*) - :keys from khop.idempotency)::int, 4, 'a key is kept for each of them, and for nobody else');
select is((select string_agg(t, ' ' order by t) from (select 'charge' as t from khop.charge c where c.charge_id & 65535 between 5001 and 5012 union all
    select 'due' from khop.charge_due c where c.charge_id & 65535 between 5001 and 5012 union all select 'party' from khop.party c where c.charge_id & 65535 between 5001 and 5012) x),
    'charge charge charge charge due due due due party', 'and nothing else is written');
select results_eq($$ select to_jsonb(g) - 'row' - 'place' - 'repeated' from got g order by g.place $$,
    $$ select to_jsonb(c) - 'place' - 'repeated' from ask a, lateral pg_temp.alone(a) c where a.what not like '-%' order by a.place $$, 'a repeat by itself gets the same');
select ok((select bool_and(c.repeated) from ask a, lateral pg_temp.alone(a) c where a.what not like '-%'), 'as a repeat');
select is((select array_agg(format('%s %s', c.rc, c.repeated) order by a.place) from ask a, lateral pg_temp.alone(a) c where a.what like '-%'),
    array['0 f', '0 t', '0 f', '-4 ', '0 f', '-1 ', '-6 ', '-7 '], 'the others come by themselves');
select is((select count(*)::int from pg_temp.together()), 0, 'asked again, nobody goes the short way');
select is((select string_agg(c.code_no::text, ' ') from khop.charge_due c where c.charge_id & 65535 = 5006), t.code('B', 51)::text, 'the taken number was passed over');
select is((select count(*)::int from khop.codes_issue('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')), 0, 'no ask, no row');

-- One alone is the same; two of one call with one number: the first has it.
delete from ask;
insert into ask (what, key, code) values ('alone', 'k20', t.code('B', 20));
select is((select array_agg(rc || ' ' || code_no - t.code('B', 0)) from pg_temp.together()), array['0 20'], 'one alone');
insert into ask (what, key, code) values ('first', 'k21', t.code('B', 21)), ('second', 'k22', t.code('B', 21));
select is((select count(*)::int from pg_temp.together()), 1, 'a number is given once');
select is((select array_agg(c.rc order by a.place) from ask a, lateral pg_temp.alone(a) c), array[0, 0, 0]::int2[], 'and the other one is issued by itself');
select is((select count(distinct code_no)::int from khop.charge where label = 'tien'), (select count(*)::int from khop.charge where label = 'tien'), 'no code stands for two');
select is_empty('select * from audit.invariants()', 'the books are right');
select * from finish();
rollback;
