-- One journal row as the text that is hashed: every stored column of transfer but the chain, and of the receipt it gave. Numbers are
-- decimal, dates day numbers, times microseconds since 2000 in hex (arithmetic with epochs cost five times as much), bytes hex, texts
-- preceded by their length, NULL a dash: nothing that DateStyle, time zone or locale can change. Columns that came later stand behind, each with
-- a letter, and only where they have a value, so that older rows keep their text. Writers of the books write with it, verification
-- recomputes with it.
-- Plain SQL without rights of its own, so that it is inlined; it reads no table. (STABLE, because concat_ws is.)
create or replace function khop.journal_line(
    bucket int4, org_id int8, seq int8, booked_on date, debit int4, credit int4, amount int8, kind int2, event_id int8, of_seq int8,
    recorded_at timestamptz,
    account_id int8, provider int2, ext_id text, notice_id int8, direction int2, outcome int2, how int2, code_no int4, body_hash bytea,
    paid_at timestamptz, reference text, balance_after int8, receipt_year int2, receipt_no int4, rid bytea, key_no int2,
    payer_id int8, to_code int4, actor int8, match_id int8, other_seq int8 default null)
returns text language sql stable as $f$
    select concat_ws('|', bucket, org_id, seq, booked_on - date '1970-01-01', debit, credit, amount, kind, event_id,
        coalesce(of_seq::text, '-'), encode(timestamptz_send(recorded_at), 'hex'),
        coalesce(account_id::text, '-'), coalesce(provider::text, '-'), coalesce(length(ext_id) || ':' || ext_id, '-'),
        coalesce(notice_id::text, '-'), coalesce(direction::text, '-'), coalesce(outcome::text, '-'), coalesce(how::text, '-'),
        coalesce(code_no::text, '-'), coalesce(encode(body_hash, 'hex'), '-'),
        coalesce(encode(timestamptz_send(paid_at), 'hex'), '-'), coalesce(length(reference) || ':' || reference, '-'),
        coalesce(balance_after::text, '-'), coalesce(receipt_year::text, '-'), coalesce(receipt_no::text, '-'),
        coalesce(encode(rid, 'hex'), '-'), coalesce(key_no::text, '-'),
        'p' || payer_id, 't' || to_code, 'a' || actor, 'm' || match_id, 'o' || other_seq)
$f$;
alter function khop.journal_line owner to khop_owner;
revoke all on function khop.journal_line from public;
grant execute on function khop.journal_line to khop_fn_settle;
comment on function khop.journal_line is 'Canonical text of a journal row and its receipt: what links of the chain hash';
