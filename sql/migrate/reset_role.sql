-- What a migration or a function file has put on.
reset role
