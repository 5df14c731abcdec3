-- Gives up to 128 free pages at the end of the file back.
PRAGMA incremental_vacuum(128)
