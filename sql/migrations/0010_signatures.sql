-- Signatures of receipts, made after the settlement by a follower of the journal (design.md §6). What is signed is a pure function of
-- the receipt and its key; so of the bytes of a signed receipt only the signature is kept: 64 bytes a receipt, those with
-- consecutive numbers in one row. The n-th 64 bytes sign the receipt first_no + n - 1.
set local role khop_owner;

create table khop.receipt_signature (
    bucket int4 not null,
    year int4 not null,
    org_id int8 not null,
    signed_at timestamptz not null,
    first_no int4 not null,
    signatures bytea not null check (octet_length(signatures) > 0 and octet_length(signatures) % 64 = 0),
    primary key (bucket, org_id, year, first_no)
);
alter table khop.receipt_signature alter column signatures set storage external; -- no two bytes of it are alike, and it is read in slices

select khop.table_protect('khop.receipt_signature');
grant select, insert on khop.receipt_signature to khop_fn_settle;
grant select on khop.receipt_signature to khop_fn_org;

-- How far the follower is stands in khop.outbox, topic 2: next_seq is the first transfer that it has not seen.
grant select, insert on khop.outbox to khop_fn_settle;
grant update (next_seq) on khop.outbox to khop_fn_settle;

-- What is signed of a receipt, with the key that signs it and, where it has been made, the signature. rc <> 0: nothing else is set.
create type khop.receipt_content as (
    rc int2, bucket int4, org_id int8, seq int8, org_code text, year int4, no int8, rid bytea, code_no int4, amount int8, paid_at timestamptz,
    issued_at timestamptz, kid text, iss text, signature bytea
);
