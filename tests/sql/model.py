#!/usr/bin/env python3
"""settle_batch against a model of about a hundred lines: random worlds, random batches, the same events permuted, cut again and submitted
again. The model takes one event after another; the database takes batches; outcomes, numbers, balances must be equal.
Usage: model.py CONNINFO [SEED…]   (prints TAP; a seed that fails is printed)"""
import json
import pathlib
import random
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
NOW = "2026-11-22 09:00+07"
REASONS = [None, None, "short", "over", "already_paid", "unknown_code", "cancelled_charge", "expired", "no_code", "wrong_account",
           "several_charges", "out_of_direction", "ambiguous_code"]


class Model:
    """The books of one world, one event at a time (contract: matching rule)."""

    def __init__(self, charges):
        self.charges = {c["code"]: dict(c, paid=0) for c in charges}
        self.events, self.conflicts = {}, set()
        self.seq, self.receipts, self.balance = {}, {}, {}

    def choose(self, e):
        """The charge an event is for, or the outcome when there is not exactly one."""
        how = {}
        for code, h in e["codes"]:
            how[code] = min(h, how.get(code, 9))
        live = {code: h for code, h in how.items() if code in self.charges}
        own = [c for c, h in live.items() if h == 1 and self.charges[c]["account"] == e["account"]]
        if len(own) == 1:
            return self.charges[own[0]], None
        if own:
            return None, 10
        if any(h == 1 for h in live.values()):
            return None, 9
        if not how:
            return None, 8
        fits = []
        for code, h in live.items():
            c = self.charges[code]
            if c["account"] != e["account"] or c["dir"] != e["dir"] or c["cancelled"] or c["expired"]:
                continue
            if (c["due"] is None and h == 2) or (c["due"] is not None and c["due"] - c["paid"] == e["amount"]):
                fits.append(c)
        if len(fits) == 1:
            return fits[0], None
        return None, 12 if fits else 5

    def outcome(self, e):
        c, none = self.choose(e)
        if c is None:
            return None, 11 if e["dir"] == 2 else none
        if c["dir"] != e["dir"]:
            return c, 11
        if c["cancelled"]:
            return c, 6
        if c["expired"]:
            return c, 7
        if c["due"] is None:
            return c, 1
        rest = c["due"] - c["paid"]
        return c, 4 if rest <= 0 else 1 if e["amount"] == rest else 2 if e["amount"] < rest else 3

    def settle(self, e):
        """(outcome, repeated, conflict, seq, receipt number, code of the charge)"""
        key, content = (e["account"], e["ext"]), (e["amount"], e["hash"])
        if key in self.events:
            first, row = self.events[key]
            if first != content:
                self.conflicts.add((key, content))
            return row[:1] + (True, first != content) + row[3:]
        c, st = self.outcome(e)
        org = e["org"]
        self.seq[org] = self.seq.get(org, 0) + 1
        no = None
        if st <= 3:
            c["paid"] += e["amount"]
            no = self.receipts[org] = self.receipts.get(org, 0) + 1
        bank = (org, e["account"])
        other = (org, (131 if st <= 3 else 3388) if e["dir"] == 1 else (3318 if st <= 3 else 1388))
        sign = 1 if e["dir"] == 1 else -1
        self.balance[bank] = self.balance.get(bank, 0) + sign * e["amount"]
        self.balance[other] = self.balance.get(other, 0) - sign * e["amount"]
        row = (st, False, False, self.seq[org], no, c["code"] if c else None)
        self.events[key] = (content, row)
        return row


