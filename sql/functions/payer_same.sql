-- Does a line of a list say what is stored of a payer? Columns that the list does not have say nothing.
create or replace function khop.payer_same(p_payer khop.payer, p_data jsonb) returns bool
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
begin
    return p_payer.name = p_data ->> 'name'
       and (not p_data ? 'class' or p_payer.class is not distinct from p_data ->> 'class')
       and (not p_data ? 'household' or p_payer.household is not distinct from p_data ->> 'household')
       and (not p_data ? 'address' or p_payer.address is not distinct from p_data ->> 'address')
       and (not p_data ? 'policies' or not exists (
               select 1 from (select s.policy from khop.payer_support s where s.bucket = p_payer.bucket and s.payer_id = p_payer.payer_id
                   and s.valid_to is null) h
                 full join jsonb_array_elements_text(p_data -> 'policies') w (policy) on w.policy = h.policy
                where h.policy is null or w.policy is null));
end $f$;
alter function khop.payer_same owner to khop_fn_org;
revoke all on function khop.payer_same from public;
comment on function khop.payer_same is 'Does a line of a list say what is stored of a payer';
