-- → hash of the functions that were applied last, NULL before the first time
select max(f.hash) from khop.schema_functions f
