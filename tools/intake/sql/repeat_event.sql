-- An id seen before: it is a duplicate when it was accepted then and is accepted now.
UPDATE event SET seen = seen + 1, accepted = accepted + ?3, rejected = rejected + ?4
WHERE path = ?1 AND event_id = ?2
RETURNING accepted - ?3;
