-- One open batch.
SELECT uuid, sink, source, members, claimed_us, encoder, digest, maybe_taken, events FROM batch WHERE id = ?1
