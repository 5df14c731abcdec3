-- Looks from the start again: what was in batches then may be free now.
UPDATE evict SET cursor = 0
