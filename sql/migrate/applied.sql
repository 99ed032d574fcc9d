-- → version, name, hash
select m.version, m.name, m.hash from khop.schema_migration m order by m.version
