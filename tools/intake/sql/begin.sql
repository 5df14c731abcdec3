-- All requests read in one turn of the loop share a transaction.
BEGIN IMMEDIATE;
