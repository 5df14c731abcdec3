-- The lock file is held already, so nobody of ours is in the way.
BEGIN IMMEDIATE
