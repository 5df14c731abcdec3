/* The statements of schema/query/, by name. Adding one: its file, its line here, and (CMake lists
 * the folder) a build. */
#ifndef FR_QUEUE_QUERIES_H
#define FR_QUEUE_QUERIES_H

#define FR_QUERIES(X)             \
	X(add_history)            \
	X(add_refused)            \
	X(append_event)           \
	X(begin)                  \
	X(book)                   \
	X(commit)                 \
	X(count_events)           \
	X(count_events_behind)    \
	X(count_open_batches)     \
	X(count_unfinished)       \
	X(delete_all_retries)     \
	X(delete_batch)           \
	X(delete_batches_of_sink) \
	X(delete_dead_letter)     \
	X(delete_dead_letters)    \
	X(delete_empty_sessions)  \
	X(delete_event)           \
	X(delete_history)         \
	X(delete_incidents)       \
	X(delete_letter)          \
	X(delete_letter_retry)    \
	X(delete_old_events)      \
	X(delete_old_sent)        \
	X(delete_refused)         \
	X(delete_retries)         \
	X(delete_sent)            \
	X(delete_sessions)        \
	X(delete_stubs)           \
	X(empty_newest)           \
	X(end_sink)               \
	X(evict_sent)             \
	X(forget_sent_bodies)     \
	X(has_kept)               \
	X(has_retries)            \
	X(insert_batch)           \
	X(insert_dead_batch)      \
	X(insert_dead_letter)     \
	X(insert_incident)        \
	X(insert_meta)            \
	X(insert_retry)           \
	X(insert_sent)            \
	X(insert_session)         \
	X(insert_sink)            \
	X(insert_stub)            \
	X(integrity_check)        \
	X(is_finished)            \
	X(is_in_batch)            \
	X(reset_evict)            \
	X(rollback)               \
	X(scan_events)            \
	X(scan_events_down)       \
	X(scan_retries)           \
	X(seal_batch)             \
	X(select_all_sinks)       \
	X(select_application_id)  \
	X(select_backlog)         \
	X(select_batch)           \
	X(select_blocked_end)     \
	X(select_books)           \
	X(select_bundle_names)    \
	X(select_clock)           \
	X(select_cursor)          \
	X(select_dead_letter)     \
	X(select_dead_weights)    \
	X(select_event)           \
	X(select_evict)           \
	X(select_facts)           \
	X(select_freelist_count)  \
	X(select_incident)        \
	X(select_last_id)         \
	X(select_ledger)          \
	X(select_letter)          \
	X(select_letter_rows)     \
	X(select_letters)         \
	X(select_live_sinks)      \
	X(select_low)             \
	X(select_meta)            \
	X(select_newest)          \
	X(select_next_batch)      \
	X(select_old_dead)        \
	X(select_oldest)          \
	X(select_oldest_dead)     \
	X(select_open_batches)    \
	X(select_page_count)      \
	X(select_pace)            \
	X(select_queue)           \
	X(select_refused)         \
	X(select_schema)          \
	X(select_sent)            \
	X(select_sink)            \
	X(select_sink_by_name)    \
	X(select_sweep_rows)      \
	X(select_user_version)    \
	X(start_sink)             \
	X(sum_batches)            \
	X(sum_dead_bytes)         \
	X(sweep_events)           \
	X(trim_history)           \
	X(trim_incidents)         \
	X(trim_sent)              \
	X(update_batch_refused)   \
	X(update_clock)           \
	X(update_cursor)          \
	X(update_cursor_to_last)  \
	X(update_dead_letter)     \
	X(update_evict)           \
	X(update_retry)           \
	X(update_sink_type)       \
	X(update_swept)           \
	X(vacuum_step)            \
	X(verify_batches)         \
	X(verify_books)           \
	X(verify_dead)            \
	X(verify_frozen)          \
	X(verify_rows)

#define FR_QUERY_NAME(name) FR_QUERY_##name,
enum fr_query { FR_QUERIES(FR_QUERY_NAME) FR_QUERY_COUNT };
#undef FR_QUERY_NAME

/* The text of a statement. */
const char *fr_query_text(enum fr_query query);

#endif
