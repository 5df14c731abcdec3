-- What rules refused.
SELECT * FROM refused
