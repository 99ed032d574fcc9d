-- retry: yes
-- role: jobs, owner
-- $1 now → name, detail; the last row has no name and says what was looked at
select * from khop.invariants($1::timestamptz)
