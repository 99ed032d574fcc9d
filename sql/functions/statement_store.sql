-- Makes a file of the rows that a job has staged: which of them are known lines, which are new; all in one transaction, one file of an account at a time.
-- A row is known by its key (ledger.md §6.4): the bank's reference where that is unique, with the amount; else day, amount, memo, reference and balance. Rows
-- with the same key are numbered in the order of time, so that the k-th equal row of an overlapping file is the k-th stored one, and
-- none is dropped because it looks the same.
-- Another format of the same days says other things of the same lines. Rows that are new by their key are then compared with lines that files of another
-- format or profile brought and that this file has not named: by balance, by memo, by code, then by count of equal amounts of a day.
-- The same file again is not stored: `repeated`, with what is stored. rc -5: the job is this worker's no more.
create or replace function khop.statement_store(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz, p_file_id int8, p_hash bytea, p_size int4,
    p_format text, p_profile text, p_from date, p_to date, p_has_time bool, p_opening int8, p_closing int8)
returns table (rc int2, repeated bool, file_id int8, lines int4, new_lines int4)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set enable_nestloop = off
set enable_mergejoin = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $f$
#variable_conflict use_column
declare
    v_job khop.job;
    v_account int8;
    v_first int8;
    v_last_day date;
    v_last_second int4;
    v_today constant date := (p_now at time zone interval '7 hours')::date;
begin
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    rc := case when v_job.job_id is null then -5 else 0 end;
    if rc <> 0 then
        return next;
        return;
    end if;
    v_account := (v_job.params ->> 'account')::int8;
    perform pg_advisory_xact_lock(hashint8extended(v_account, 6));
    select true, f.file_id, f.lines, f.new_lines into repeated, file_id, lines, new_lines
      from khop.statement_file f where f.bucket = p_bucket and f.account_id = v_account and f.hash = p_hash;
    if repeated then
        delete from khop.statement_stage s where s.bucket = p_bucket and s.job_id = p_job_id;
        return next;
        return;
    end if;
    repeated := false;
    file_id := p_file_id;

    update khop.statement_stage s set key = k.key, line_no = k.line_no
      from (select x.place, x.key, l.line_no
              from (select s.place, encode(substr(sha256(convert_to(s.said || '|' || row_number() over (partition by s.said order by s.place), 'UTF8')), 1,
                  20), 'hex') as key
                      from (select s.place, case when s.by_reference then concat_ws('|', 'r', s.amount, s.reference)
                                                 else concat_ws('|', 'd', s.bank_date - date '2000-01-01', s.amount, coalesce(s.balance_after::text, '-'),
                                                                length(s.memo_key), s.memo_key, s.reference) end as said
                              from khop.statement_stage s where s.bucket = p_bucket and s.job_id = p_job_id) s) x
              left join lateral (select l.line_no from khop.statement_line l where l.bucket = p_bucket and l.account_id = v_account
                  and l.key between x.key and x.key order by l.key limit 1) l on true) k
     where s.bucket = p_bucket and s.job_id = p_job_id and s.place = k.place;
    if exists (select 1 from khop.statement_file f where f.bucket = p_bucket and f.account_id = v_account and (f.format, f.profile) <> (p_format, p_profile)
                  and f.covered_from <= p_to and f.covered_to >= p_from) then
        for v_by in 1 .. 4 loop
            perform khop.statement_same(p_bucket, p_job_id, v_account, p_format, p_profile, p_from, p_to, v_by);
        end loop;
    end if;

    select coalesce(max(l.line_no), 0) into v_first
      from (select l.line_no from khop.statement_line l where l.bucket = p_bucket and l.account_id = v_account order by l.line_no desc limit 1) l;
    update khop.statement_stage s set line_no = - (v_first + n.n) -- below 0: new
      from (select s.place, row_number() over (order by s.place) as n from khop.statement_stage s
             where s.bucket = p_bucket and s.job_id = p_job_id and s.line_no is null) n
     where s.bucket = p_bucket and s.job_id = p_job_id and s.place = n.place;
    insert into khop.statement_line (bucket, account_id, line_no, org_id, bank_date, second, amount, balance_after, code_no, file_id, file_row, by_reference,
           reversal, key, reference, memo, memo_key, codes, hows, counter_name, counter_account, counter_bank, counter_hash)
    select p_bucket, v_account, - s.line_no, v_job.org_id, s.bank_date, s.second, s.amount, s.balance_after, s.code_no, p_file_id, s.file_row, s.by_reference,
           s.reversal, s.key, s.reference, s.memo, s.memo_key, s.codes, s.hows, s.counter_name, s.counter_account, s.counter_bank, s.counter_hash
      from khop.statement_stage s where s.bucket = p_bucket and s.job_id = p_job_id and s.line_no < 0 order by s.place;
    get diagnostics new_lines = row_count;
    insert into khop.statement_row (bucket, file_id, place, org_id, account_id, line_no, sum)
    select p_bucket, p_file_id, s.place, v_job.org_id, v_account, abs(s.line_no), sum(s.amount) over (order by s.place)
      from khop.statement_stage s where s.bucket = p_bucket and s.job_id = p_job_id;
    get diagnostics lines = row_count;

    -- A file of days that are over has all of them. One of today ends with its last line, or, when lines have no times, with yesterday.
    select s.bank_date, s.second into v_last_day, v_last_second from khop.statement_stage s
     where s.bucket = p_bucket and s.job_id = p_job_id order by s.place desc limit 1;
    insert into khop.statement_file (bucket, file_id, org_id, account_id, hash, size, format, profile, covered_from, covered_to, covered_until, opening, closing,
           lines, new_lines, credit, debit, stored_at, stored_by, job_id)
    select p_bucket, p_file_id, v_job.org_id, v_account, p_hash, p_size, p_format, p_profile, p_from, p_to,
           case when p_to < v_today then (p_to + 1)::timestamp at time zone interval '7 hours'
                when p_has_time then (v_last_day + make_interval(secs => v_last_second))::timestamp at time zone interval '7 hours'
                else least(p_to, v_today)::timestamp at time zone interval '7 hours' end,
           p_opening, p_closing, lines, new_lines, coalesce(sum(s.amount) filter (where s.amount > 0), 0), coalesce(- sum(s.amount) filter (where s.amount < 0), 0),
           p_now, v_job.created_by, p_job_id
      from khop.statement_stage s where s.bucket = p_bucket and s.job_id = p_job_id;
    insert into khop.statement_piece (bucket, file_id, at, org_id, bytes)
    select p_bucket, p_file_id, c.at, v_job.org_id, c.bytes from khop.job_chunk c where c.bucket = p_bucket and c.job_id = p_job_id;
    delete from khop.statement_stage s where s.bucket = p_bucket and s.job_id = p_job_id;
    return next;
end $f$;
alter function khop.statement_store owner to khop_fn_settle;
revoke all on function khop.statement_store from public;
grant execute on function khop.statement_store to khop_jobs;
comment on function khop.statement_store is 'Makes a file of the staged rows of a statement: known lines and new ones';