def world(rng):
    """Charges of few sums, so that they collide, and events that name them well, badly and not at all."""
    accounts = {1001: "A", 1002: "A", 1003: "B"}
    charges = []
    for n in range(1, rng.randint(3, 14)):
        charges.append({"code": n, "account": rng.choice([1001, 1001, 1001, 1002, 1003]), "dir": rng.choice([1, 1, 1, 1, 2]),
                        "due": rng.choice([None, 100, 200, 300, 300, 500, 100000]), "cancelled": rng.random() < 0.1, "expired": rng.random() < 0.1})
    if rng.random() < 0.3:
        return plain(rng, accounts)
    events = []
    for i in range(rng.randint(1, 60)):
        codes = [[rng.randint(1, len(charges) + 2), rng.choice([1, 1, 2, 3])] for _ in range(rng.choice([0, 1, 1, 1, 1, 2, 3]))]
        if rng.random() < 0.3:
            codes = [[c, rng.choice([2, 3])] for c, _ in codes + [[rng.randint(1, len(charges)), 0]] * rng.randint(0, 2)]
        account = rng.choice([1001, 1001, 1001, 1002, 1003])
        if codes and codes[0][0] <= len(charges) and rng.random() < 0.8:
            account = charges[codes[0][0] - 1]["account"]
        events.append({"ext": f"e{i}", "account": account, "org": accounts[account], "amount": rng.choice([100, 100, 200, 200, 300, 400, 500]),
                       "dir": rng.choice([1, 1, 1, 1, 1, 2]), "codes": codes, "hash": "h"})
        if codes and codes[0][0] <= len(charges) and rng.random() < 0.7:
            events[-1]["dir"] = charges[codes[0][0] - 1]["dir"]
    return charges, events


def plain(rng, accounts):
    """What nearly every batch is: each event names one charge of its account by its exact code; sums are right, or not."""
    charges = [{"code": n, "account": rng.choice([1001, 1002, 1003]), "dir": rng.choice([1, 1, 1, 2]), "due": rng.choice([None, 100, 200, 300, 100000]),
                "cancelled": rng.random() < 0.02, "expired": rng.random() < 0.02} for n in range(1, rng.randint(20, 60))]
    events = [{"ext": f"e{i}", "account": c["account"], "org": accounts[c["account"]], "amount": rng.choice([100, 200, 300]), "dir": c["dir"],
               "codes": [[c["code"], 1]], "hash": "h"} for i, c in enumerate(charges + rng.choices(charges, k=5))]
    return charges, events


def again(rng, events):
    """The same events with repeats and contradictions among them."""
    out = list(events)
    for e in rng.choices(events, k=rng.randint(0, 12)):
        out.insert(rng.randint(0, len(out)), dict(e, hash=rng.choice(["h", "h", "x", "y"])))
    return out


def sql_of(charges, batches):
    kind = {c["code"]: "P" if c["dir"] == 2 else "B" for c in charges}
    lines = ["set track_functions = 'all';", "begin;", r"\ir lib/books.psql"]
    for c in charges:
        org = "B" if c["account"] == 1003 else "A"
        due = "null" if c["due"] is None else c["due"]
        expires = "'2026-11-10'" if c["expired"] else "null"
        lines.append(f"select t.issue('{org}', {c['account']}, '{kind[c['code']]}', {c['code']}, {due}, {expires}) \\g /dev/null")
        if c["cancelled"]:
            lines.append(f"select rc from khop.code_cancel(t.token('{org}'), '2026-11-02', "
                         f"(select charge_id from khop.charge_due where code_no = t.code('{kind[c['code']]}', {c['code']})), 'x') \\g /dev/null")
    for batch in batches:
        rows = [dict(e, codes=[[kind.get(c, "B"), c, h] for c, h in e["codes"]]) for e in batch]
        lines.append("select 'row', s.outcome, s.repeated, s.conflict, s.seq, coalesce(s.receipt_no, 0), coalesce(d.code_no % 28629151, 0) "
                     f"from t.settle('{NOW}', '{json.dumps(rows)}') s left join khop.charge_due d on d.bucket = 0 and d.charge_id = s.charge_id order by s.ord;")
    lines.append("select 'balance', case b.org_id when 100 then 'A' else 'B' end, coalesce(a.account_id, b.account), b.dr - b.cr from audit.balance b "
                 "left join khop.account a on a.org_id = b.org_id and a.ledger_no = b.account where b.bucket = 0;")
    lines.append("select 'reason', reason, count(*) from khop.exception group by reason;")
    lines.append("select 'calls', p.proname, pg_stat_get_xact_function_calls(p.oid) from pg_proc p "
                 "where p.pronamespace = 'khop'::regnamespace and p.proname in ('settle_batch', 'settle_decide');")
    lines.append("select 'broken', name, detail from audit.invariants();")
    lines.append("rollback;")
    return "\n".join(lines)


