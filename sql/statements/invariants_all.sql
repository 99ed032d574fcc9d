-- retry: yes
-- role: owner
-- → name, detail: one row per broken invariant of all books; none when they are right
select * from khop.invariants_all()
