create or replace function khop.fail_maybe() returns void language plpgsql as $f$
declare
    v_fault khop.fault;
begin
    select * into v_fault from khop.fault;
    if v_fault.times > 0 and nextval('khop.fault_seq') <= v_fault.times then
        raise exception 'as ordered' using errcode = v_fault.state;
    end if;
end $f$;
