-- Sinks, live and ended, with their retry state.
INSERT OR IGNORE INTO main.sink SELECT * FROM damaged.sink
