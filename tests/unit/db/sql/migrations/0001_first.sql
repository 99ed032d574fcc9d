create schema khop;
create table khop.schema_migration (version int primary key, name text not null, hash text not null, applied_at timestamptz not null);
create table khop.schema_functions (hash text not null);
create table khop.item (bucket int4, ext text, n int8 not null check (n >= 0), primary key (bucket, ext));
create table khop.late (k int4 primary key deferrable initially deferred);
insert into khop.late values (1);
