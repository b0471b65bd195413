// SPDX-License-Identifier: GPL-2.0
// What the page was made from: the JSON block at its end (cmd/report/report_json.h says how it is coded).
"use strict";

const raw = JSON.parse(document.getElementById("data").textContent);
const t0 = BigInt(raw.t0);

function bytesOf(base64) {
	const text = atob(base64), bytes = new Uint8Array(text.length);
	for (let i = 0; i < text.length; i++)
		bytes[i] = text.charCodeAt(i);
	return bytes;
}

// Reads varints one after the other; exact up to 2^53.
function reader(bytes) {
	let at = 0;
	return () => {
		let value = 0, scale = 1, b;
		do {
			b = bytes[at++];
			value += (b & 127) * scale;
			scale *= 128;
		} while (b & 128);
		return value;
	};
}

function unzigzag(z) {
	return z % 2 ? -(z + 1) / 2 : z / 2;
}

function columnOf(base64) {
	const bytes = bytesOf(base64), next = reader(bytes);
	const nr = bytes.reduce((n, b) => n + (b < 128), 0);
	let value = 0;
	return Float64Array.from({ length: nr }, () => (value += unzigzag(next())));
}

const times = columnOf(raw.times);
const nrTimes = times.length;

// Values of a series in one zone, one array for each variant.
function seriesOf(name, zone) {
	return raw.series[name].map((zones) => columnOf(zones[zone]));
}

// States of one variant and zone at [spb * nrTimes + column]: stuck * 3 + category, free blocks.
function mapOf(variant, zone) {
	const next = reader(bytesOf(raw.map[variant][zone])), spbs = raw.zones[zone].spbs;
	const state = new Uint8Array(spbs * nrTimes), free = new Uint16Array(spbs * nrTimes);
	for (let spb = 0; spb < spbs; spb++) {
		const row = spb * nrTimes, changes = next();
		if (!changes) {
			const base = spbMap(0, zone);
			state.set(base.state.subarray(row, row + nrTimes), row);
			free.set(base.free.subarray(row, row + nrTimes), row);
		}
		let col = changes ? next() : 0;
		for (let left = changes, blocks = 0; left; left--) {
			const code = next(), end = left > 1 ? col + next() : nrTimes;
			blocks += unzigzag(Math.floor(code / 6));
			state.fill(code % 6, row + col, row + end);
			free.fill(blocks, row + col, row + end);
			col = end;
		}
	}
	return { state, free, spbs };
}

const cache = new Map();

// f(...) once for the same key.
function once(key, f) {
	if (!cache.has(key))
		cache.set(key, f());
	return cache.get(key);
}

function series(name, zone) {
	return once(`s${name} ${zone}`, () => seriesOf(name, zone));
}

function spbMap(variant, zone) {
	return once(`m${variant} ${zone}`, () => mapOf(variant, zone));
}

// Rows of events as objects; the names are those of cmd/report/report_json.c.
function rowsOf(rows, names) {
	return rows.map((row) => Object.fromEntries(row.map((cell, i) => [names[i], cell])));
}

const taints = rowsOf(raw.taint, ["variant", "zone", "time", "spb", "from", "to", "cause", "order",
	"type", "comm", "pid"]);
const passes = rowsOf(raw.defrag, ["variant", "zone", "time", "spb", "trigger", "start", "end",
	"before", "after", "migrated", "failed", "progress", "state"]);

// ---- numbers as people read them

function grouped(n) {
	return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

// Relative ns as "+12.345 s", rounded down as in the tables; and the capture's clock, all digits.
function seconds(ns) {
	return `${ns < 0 ? "-" : "+"}${(Math.floor(Math.abs(ns) / 1e6) / 1000).toFixed(3)} s`;
}

function moment(ns) {
	return `${seconds(ns)} (${t0 + BigInt(ns)} ns)`;
}

// Column, with a fraction, of a time between samples.
function columnAt(ns) {
	let low = 0, high = nrTimes - 1;
	while (high - low > 1) {
		const mid = (low + high) >> 1;
		if (times[mid] <= ns)
			low = mid;
		else
			high = mid;
	}
	const span = times[high] - times[low];
	return span ? Math.min(low + (ns - times[low]) / span, nrTimes - 1) : low;
}
