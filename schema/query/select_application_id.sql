-- Is it a queue of ours?
PRAGMA application_id
