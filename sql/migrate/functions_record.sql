-- $1 hash
insert into khop.schema_functions (hash) values ($1::text)
