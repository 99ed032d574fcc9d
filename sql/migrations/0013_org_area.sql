-- org_create takes the area that the organisation lies in; without this the old one would stay beside the new one.
set local role khop_owner;
drop function if exists khop.org_create(timestamptz, int8, text, text, text, int4);
