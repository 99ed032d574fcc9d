-- Signing in step by step: passwords, second factors, sessions, invitations, what an administrator may do, the first start.
begin;
\ir lib/books.psql
select plan(91);
create function pg_temp.h(p_text text) returns bytea language sql immutable as $$ select sha256(convert_to(p_text, 'UTF8')) $$;
create function pg_temp.at(p_time text) returns timestamptz language sql immutable as $$ select ('2026-11-22 ' || p_time || '+07')::timestamptz $$;
-- Signs in with the right or a wrong password: the answer, the waiting time of a refusal.
create function pg_temp.sign_in(p_login text, p_at timestamptz, p_match bool, p_secret text default 'x', p_required bool default true, p_device_user int8 default null)
returns text language plpgsql as $$
declare
    b record;
    e record;
begin
    select * into b from khop.sign_in_begin(p_at, p_login, p_device_user, case when p_device_user is not null then '\x01'::bytea end);
    if b.rc <> 0 then
        return b.rc || ' ' || b.wait_s;
    end if;
    select * into e from khop.sign_in_end(p_at, b.user_id, b.budget, p_match and b.password is not null, null, null, pg_temp.h(p_secret), hashtext(p_secret || p_at)::int8 & 1048575,
        p_required, '203.0.113.5', 'agent', 'req');
    return concat_ws(' ', e.rc, e.next, e.role);
end $$;
create function pg_temp.proof(p_secret text, p_at timestamptz, p_step int8, p_recovery text, p_password bool, p_new text) returns text language plpgsql as $$
declare
    b record;
begin
    select * into b from khop.proof_begin(pg_temp.h(p_secret), p_at);
    if b.rc <> 0 then
        return concat_ws(' ', b.rc, b.wait_s);
    end if;
    return (select e.rc from khop.proof_end(pg_temp.h(p_secret), p_at, p_step, pg_temp.h(p_recovery), p_password, pg_temp.h(p_new), 'req') e);
end $$;

-- The first start.
select is((select rc from khop.setup_show(pg_temp.at('07:00'), pg_temp.h('code')))::int, -6, 'without a code nobody learns anything');
select is((select rc from khop.setup_offer(pg_temp.at('07:00'), pg_temp.h('code')))::int, 0, 'a code');
select is((select string_agg(name, ' ') from khop.setup_show(pg_temp.at('07:01'), pg_temp.h('code'))), 'A B C', 'shows where an administrator may be made');
select is((select rc from khop.setup_show('2026-11-23 07:00+07', pg_temp.h('code')))::int, -6, 'for a day');
create function pg_temp.setup(p_code text, p_org int8, p_new text) returns text language sql as $$
    select concat_ws(' ', rc, next) from khop.setup_finish(pg_temp.at('07:05'), pg_temp.h(p_code), 77, 'lan', 'Lan', 'phc', 1::int2, p_org, 99, 'Chợ Bản', 'market', p_new, 2,
        pg_temp.h('s0'), 5000, true, '127.0.0.1', 'agent', 'req') $$;
select is(pg_temp.setup('other', 100, null), '-6', 'another code does nothing');
select is(pg_temp.setup('code', null, 'SL-A'), '-5', 'two organisations have not one code');
select is(pg_temp.setup('code', 12345, null), '-4', 'nor is an organisation made up');
select is(pg_temp.setup('code', 100, null), '0 enrol', 'the first administrator owes a second factor');
select is(pg_temp.setup('code', 100, null), '-4', 'there is one first');
select is((select rc from khop.setup_offer(pg_temp.at('07:06'), pg_temp.h('code')))::int, -5, 'and no other code');
select is((select rc from khop.setup_show(pg_temp.at('07:06'), pg_temp.h('code')))::int, -4, 'nor does the old one show anything');

