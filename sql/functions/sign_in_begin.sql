-- The first half of signing in: whose password is it, and may it be tried? A try of the account is taken, or of the device that the
-- account has signed in from before (p_device, with the user it is known for): so nobody can lock others out for ever. Names that nobody has
-- share budgets, too, and are answered alike; password is NULL then.
-- rc -13: wait so many seconds.
create or replace function khop.sign_in_begin(p_now timestamptz, p_login text, p_device_user int8, p_device bytea)
returns table (rc int2, wait_s int4, budget bytea, user_id int8, password text, pepper int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_user khop.app_user;
begin
    select * into v_user from khop.app_user u
     where u.login = p_login and u.disabled_at is null
       and exists (select 1 from khop.membership m where m.user_id = u.user_id and m.ended_at is null);
    budget := sha256(case when v_user.user_id = p_device_user then convert_to('device ', 'UTF8') || p_device
                          when v_user.user_id is not null then convert_to('user ' || v_user.user_id, 'UTF8')
                          else convert_to('nobody ', 'UTF8') || substr(sha256(convert_to(p_login, 'UTF8')), 1, 2) end);
    wait_s := khop.budget_take(budget, p_now, false);
    rc := case when wait_s > 0 then -13 else 0 end;
    if rc = 0 then
        user_id := v_user.user_id;
        password := v_user.password;
        pepper := v_user.pepper;
    end if;
    return next;
end $f$;
alter function khop.sign_in_begin owner to khop_owner;
revoke all on function khop.sign_in_begin from public;
grant execute on function khop.sign_in_begin to khop_serve;
comment on function khop.sign_in_begin is 'Signing in: whose password it is';
