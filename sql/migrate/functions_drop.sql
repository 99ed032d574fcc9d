-- What it answers has changed, which "create or replace" refuses.
do $$
begin
    execute format('drop function khop.%I', current_setting('khop.function'));
end $$
