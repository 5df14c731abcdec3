-- What rules refused or took out of events, the largest counts first.
SELECT reason, name, events, last_us FROM refused ORDER BY events DESC, reason, name
