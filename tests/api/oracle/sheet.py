#!/usr/bin/python3
"""sheet.py FILE: the first sheet of an XLSX, as openpyxl reads it, as JSON: rows of values, dates as 2026-11-20, times as 2026-11-20 08:03:11."""
import datetime, json, sys

import openpyxl


def plain(value):
    if isinstance(value, datetime.datetime):
        return str(value if value.time() != datetime.time() else value.date())
    return value


sheet = openpyxl.load_workbook(sys.argv[1]).active
print(json.dumps([[plain(v) for v in row] for row in sheet.iter_rows(values_only=True)], ensure_ascii=False))
