// Holds OTLP bodies against OpenTelemetry's own reading of them.
//
//   node check.js MODULES <bodies    each two lines: a batch in our own form, the same batch in OTLP's
//   node check.js MODULES --wrong FILE…  prints which of these files, each of such lines, nothing is wrong with
//   node check.js MODULES --own      prints a body as OpenTelemetry's own exporter writes it
//
// A body is right when the published protocol's messages, made from its JSON, written as protobuf and read again, give
// the same JSON: no field is unknown, none has another type, no digit is lost. And it is right when it says what the
// batch says.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const modules = path.join(process.argv[2], 'node_modules', '@opentelemetry');
const otlp = require(path.join(modules, 'otlp-transformer'));
const protocol = require(path.join(modules, 'otlp-transformer', 'build', 'src', 'generated', 'root.js'));
const Request = protocol.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;

const ids = ['traceId', 'spanId'];

// OTLP's JSON writes ids in hex, where protobuf's own would have base64.
function withIds(value, convert) {
	if (Array.isArray(value))
		return value.map((item) => withIds(item, convert));
	if (value === null || typeof value !== 'object' || Buffer.isBuffer(value))
		return value;
	return Object.fromEntries(
		Object.entries(value).map(([key, inner]) => [key, ids.includes(key) ? convert(inner) : withIds(inner, convert)]),
	);
}

// On the wire an empty list and none are the same.
function withoutEmptyLists(value) {
	if (Array.isArray(value))
		return value.map(withoutEmptyLists);
	if (value === null || typeof value !== 'object')
		return value;
	return Object.fromEntries(
		Object.entries(value)
			.filter(([, inner]) => !Array.isArray(inner) || inner.length > 0)
			.map(([key, inner]) => [key, withoutEmptyLists(inner)]),
	);
}

function throughProtobuf(body) {
	const message = Request.fromObject(withIds(body, (hex) => Buffer.from(hex, 'hex')));
	const wire = Request.encode(message).finish();
	const read = Request.toObject(Request.decode(wire), { longs: String, enums: Number, bytes: Buffer });
	return withIds(read, (bytes) => Buffer.from(bytes).toString('hex'));
}

// ---- meaning ----

// What an AnyValue stands for; a number that only a string could hold is that string.
function plain(value) {
	const keys = Object.keys(value);
	assert.ok(keys.length <= 1, `an AnyValue with ${keys}`);
	switch (keys[0]) {
	case undefined:
		return null;
	case 'stringValue':
	case 'boolValue':
	case 'doubleValue':
		return value[keys[0]];
	case 'intValue':
		assert.match(value.intValue, /^-?[0-9]+$/);
		assert.strictEqual(BigInt.asIntN(64, BigInt(value.intValue)).toString(), value.intValue);
		return Number(value.intValue);
	case 'arrayValue':
		return value.arrayValue.values.map(plain);
	case 'kvlistValue':
		return named(value.kvlistValue.values);
	default:
		return assert.fail(`an AnyValue of a kind that we never send: ${keys[0]}`);
	}
}

// Attributes as an object; no key may be there twice.
function named(attributes) {
	const object = Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]));
	assert.strictEqual(Object.keys(object).length, attributes.length, 'a key twice');
	return object;
}

// Numbers that AnyValue has no room for are compared as their texts say them.
function sameValue(sent, meant) {
	if (typeof meant === 'number' && typeof sent === 'string')
		return Object.is(Number(sent), meant) && (!Number.isFinite(meant) || Math.abs(meant) >= 2 ** 63);
	if (Array.isArray(meant))
		return Array.isArray(sent) && sent.length === meant.length && meant.every((item, i) => sameValue(sent[i], item));
	if (meant !== null && typeof meant === 'object')
		return sent !== null && typeof sent === 'object' && Object.keys(sent).length === Object.keys(meant).length &&
			Object.keys(meant).every((key) => key in sent && sameValue(sent[key], meant[key]));
	return Object.is(sent, meant);
}

function propertiesOf(attributes) {
	const { 'flightrec.properties': taken, ...others } = attributes;
	const own = Object.entries(others).filter(([key]) => !/^(log\.record\.uid|session\.id|flightrec\..*)$/.test(key));
	return { ...Object.fromEntries(own), ...taken };
}

const severities = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 };

