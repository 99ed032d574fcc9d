-- $1 the function that functions_drop drops
select set_config('khop.function', $1::text, true)