-- The second factor.
select is((select format('%s %s %s %s', rc, stage, totp, needs_factor) from khop.session_self(pg_temp.h('s0'), pg_temp.at('07:06'), true)), '0 1 f t', 'who has signed in halfway');
select is((select rc from khop.login(pg_temp.h('s0'), pg_temp.at('07:06'), 511))::int, -6, 'may do nothing');
select is((select rc from khop.session_list(pg_temp.h('s0'), pg_temp.at('07:06')))::int, -6, 'not even look at sessions');
select is((select rc from khop.password_change(pg_temp.h('s0'), pg_temp.at('07:06'), true, 'x', 1::int2, pg_temp.h('s1'), null))::int, -6, 'or change the password');
select is((select rc from khop.factor_set(pg_temp.h('s0'), pg_temp.at('07:07'), 'sealed', 100, array[pg_temp.h('r1'), pg_temp.h('r2')], pg_temp.h('s1'), 'req'))::int, 0, 'but set up the factor');
select is((select rc from khop.login(pg_temp.h('s0'), pg_temp.at('07:07'), 8))::int, -6, 'the old secret is dead');
select is((select format('%s %s %s', rc, org_id, token_id) from khop.login(pg_temp.h('s1'), pg_temp.at('07:07'), 8)), '0 100 77', 'the new one is the administrator');
select is(pg_temp.sign_in('lan', pg_temp.at('07:08'), true, 's2'), '0 factor administrator', 'the next time the code is asked for');
select is((select rc from khop.factor_set(pg_temp.h('s2'), pg_temp.at('07:08'), 'mine', 100, '{}', pg_temp.h('s3'), 'req'))::int, -6, 'not another factor set up');
select is(pg_temp.proof('s2', pg_temp.at('07:08'), 100, null, null, 's3'), '-6', 'no step counts twice');
select is(pg_temp.proof('s2', pg_temp.at('07:08'), null, null, true, 's3'), '-6', 'no password in place of it');
select is(pg_temp.proof('s2', pg_temp.at('07:08'), null, 'r9', null, 's3'), '-6', 'no recovery code of others');
select is(pg_temp.proof('s2', pg_temp.at('07:08'), 101, null, null, 's3'), '0', 'the code completes it');
select is((select rc from khop.login(pg_temp.h('s3'), pg_temp.at('07:08'), 8))::int, 0, 'and it may act');
select is((select rc from khop.session_self(pg_temp.h('s2'), pg_temp.at('07:08'), true))::int, -6, 'with a new secret only');
select is(pg_temp.proof('s3', pg_temp.at('07:09'), null, 'r1', null, 's4'), '0', 'a recovery code proves it, too');
select is(pg_temp.proof('s4', pg_temp.at('07:09'), null, 'r1', null, 's5'), '-6', 'once');
select is((select recovery_left from khop.session_self(pg_temp.h('s4'), pg_temp.at('07:09'), true)), 1, 'one is left');
select string_agg(pg_temp.proof('s4', pg_temp.at('07:10'), 101, null, null, 's5'), ' ') as wrong from generate_series(1, 4) \gset
select is(:'wrong'::text, '-6 -6 -6 -6', 'four more that are wrong');
select is(pg_temp.proof('s4', pg_temp.at('07:10'), 102, null, null, 's5'), '-13 900', 'then a quarter of an hour nothing, not even the right one');
select is(pg_temp.sign_in('lan', pg_temp.at('07:11'), true, 's6'), '0 factor administrator', 'another session');
select is(pg_temp.proof('s6', pg_temp.at('07:11'), 102, null, null, 's7'), '-13 840', 'does not help');
select is(pg_temp.proof('s6', pg_temp.at('07:25:30'), 102, null, null, 's7'), '0', 'later it does');

-- Step-up.
select is((select rc from khop.invite(pg_temp.h('s7'), pg_temp.at('07:30:31'), 1, pg_temp.h('i'), 'mai', 'Mai', 'accountant', null))::int, -14, 'stale: an administrator proves first that he is there');
select is((select rc from khop.factor_remove(pg_temp.h('s7'), pg_temp.at('07:30:31'), true, pg_temp.h('s8'), null))::int, -14, 'also to change himself');
select is(pg_temp.proof('s7', pg_temp.at('07:30:31'), 103, null, null, 's8'), '0', 'proved');
select is((select rc from khop.factor_remove(pg_temp.h('s8'), pg_temp.at('07:30:40'), true, pg_temp.h('s9'), null))::int, -5, 'but a role needs its factor');

-- Invitations.
select is((select format('%s %s', rc, expires_at) from khop.invite(pg_temp.h('s8'), pg_temp.at('07:31'), 1, pg_temp.h('i1'), 'mai', 'Mai', 'accountant', null)), '0 2026-11-29 00:31:00+00', 'an invitation');
select is((select rc from khop.invite(pg_temp.h('s8'), pg_temp.at('07:31'), 2, pg_temp.h('i2'), 'mai', 'Mai', 'director', null))::int, -1, 'not as anything');
select is((select format('%s %s %s %s %s', rc, login, role, org_name, known) from khop.invitation_show(pg_temp.h('i1'), pg_temp.at('07:32'))), '0 mai accountant A f', 'who has the link sees it');
select is((select rc from khop.invitation_show(pg_temp.h('i1'), '2026-11-29 07:31+07'))::int, -4, 'for a week');
create function pg_temp.accept(p_link text, p_secret text, p_new text, p_random int8 default 88, p_required bool default true) returns text language sql as $$
    select concat_ws(' ', rc, next) from khop.invitation_accept(pg_temp.h(p_link), pg_temp.at('07:33'), pg_temp.h(p_secret), p_random, 'phc', 1::int2, pg_temp.h(p_new),
        p_random + 10000, p_required, '203.0.113.6', 'agent', 'req') $$;
