-- A copy of an older release's file is brought up to date before it is looked at.
PRAGMA query_only = OFF;
