-- Reports: one shape of line for all of them, so that one road leads to every form (page, JSON, CSV, XLSX, PDF).
set local role khop_owner;

-- rc <> 0: nothing else is set. what 0: a row; 1: the sums over all rows, before the first one. (after_a, after_b): where the next page goes on.
-- What the columns t… and n… hold is said by each report's function, and by lib/flow/report_table.c. Dates are days, times microseconds since 1970.
create type khop.report_line as (
    rc int2, what int2, after_a int8, after_b int8, t1 text, t2 text, t3 text, t4 text, t5 text,
    n1 int8, n2 int8, n3 int8, n4 int8, n5 int8, n6 int8, n7 int8, n8 int8, n9 int8
);
