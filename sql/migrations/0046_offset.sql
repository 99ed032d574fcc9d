-- Money in suspense that the bank takes back, or gives back, is set off against the event that did: a row of kind 10, 3388 → 1388, of_seq the event it is decided
-- about, act.other_seq the one on the other side. Both wait again when it is undone, and may be set off again: so the second row that a row acts on is no key any more
-- (nothing is taken back twice: khop.book, under the locks of the books, and audit.invariants()).
set local role khop_owner;
drop index khop.act_other;
create index act_other on khop.act (bucket, org_id, other_seq) where other_seq is not null;
alter table khop.match drop constraint match_action_check;
alter table khop.match add check (action in ('allocate', 'credit_use', 'none', 'link', 'split', 'credit', 'refund', 'write_off', 'return', 'reverse', 'dismiss',
    'propose', 'refuse', 'undo', 'correct', 'take_back', 'rest_paid', 'offset'));
