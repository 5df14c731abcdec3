-- An id seen before: it is a duplicate when it was accepted then and is accepted now.
UPDATE event SET seen = seen + 1, accepted = accepted + ?2, rejected = rejected + ?3
WHERE event_id = ?1
RETURNING accepted - ?2;