def run(conninfo, script):
    r = subprocess.run(["psql", "-X", "-q", "-At", "-F", "|", "-v", "ON_ERROR_STOP=1", "-d", conninfo], input=script, text=True, cwd=HERE,
                       capture_output=True, check=False)
    if r.returncode != 0:
        raise RuntimeError(r.stderr[:400])
    return [line.split("|") for line in r.stdout.splitlines()]


def check(conninfo, seed):
    rng = random.Random(seed)
    charges, events = world(rng)
    order = again(rng, events)
    if rng.random() < 0.5:
        rng.shuffle(order)
    batches, rest = [], order
    while rest:
        n = rng.choice([1, 2, 5, 20, 100])
        batches.append(rest[:n])
        rest = rest[n:]
    batches.append(rng.sample(order, min(len(order), 10)))
    model = Model(charges)
    want = [model.settle(e) for b in batches for e in b]
    got = run(conninfo, sql_of(charges, batches))
    rows = [(int(r[1]), r[2] == "t", r[3] == "t", int(r[4]), int(r[5]) or None, int(r[6]) or None) for r in got if r[0] == "row"]
    faults = []
    if rows != want:
        at = next((i for i, (a, b) in enumerate(zip(rows, want)) if a != b), min(len(rows), len(want)))
        flat = [e for b in batches for e in b]
        faults.append(f"event {at} {flat[at] if at < len(flat) else ''}: database {rows[at:at + 1]}, model {want[at:at + 1]}")
    balance = {(r[1], int(r[2])): int(r[3]) for r in got if r[0] == "balance" and int(r[3])}
    if balance != {k: v for k, v in model.balance.items() if v}:
        faults.append(f"balances: database {balance}, model {model.balance}")
    reasons = {r[1]: int(r[2]) for r in got if r[0] == "reason"}
    expected = {}
    due = {c["code"]: c["due"] for c in charges}
    for (amount, _), row in model.events.values():
        if row[0] > 1:
            reason = "tiny_amount" if row[0] == 2 and amount * 1000 <= due[row[5]] else REASONS[row[0]]
            expected[reason] = expected.get(reason, 0) + 1
    if model.conflicts:
        expected["body_conflict"] = len(model.conflicts)
    if reasons != expected:
        faults.append(f"exceptions: database {reasons}, model {expected}")
    faults += [" ".join(r) for r in got if r[0] == "broken"]
    calls = {r[1]: int(r[2] or 0) for r in got if r[0] == "calls"}
    return faults, [row[0] for row in want], calls


def main():
    conninfo = sys.argv[1]
    seeds = [int(s) for s in sys.argv[2:]] or list(range(1, 41))
    print(f"1..{len(seeds) + 2}")
    seen, batches, general = set(), 0, 0
    for i, seed in enumerate(seeds, 1):
        faults, outcomes, calls = check(conninfo, seed)
        seen.update(outcomes)
        batches += calls["settle_batch"]
        general += calls["settle_decide"]
        print(f"{'not ok' if faults else 'ok'} {i} - seed {seed}: {len(outcomes)} events")
        for f in faults:
            print(f"# {f}")
    missing = set(range(1, 13)) - seen if len(seeds) > 10 else set()
    print(f"{'not ok' if missing else 'ok'} {len(seeds) + 1} - every outcome was met" + (f", but {sorted(missing)}" if missing else ""))

    short = batches - general
    both = len(seeds) <= 10 or min(short, general) > 20
    print(f"{'ok' if both else 'not ok'} {len(seeds) + 2} - the short way {short} times, the general one {general} times")


if __name__ == "__main__":
    main()
