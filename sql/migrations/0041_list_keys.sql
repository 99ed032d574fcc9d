-- Lists that go on behind a row, by its key: their functions take other arguments; dropped here, made again after the migrations.
drop function if exists khop.round_list;
drop function if exists khop.payout_list;
