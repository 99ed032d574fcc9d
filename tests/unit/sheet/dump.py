"""Runs sheet_dump over bytes and gives back what it read."""
import os
import subprocess
import sys
import tempfile

TOOL = sys.argv.pop(1)


class Read:
    """head: the first line; sheets: {name: [(row, [(kind, text), …])]}; header; fault."""

    def __init__(self, data, *names):
        with tempfile.NamedTemporaryFile(delete=False) as f:
            f.write(data)
        try:
            run = subprocess.run([TOOL, f.name, *names], capture_output=True, timeout=60)
        finally:
            os.unlink(f.name)
        if run.returncode not in (0, 1) or run.stderr:
            raise AssertionError(f'sheet_dump: {run.returncode} {run.stderr.decode()[:2000]}')
        self.head, self.header, self.titles, self.fault, self.fault_row, self.replaced = None, None, None, None, None, None
        self.sheets, self.rows = {}, []
        for line in run.stdout.decode('utf-8').split('\n')[:-1]:
            parts = line.split('\t')
            if parts[0] in ('csv', 'xlsx'):
                self.head = parts
            elif parts[0] == 'sheet':
                self.rows = self.sheets.setdefault(parts[1], [])
            elif parts[0] == 'header':
                self.header = [int(p) for p in parts[1:]]
            elif parts[0] == 'titles':
                self.titles = [(p[0] == 't', p[2:]) for p in parts[1:]]
            elif parts[0] == 'fault':
                self.fault, self.fault_row = parts[1], int(parts[2]) if len(parts) > 2 else None
            elif parts[0] == 'replaced':
                self.replaced = int(parts[1])
            else:
                self.rows.append((int(parts[0]), [(p[0], p[2:]) for p in parts[1:]]))

    def texts(self):
        return [[text for _, text in cells] for _, cells in self.rows]
