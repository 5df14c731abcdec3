-- Was this batch here before, with this body, and was it accepted?
SELECT digest, accepted FROM batch WHERE key = ?1;
