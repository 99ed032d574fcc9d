#!/usr/bin/env python3
"""What settlement does when somebody changes a charge between its look at it and its writing, and what becomes of two who decide about the same money at
once: two sessions on a copy of the database.
Usage: meanwhile.py CONNINFO   (prints TAP)"""
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
NOW = "2026-11-22 09:00+07"


def psql(conninfo, script):
    return subprocess.Popen(["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-d", conninfo], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, cwd=HERE), script


def end(run):
    out, _ = run[0].communicate(run[1], timeout=30)
    return out.strip().split("\n")[-1] if run[0].returncode == 0 else "failed: " + out


def race(copy):
    """A rule and a person place the same money; a refund and a link; two persons. Whoever comes second is refused, and nothing is placed twice."""
    end(psql(copy, "update khop.charge_due set cancelled = false; select t.payer('A', 501); select t.issue('A', 1001, 'B', 9, 700); select t.own('B', 9, 501); "
                   f"select t.outcomes('{NOW}', '[{{\"ext\":\"r1\",\"amount\":800,\"codes\":[[\"B\",9]]}},{{\"ext\":\"r2\",\"amount\":700}}]');"))
    found = "(select exception_id from khop.exception where ext_id = 'r1')"
    rule = (f"select a.rc from khop.allocate_apply('{NOW}', 0, {found}, 'oldest_first', 1::int2, 800, 501, array[t.code('B', 9)], array[700::int8], true, 0, null, null, "
            "array[t.code('B', 9)], array[700::int8], array[substr(sha256('r'), 1, 16)], 100, null) a;")
    person = "select t.book('2026-11-22 09:01+07', '[{\"kind\": 3, \"of\": \"r2\", \"code\": [\"B\", 9], \"amount\": 700}]');"
    answers = []
    for first, second in ((person, rule), (person, person), (rule, rule)):
        one = psql(copy, None)
        one[0].stdin.write(f"begin;\n{first}\n\\echo done\n")
        one[0].stdin.flush()
        said = one[0].stdout.readline().strip()
        while one[0].stdout.readline().strip() != "done":
            pass
        two = psql(copy, second)
        two[0].stdin.write(two[1])
        two[0].stdin.close()
        two[0].stdin = None
        for _ in range(200):
            if end(psql(copy, WAITS)) == "1":
                break
            time.sleep(0.05)
        one[0].stdin.write("commit;\n")
        end((one[0], ""))
        answers.append(f"{said} {end((two[0], None))}")
    return answers, end(psql(copy, "select string_agg(concat_ws(' ', ext_id, held), ', ' order by ext_id) || '; ' || (select paid from khop.charge_due where code_no = t.code('B', 9)) "
                                   "from khop.exception where ext_id in ('r1', 'r2');"))


WAITS = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database();"


def main():
    conninfo = sys.argv[1]
    name = conninfo.split("dbname=")[-1].split()[0]
    copy = conninfo.replace(f"dbname={name}", f"dbname={name}_copy")
    admin = conninfo.replace(f"dbname={name}", "dbname=postgres")
    end(psql(admin, f"create database {name}_copy template {name};"))
    try:
        end(psql(copy, "\\ir lib/books.psql\nselect t.issue('A', 1001, 'B', g, 1000) from generate_series(1, 3) g;"))
        # A session holds charge 2 and changes it; the settlement of 1, 2 and 3 waits for it, and must not lose what it says of 2.
        other = psql(copy, None)
        other[0].stdin.write("begin;\nupdate khop.charge_due set cancelled = true where bucket = 0 and code_no = t.code('B', 2);\n\\echo held\n")
        other[0].stdin.flush()
        assert other[0].stdout.readline().strip() == "held"
        events = ",".join(f'{{"ext":"{g}","amount":1000,"codes":[["B",{g}]]}}' for g in (1, 2, 3))
        settle = psql(copy, f"select t.outcomes('{NOW}', '[{events}]');")
        settle[0].stdin.write(settle[1])
        settle[0].stdin.close()
        settle[0].stdin = None
        for _ in range(200):
            if end(psql(copy, WAITS)) == "1":
                break
            time.sleep(0.05)
        waited = end(psql(copy, WAITS)) == "1"
        other[0].stdin.write("commit;\n")
        end((other[0], ""))
        tests = [
            ("it waits for who holds the charge", waited, True),
            ("and settles all of them", end((settle[0], None)), "1 1 1"),
            ("each charge is paid once, the change stays", end(psql(copy, "select string_agg(concat_ws(' ', paid, receipts, last_seq, cancelled), ', ' order by code_no) "
                                                                   "from khop.charge_due;")), "1000 1 1 f, 1000 1 2 t, 1000 1 3 f"),
            ("nothing is broken but that a cancelled charge is paid", end(psql(copy, "select string_agg(name, ' ' order by name) from audit.invariants();")),
             "charge_facts charge_state"),
        ]
        answers, left = race(copy)
        tests += [
            ("a person places money that a rule is about to: the rule looks again", answers[0], "0 -5"),
            ("what was placed is not placed again, whoever asks", answers[1], "-5 -5"),
            ("nor by the rule, who has seen another rest", answers[2], "-5 -5"),
            ("nothing is placed twice", left, "r1 800, r2 0; 700"),
            ("the books are right", end(psql(copy, "select count(*) from audit.invariants();")), "0"),
        ]
        print(f"1..{len(tests)}")
        for i, (what, got, want) in enumerate(tests, 1):
            print(f"{'ok' if got == want else 'not ok'} {i} - {what}" + ("" if got == want else f"\n# got {got}"))
    finally:
        end(psql(admin, f"drop database {name}_copy;"))


if __name__ == "__main__":
    main()
