-- Faults to order: the first `times` calls fail with `state`. A sequence, because it counts also what is rolled back.
create table khop.fault (state text not null, times int8 not null);
create sequence khop.fault_seq;
insert into khop.fault values ('', 0);
-- One row per commit of a batch.
create table khop.batch_log (at int8 generated always as identity, bucket int4 not null, items int4 not null);
