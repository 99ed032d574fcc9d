-- A code's document also says the payer's class and the lines of the bill.
set local role khop_owner;

-- `lines`: a JSON array of [label, amount] in their order, as text; NULL for a bill without lines.
alter type khop.code_row add attribute payer_class text, add attribute lines text;

-- Kinds may be added (khop kind add). Nothing is issued under a new letter before every server looks for it in memos.
alter table khop.code_kind add column valid_from timestamptz not null default '-infinity';
