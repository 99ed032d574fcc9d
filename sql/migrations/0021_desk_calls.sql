-- Functions of the desk that take more than they did: dropped here, made again after the migrations.
drop function if exists khop.exception_list;
drop function if exists khop.exception_resolve;
