-- Jobs of any kind: parameters instead of a file or beside it, a result, files that come out of them, a stage with its own counter, and a
-- question on the way: a job that has looked at its input waits until somebody says that it shall be done.
set local role khop_owner;

alter table khop.job
    drop constraint job_kind_check, drop constraint job_format_check, drop constraint job_state_check, drop constraint job_check,
    add check (kind ~ '^[a-z][a-z_]{0,31}$'),
    add check (format ~ '^[a-z0-9]{0,16}$'),
    add check (state in ('queued', 'running', 'waiting', 'done', 'failed', 'cancelled')),
    add check (total is null or done <= total),
    alter column format set default '',
    add column params jsonb not null default '{}' check (jsonb_typeof(params) = 'object'),
    add column result jsonb,
    add column stage text check (stage ~ '^[a-z_]{1,32}$'), -- a word that pages translate
    add column urgent bool not null default false,          -- somebody sits and waits for it
    add column takes int4 not null default 0,               -- how often it was taken without getting on
    add column confirmed_at timestamptz,                    -- when somebody said yes to what it had found
    add column confirmed_by int8,
    add column out_name text check (octet_length(out_name) between 1 and 200),
    add column out_type text check (out_type ~ '^[\x20-\x7e]{3,100}$'),
    add column out_size int8 check (out_size >= 0);
grant update (result, stage, takes, confirmed_at, confirmed_by, out_name, out_type, out_size) on khop.job to khop_fn_org;

-- Lines that a job has read and that wait for the yes: what a line says, as its kind likes it. Gone when the job ends.
create table khop.job_line (
    bucket int4 not null,
    job_id int8 not null,
    line int4 not null check (line > 0),
    org_id int8 not null,
    data jsonb not null,
    primary key (bucket, job_id, line)
);

-- The file that comes out of a job, cut anywhere. Kept for a week.
create table khop.job_output (
    bucket int4 not null,
    job_id int8 not null,
    at int8 not null check (at >= 0),
    org_id int8 not null,
    bytes bytea not null check (octet_length(bytes) between 1 and 262144),
    primary key (bucket, job_id, at)
);
alter table khop.job_output alter column bytes set storage external;

select khop.table_protect('khop.job_line'), khop.table_protect('khop.job_output');
grant select, insert, delete on khop.job_line, khop.job_output to khop_fn_org;

alter type khop.job_row add attribute stage text, add attribute result text, add attribute out_name text, add attribute out_type text,
    add attribute out_size int8, add attribute params text;

-- Functions that take or give other things from now on.
do $$
declare
    v_fn regprocedure;
begin
    for v_fn in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'khop'::regnamespace
                   and p.proname in ('job_begin', 'job_chunk', 'job_submit', 'job_claim', 'job_fail') loop
        execute 'drop function ' || v_fn;
    end loop;
end $$;
