-- When this file was begun: a queue that was deleted and begun anew tells by it.
SELECT created_us FROM meta