select is(pg_temp.accept('i9', null, 'm0'), '-4', 'no such link');
select is(pg_temp.accept('i1', null, 'm0'), '0 enrol', 'accepted');
select is(pg_temp.accept('i1', null, 'm0'), '-4', 'once');
select is((select rc from khop.factor_set(pg_temp.h('m0'), pg_temp.at('07:34'), 'sealed', 200, '{}', pg_temp.h('m1'), 'req'))::int, 0, 'with a second factor');
select is((select format('%s %s', rc, token_id) from khop.login(pg_temp.h('m1'), pg_temp.at('07:34'), 4)), '0 88', 'an accountant');
select is((select rc from khop.login(pg_temp.h('m1'), pg_temp.at('07:34'), 8 | 16))::int, -7, 'no more than that');
select is((select rc from khop.invite(pg_temp.h('s8'), pg_temp.at('07:34'), 3, pg_temp.h('i3'), 'mai', 'Mai', 'accountant', null))::int, -5, 'who is that already is not invited');
select is((select rc from khop.invite(pg_temp.h('s8'), pg_temp.at('07:34'), 3, pg_temp.h('i3'), 'mai', 'Mai', 'auditor', null))::int, 0, 'but to something else');
select is(pg_temp.accept('i3', null, 'm2'), '-5', 'which only she can accept');
select is(pg_temp.accept('i3', 's8', 'm2'), '-6', 'not he');
select is(pg_temp.accept('i3', 'm1', 'm2'), '0 here', 'where she has signed in');
select is((select string_agg(role, ' ') from khop.session_show(pg_temp.h('m1'), pg_temp.at('07:34'))), 'accountant auditor', 'she is two things');
select is((select concat_ws(' ', rc, next) from khop.session_switch(pg_temp.h('m1'), pg_temp.at('07:34'), 100, 'principal', true, pg_temp.h('m2'), null)), '-4', 'not a third');
select is((select concat_ws(' ', rc, next) from khop.session_switch(pg_temp.h('m1'), pg_temp.at('07:34'), 100, 'auditor', true, pg_temp.h('m2'), null)), '0 done', 'and goes on as the other');
select is((select rc from khop.login(pg_temp.h('m2'), pg_temp.at('07:34'), 4))::int, -7, 'with its rights only');
select is((select rc from khop.invitation_end(pg_temp.h('s8'), pg_temp.at('07:34'), 3, null))::int, -4, 'a used invitation does not end');
select is((select rc from khop.invite(pg_temp.h('s8'), pg_temp.at('07:34'), 4, pg_temp.h('i4'), 'ban', 'Bán', 'vendor', null))::int, 0, 'a vendor');
select is((select string_agg(format('%s %s %s', login, role, created_by), ', ') from khop.invitation_list(pg_temp.h('s8'), pg_temp.at('07:34'))), 'ban vendor Lan', 'open invitations');
select is(pg_temp.accept('i4', null, 'b1', 99), '0 done', 'needs no second factor');

