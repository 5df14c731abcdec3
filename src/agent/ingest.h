/* POST /v1/events: the way in for programs that cannot link the library.
 *
 * The body is NDJSON or an array of events, at most FR_INGEST_BYTES_MAX. Headers say what a host
 * that links the library would say by its options and its environment:
 *   Flightrec-Service, Flightrec-Version   whose events these are; else the config's
 *   Flightrec-Consent                      on, local or off: may only take away
 *   DNT                                    1: as `off`
 * Answers: 200 {"accepted":2,"refused":[{"line":3,"reason":"..."}]} once the accepted are committed
 * (with "refusedTotal" when more were refused than are told); 403 {"error":"..."} when consent,
 * ours or the caller's, is off; 400 when an array is no JSON or a header is wrong; 503 when the
 * queue failed, with "accepted" and, as "stoppedAt", the place of the first event that is to be
 * sent again.
 */
#ifndef FR_AGENT_INGEST_H
#define FR_AGENT_INGEST_H

struct evhttp_request;
struct fr_agent;

enum { FR_INGEST_BYTES_MAX = 4 * 1024 * 1024 };

/* Answers the request, whatever happens. Records as its caller: not for a fork child. */
void fr_ingest(struct fr_agent *agent, struct evhttp_request *request);

#endif
