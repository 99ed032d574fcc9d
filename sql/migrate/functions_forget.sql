delete from khop.schema_functions
