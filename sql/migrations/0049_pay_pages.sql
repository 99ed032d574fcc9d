-- Pay pages are read many at a time; a row of a code says at which place of the call it stands. Functions that take other arguments now are
-- dropped here, and made again after the migrations.
drop function if exists khop.pay_page;
drop function if exists khop.enter_pay_page;
drop function if exists khop.code_rows;
drop function if exists khop.code_receipts;
set local role khop_owner;
alter type khop.code_row add attribute place int4;
