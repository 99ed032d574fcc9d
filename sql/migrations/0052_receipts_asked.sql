-- Who reads a code says how many of its receipts: the API a hundred, a page what it lists. Dropped here, made again after the migrations.
drop function if exists khop.code_rows;
drop function if exists khop.code_receipts;