-- What an administrator may do to whom.
select is((select rc from khop.user_list(pg_temp.h('b1'), pg_temp.at('07:34'), null, null, 10))::int, -7, 'a vendor sees nobody');
select is((select string_agg(format('%s %s', login, roles), ', ') from khop.user_list(pg_temp.h('s8'), pg_temp.at('07:34'), null, null, 10)), 'ban vendor, lan administrator, mai accountant,auditor', 'the people of an organisation');
select khop.user_create(pg_temp.at('07:34'), 55, 'mai', 'Mai', 'other', 1::int2, 200, 'accountant') \g /dev/null
select is((select password from khop.app_user where login = 'mai'), 'phc', 'the operator adds a role, and leaves the password');
select is((select rc from khop.user_disable(pg_temp.h('s8'), pg_temp.at('07:34'), 88, true, null))::int, -1, 'who is of two organisations is not disabled by one');
select is((select rc from khop.user_reset(pg_temp.h('s8'), pg_temp.at('07:34'), 6, pg_temp.h('x1'), 88, null))::int, -1, 'nor gets a new password from it');
select is((select rc from khop.user_factor_reset(pg_temp.h('s8'), pg_temp.at('07:34'), 88, null))::int, -1, 'nor loses the factor');
select is((select rc from khop.user_role_end(pg_temp.h('s8'), pg_temp.at('07:34'), 88, 'auditor', null))::int, 0, 'but a role of it');
select is((select rc from khop.login(pg_temp.h('m2'), pg_temp.at('07:34'), 511))::int, -6, 'which ends her sessions');
select is((select rc from khop.user_role_end(pg_temp.h('s8'), pg_temp.at('07:34'), 77, 'administrator', null))::int, -5, 'the last administrator stays');
select is((select rc from khop.user_disable(pg_temp.h('s8'), pg_temp.at('07:34'), 77, true, null))::int, -5, 'and does not disable himself');
select is((select rc from khop.user_disable(pg_temp.h('s8'), pg_temp.at('07:34'), 99, true, null))::int, 0, 'a vendor is disabled');
select is((select rc from khop.login(pg_temp.h('b1'), pg_temp.at('07:34'), 32))::int, -6, 'and out');
select is(pg_temp.sign_in('ban', pg_temp.at('07:34'), true, 'b2'), '-6', 'and does not come in');
select is((select rc from khop.user_disable(pg_temp.h('s8'), pg_temp.at('07:34'), 99, false, null))::int, 0, 'until he may again');
select is((select format('%s %s', rc, login) from khop.user_reset(pg_temp.h('s8'), pg_temp.at('07:34'), 7, pg_temp.h('x2'), 99, null)), '0 ban', 'a reset');
select is(pg_temp.accept('x2', null, 'b3', 101), '0 done', 'is a link, too');
select is((select rc from khop.user_role_add(pg_temp.h('s8'), pg_temp.at('07:34'), 88, 'principal', null))::int, 0, 'another role');
select is((select rc from khop.user_role_add(t.token('B'), pg_temp.at('07:34'), 99, 'principal', null))::int, -4, 'not to people of others');

-- Limits: five, then longer and longer; names that nobody has are answered alike; a known device has its own.
select string_agg(pg_temp.sign_in('mai', pg_temp.at('09:00'), false), ' ') as wrong from generate_series(1, 5) \gset
select is(:'wrong'::text, '-6 -6 -6 -6 -6', 'five wrong passwords');
select is(pg_temp.sign_in('mai', pg_temp.at('09:00:30'), true), '-13 30', 'then a minute');
select is(pg_temp.sign_in('mai', pg_temp.at('09:00:30'), true, 'd1', true, 88), '0 factor accountant', 'not for a device that she has signed in from');
select is(pg_temp.sign_in('mai', pg_temp.at('09:00:30'), false, 'd1', true, 77), '-13 30', 'nor for that of somebody else');
select is(pg_temp.sign_in('mai', pg_temp.at('09:01'), false) || pg_temp.sign_in('mai', pg_temp.at('09:01'), true) || pg_temp.sign_in('mai', pg_temp.at('09:03'), false)
    || pg_temp.sign_in('mai', pg_temp.at('09:03'), true), '-6-13 120-6-13 240', 'then two, then four');
select string_agg(pg_temp.sign_in('nobody', pg_temp.at('09:00'), true), ' ') || ' ' || pg_temp.sign_in('nobody', pg_temp.at('09:00:30'), true) as wrong from generate_series(1, 5) \gset
select is(:'wrong'::text, '-6 -6 -6 -6 -6 -13 30', 'nobody is told apart from somebody');
select string_agg(pg_temp.sign_in('ban', pg_temp.at('10:00') + g * interval '1 minute', true, 'n' || g), ' ' order by g) as many from generate_series(1, 7) g \gset
select is((select count(*) from khop.session where user_id = 99 and ended_at is null)::int, 5, 'five sessions at once');
select is((select count(*) from khop.session_list(pg_temp.h('n7'), pg_temp.at('10:08')))::int, 5, 'as the person sees them');

select is((select distinct object from khop.audit_event where action = 'user.disable'), 'usr_0000000000033', 'objects are named as the API names them');

-- All of it was written down, and nobody can change that unseen.
select is((select string_agg(distinct action, ' ' order by action) from khop.audit_event where org_id = 100),
    'access account.create factor.set login login.factor password.change password.reset password.set session.switch step_up user.disable user.enable user.invite user.join user.role_add user.role_end user.setup', 'events');
select is_empty('select * from audit.invariants()', 'the chain holds');
update khop.audit_event set result = 'ok' where org_id = 100 and seq = (select min(seq) from khop.audit_event where org_id = 100 and result = 'failed');
select is((select array_agg(name) from audit.invariants()), '{audit_chain}', 'until somebody improves it');
select * from finish();
rollback;
