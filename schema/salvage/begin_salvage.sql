-- All of it or nothing.
BEGIN IMMEDIATE
