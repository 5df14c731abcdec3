ts\n "
     "  GIT_TRACE2_EVENT=/tmp/git.ndjson git status\n"
     "  flightrec record - --name-field event --time-field time < /tmp/git.ndjson",
	.options = record_options, .least = 1, .most = -1, .run = record_run,
}
;
