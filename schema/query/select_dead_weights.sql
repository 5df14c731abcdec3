-- Dead letters by sink; those on their way out again are in a batch and were booked with it.
SELECT d.sink, sum(d.weight) FROM dead_letter d JOIN sink k ON k.id = d.sink GROUP BY d.sink
