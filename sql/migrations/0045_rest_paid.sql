-- What was paid short closes itself when the rest has come, and asks again when the rest is taken back.
set local role khop_owner;
create index exception_short on khop.exception (bucket, exception_id) where state = 'open' and reason in ('short', 'tiny_amount');
create index exception_rest on khop.exception (bucket, code_no) where state = 'self_resolved' and reason in ('short', 'tiny_amount');
alter table khop.match drop constraint match_action_check;
alter table khop.match add check (action in ('allocate', 'credit_use', 'none', 'link', 'split', 'credit', 'refund', 'write_off', 'return', 'reverse', 'dismiss',
    'propose', 'refuse', 'undo', 'correct', 'take_back', 'rest_paid'));
