-- What the landing page and the papers of a round say has more columns now.
drop function if exists khop.desk_home;
drop function if exists khop.round_paper;
