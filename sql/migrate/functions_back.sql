rollback to savepoint one_function
