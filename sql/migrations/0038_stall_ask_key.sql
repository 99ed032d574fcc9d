-- What was asked for is looked up by its tag; all of a stall's two days are few. With one index there is no choice to be made without statistics.
set local role khop_owner;
drop index khop.stall_ask_time;
