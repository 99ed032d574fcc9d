-- Work that is too long for a request: its state, its input in pieces, its results. Pieces hold people's names, so they go
-- when the job ends. One process at a time works on a job: it holds a lease, and every step it stores shows it its own row.
set local role khop_owner;

create table khop.job (
    bucket int4 not null,
    job_id int8 not null,
    org_id int8 not null,
    kind text not null check (kind in ('codes')),
    format text not null check (format in ('csv', 'jsonl')),
    state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
    size int4 not null check (size >= 0), -- bytes of input
    total int4 check (total >= 0),        -- lines; NULL until all of them have been checked
    done int4 not null default 0 check (done >= 0),
    part int4 check (part > 0),           -- lines that one transaction issues
    first_id int8,                        -- line n, from 1, becomes charge first_id + n: ascending ids stay together in their indexes
    created_at timestamptz not null,
    created_by int8 not null,
    started_at timestamptz,
    finished_at timestamptz,
    worker int8,                          -- who holds the lease
    lease_until timestamptz,
    key_hash bytea not null check (octet_length(key_hash) = 32),
    request_hash bytea not null,
    error jsonb,                          -- of a failed job: {"count", "errors": [{"line", "pointer", "code", "detail"}]}
    primary key (bucket, job_id),
    check (done <= coalesce(total, 0))
) with (fillfactor = 70);
create unique index job_key on khop.job (bucket, org_id, key_hash);
-- What waits or is being worked on: a handful of rows.
create index job_open on khop.job (created_at) where state in ('queued', 'running');

-- The input as it was sent, cut anywhere. `at` is the place of its first byte.
create table khop.job_chunk (
    bucket int4 not null,
    job_id int8 not null,
    at int4 not null check (at >= 0),
    org_id int8 not null,
    bytes bytea not null check (octet_length(bytes) between 1 and 262144),
    created_at timestamptz not null,
    primary key (bucket, job_id, at)
);
alter table khop.job_chunk alter column bytes set storage external;

-- What has been done of a job: the lines behind `first`, as many as a part has. Parts may be worked on side by side; none is
-- done twice.
create table khop.job_part (
    bucket int4 not null,
    job_id int8 not null,
    first int4 not null check (first >= 0),
    org_id int8 not null,
    primary key (bucket, job_id, first)
);

do $$
declare
    v_table text;
    v_own constant text := $own$org_id = any ((select string_to_array(current_setting('khop.orgs', true), ','))::int8[])$own$;
begin
    foreach v_table in array array['khop.job', 'khop.job_chunk', 'khop.job_part'] loop
        execute format('alter table %s enable row level security', v_table);
        execute format('alter table %s force row level security', v_table);
        execute format('create policy books on %s to khop_owner, khop_fn_settle using (true) with check (true)', v_table);
        execute format('create policy own_org on %1$s to khop_fn_org using (%2$s) with check (%2$s)', v_table, v_own);
    end loop;
end $$;
grant select, insert on khop.job, khop.job_part to khop_fn_org;
grant select, insert, delete on khop.job_chunk to khop_fn_org;
grant update (state, total, done, part, first_id, finished_at, error) on khop.job to khop_fn_org;

-- What the functions about a job answer. rc <> 0: nothing else is set.
create type khop.job_row as (
    rc int2, repeated bool, job_id int8, kind text, state text, total int4, done int4, created_at timestamptz,
    started_at timestamptz, finished_at timestamptz, error text
);
