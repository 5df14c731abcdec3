-- POST /reset: as if nothing had come yet.
DELETE FROM request;
DELETE FROM event;
DELETE FROM batch;
