-- Answers are given after this and never before.
COMMIT;
