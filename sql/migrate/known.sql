-- → whether any migration was ever applied here
select pg_catalog.to_regclass('khop.schema_migration') is not null
