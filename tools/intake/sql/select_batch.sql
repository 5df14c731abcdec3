-- Was this batch here before, was it accepted, and was its body the same?
SELECT batch.accepted, request.body = ?2
FROM batch JOIN request ON request.id = batch.request
WHERE batch.key = ?1;
