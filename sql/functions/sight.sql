-- Opens an organisation to row level security for this transaction, as p_actor (a user or a token; 0: the public, by a secret of its own) sees it:
-- private accounts are in sight of their owner alone (0019). p_org_id NULL: nothing is open any more.
-- Settings of the planner are its callers'.
create or replace function khop.sight(p_org_id int8, p_actor int8) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
begin
    perform set_config('khop.orgs', coalesce(p_org_id::text, ''), true), set_config('khop.hidden', coalesce(h.accounts, ''), true),
            set_config('khop.hidden_ledgers', coalesce(h.ledgers, ''), true)
       from (select string_agg(a.account_id::text, ',') as accounts, string_agg(a.ledger_no::text, ',') as ledgers
               from khop.account a where p_actor <> 0 and a.org_id = p_org_id and a.private and a.owner_id is distinct from p_actor) h;
end $f$;
alter function khop.sight owner to khop_owner;
revoke all on function khop.sight from public;
comment on function khop.sight is 'Opens an organisation for this transaction, as somebody sees it';
