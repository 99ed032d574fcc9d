"""Runs statement_dump over bytes and gives back what it read."""
import collections
import os
import subprocess
import sys
import tempfile

TOOL = sys.argv.pop(1)
Line = collections.namedtuple('Line', 'place row date time amount balance flags reference memo name account bank')
About = collections.namedtuple('About', 'profile format account flags lines first last opening closing came went')


def number(text):
    return int(text) if text else None


class Read:
    """lines, about, faults: [(row, code)]."""

    def __init__(self, data, account='', *more):
        with tempfile.NamedTemporaryFile(delete=False) as f:
            f.write(data if isinstance(data, bytes) else data.encode())
        try:
            run = subprocess.run([TOOL, f.name, account, *more], capture_output=True, timeout=60)
        finally:
            os.unlink(f.name)
        if run.returncode not in (0, 1) or run.stderr:
            raise AssertionError(f'statement_dump: {run.returncode} {run.stderr.decode()[:2000]}')
        self.lines, self.about, self.faults, self.texts, self.dates = [], None, [], [], None
        for line in run.stdout.decode('utf-8').split('\n')[:-1]:
            kind, *p = line.split('\t')
            if kind == 'line':
                self.lines.append(Line(int(p[0]), int(p[1]), p[2], p[3], int(p[4]), number(p[5]), *p[6:]))
            elif kind == 'about':
                self.about = About(p[0], p[1], p[2], p[3], int(p[4]), p[5], p[6], number(p[7]), number(p[8]), int(p[9]), int(p[10]))
            elif kind == 'dates':
                self.dates = tuple(p)
            elif kind == 'fault':
                self.faults.append((int(p[0]), p[1]))
                self.texts.append(p[2])
            else:
                raise AssertionError(line)
