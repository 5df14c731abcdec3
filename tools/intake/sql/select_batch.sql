-- Was this batch here before, was it accepted, and was its body the same?
SELECT batch.accepted, request.body = ?3
FROM batch JOIN request ON request.id = batch.request
WHERE batch.path = ?1 AND batch.key = ?2;