function checkTime(record, attributes, event) {
	const year = Number(event.time.slice(0, 4));
	if (year > 2262) {
		assert.strictEqual(record.timeUnixNano, undefined);
		assert.strictEqual(attributes['flightrec.time'], event.time);
	} else {
		const micros = BigInt(Date.parse(event.time)) * 1000n + BigInt(event.time.slice(23, 26));
		assert.strictEqual(record.timeUnixNano, String(micros * 1000n));
	}
}

function checkTrace(record, event) {
	const [, trace, span, flags] = (event.traceparent ?? '').split('-');
	assert.strictEqual(record.traceId, trace);
	assert.strictEqual(record.spanId, span);
	assert.strictEqual(record.flags, flags === undefined ? undefined : parseInt(flags, 16));
}

function checkRecord(record, resource, event) {
	const attributes = named(record.attributes);
	assert.strictEqual(record.eventName, event.eventName);
	assert.strictEqual(record.severityNumber, severities[event.severity]);
	assert.strictEqual(record.severityText, event.severity);
	assert.strictEqual(record.body, undefined);
	assert.strictEqual(resource['service.name'], event.service || 'unknown_service');
	assert.strictEqual(resource['service.version'], event.version || undefined);
	assert.strictEqual(attributes['session.id'], event.session);
	assert.strictEqual(attributes['flightrec.seq'], event.seq);
	assert.strictEqual(attributes['flightrec.user_bucket'], event.userBucket);
	assert.strictEqual(attributes['flightrec.ci'], event.ci);
	checkTime(record, attributes, event);
	checkTrace(record, event);
	const sent = propertiesOf(attributes);
	assert.ok(sameValue(sent, event.properties),
		`${JSON.stringify(sent)} is not ${JSON.stringify(event.properties)}`);
}

// Every event is one record, below a resource that is there once.
function checkMeaning(body, batch) {
	const events = new Map(batch.events.map((event) => [event.eventId, event]));
	const resources = new Set();
	for (const { resource, scopeLogs } of body.resourceLogs) {
		const about = named(resource.attributes);
		const identity = JSON.stringify([about['service.name'], about['service.version']]);
		assert.ok(!resources.has(identity), `${identity} twice`);
		resources.add(identity);
		for (const record of scopeLogs.flatMap((scope) => scope.logRecords)) {
			const id = named(record.attributes)['log.record.uid'];
			assert.ok(events.has(id), `${id} is no event of the batch, or comes twice`);
			checkRecord(record, about, events.get(id));
			events.delete(id);
		}
	}
	assert.strictEqual(events.size, 0, 'events are missing');
}

// ---- the jobs ----

function checkBodies(text) {
	const lines = text.split('\n').filter((line) => line !== '');
	assert.ok(lines.length > 0 && lines.length % 2 === 0, `${lines.length} lines`);
	let records = 0;
	for (let i = 0; i < lines.length; i += 2) {
		const batch = JSON.parse(lines[i]);
		const body = JSON.parse(lines[i + 1]);
		assert.deepStrictEqual(throughProtobuf(body), withoutEmptyLists(body));
		checkMeaning(body, batch);
		records += batch.events.length;
	}
	return `${lines.length / 2} bodies, ${records} records`;
}

function isWrong(file) {
	try {
		checkBodies(fs.readFileSync(file, 'utf8'));
		return false;
	} catch {
		return true;
	}
}

function printOwn() {
	const { LoggerProvider, InMemoryLogRecordExporter, SimpleLogRecordProcessor } = require(path.join(modules, 'sdk-logs'));
	const kept = new InMemoryLogRecordExporter();
	const provider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor(kept)] });
	for (const uid of ['one', 'two', 'three'])
		provider.getLogger('check').emit({
			eventName: 'tool_use_error',
			severityNumber: 17,
			attributes: { 'log.record.uid': uid, 'session.id': 's', 'flightrec.seq': 1, list: [1, 'a', null], deep: { a: 1.5 } },
		});
	const records = kept.getFinishedLogRecords();
	process.stdout.write(otlp.JsonLogsSerializer.serializeRequest(records));
}

const [, , , job, ...files] = process.argv;
if (job === '--own')
	printOwn();
else if (job === '--wrong')
	files.filter((file) => !isWrong(file)).forEach((file) => console.log(path.basename(file)));
else
	console.log(checkBodies(fs.readFileSync(0, 'utf8')));
