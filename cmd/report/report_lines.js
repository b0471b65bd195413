// SPDX-License-Identifier: GPL-2.0
// Line charts and the strip of defrag passes, in SVG; and what all charts share: view and cursor.
"use strict";

// Columns [from, to) are on the screen; the cursor is a column and, in a map, a superpageblock.
const view = { zone: raw.main, from: 0, to: nrTimes, column: nrTimes - 1, spb: 0 };
const charts = [];
const PAD = { left: 62, right: 12, top: 10, bottom: 26 };
const LINES_HEIGHT = 190;

function redraw() {
	for (const chart of charts)
		chart.draw();
}

function element(name, className, parent) {
	const e = document.createElement(name);
	e.className = className;
	parent.append(e);
	return e;
}

function svg(name, attributes, parent) {
	const e = document.createElementNS("http://www.w3.org/2000/svg", name);
	for (const [key, value] of Object.entries(attributes))
		e.setAttribute(key, value);
	parent.append(e);
	return e;
}

function xOf(column, width) {
	const share = (column - view.from) / (view.to - view.from);
	return PAD.left + share * (width - PAD.left - PAD.right);
}

function columnOfX(x, width) {
	const share = (x - PAD.left) / (width - PAD.left - PAD.right);
	const column = Math.floor(view.from + share * (view.to - view.from));
	return Math.min(Math.max(column, Math.ceil(view.from)), Math.ceil(view.to) - 1);
}

// Round steps of 1, 2 or 5 so that about @wanted fit into @span.
function stepOf(span, wanted) {
	const power = 10 ** Math.floor(Math.log10(Math.max(span, 1e-9) / wanted));
	return power * [1, 2, 5, 10].find((m) => power * m * wanted >= span);
}

function timeTicks(width) {
	const first = times[Math.max(0, Math.ceil(view.from))];
	const last = times[Math.min(nrTimes, Math.ceil(view.to)) - 1];
	const step = stepOf((last - first) / 1e9, Math.max(2, Math.floor(width / 110)));
	const ticks = [];
	for (let s = Math.ceil(first / 1e9 / step) * step; s <= last / 1e9 + step / 1e6; s += step)
		ticks.push({ x: xOf(columnAt(s * 1e9) + 0.5, width),
			text: `${+s.toFixed(6)} s` });
	return ticks;
}

function valueTicks(max) {
	const step = Math.max(1, stepOf(max, 4));
	return Array.from({ length: Math.floor(max / step) + 1 }, (unused, i) => i * step);
}

function label(root, x, y, anchor, text) {
	svg("text", { x, y, "text-anchor": anchor }, root).textContent = text;
}

function axes(root, width, height, max) {
	const bottom = height - PAD.bottom;
	const yOf = (value) => bottom - value / max * (bottom - PAD.top);
	for (const value of valueTicks(max)) {
		const d = `M${PAD.left} ${yOf(value)}H${width - PAD.right}`;
		svg("path", { class: "grid", d }, root);
		label(root, PAD.left - 6, yOf(value) + 4, "end", grouped(value));
	}
	for (const tick of timeTicks(width)) {
		svg("path", { class: "grid", d: `M${tick.x} ${bottom}v5` }, root);
		label(root, tick.x, height - 6, "middle", tick.text);
	}
	return yOf;
}

// One flat stretch a sample: nothing is drawn that was not measured.
function stepPath(values, width, yOf) {
	const first = Math.max(0, Math.floor(view.from));
	const end = Math.min(nrTimes, Math.ceil(view.to));
	let path = "", last = null;
	for (let i = first; i < end; i++) {
		if (values[i] === last)
			continue;
		const x = Math.max(PAD.left, xOf(i, width)).toFixed(1);
		const y = yOf(values[i]).toFixed(1);
		path += last === null ? `M${x} ${y}` : `H${x}V${y}`;
		last = values[i];
	}
	return `${path}H${Math.min(width - PAD.right, xOf(end, width)).toFixed(1)}`;
}

function drawCursor(root, width, height) {
	if (view.column < view.from || view.column >= view.to)
		return;
	const x = xOf(view.column + 0.5, width);
	svg("path", { class: "cursor", d: `M${x} ${PAD.top}V${height - PAD.bottom}` }, root);
}

function largest(values) {
	return values.reduce((a, b) => Math.max(a, b), 0);
}

function linesChart(figure) {
	const name = figure.dataset.series;
	const root = svg("svg", { class: "live", role: "application", tabindex: 0 }, figure);
	const chart = {
		root,
		draw() {
			const width = figure.clientWidth, all = series(name, view.zone);
			const max = Math.max(1, ...all.map(largest));
			root.replaceChildren();
			root.setAttribute("viewBox", `0 0 ${width} ${LINES_HEIGHT}`);
			root.setAttribute("height", LINES_HEIGHT);
			const yOf = axes(root, width, LINES_HEIGHT, max);
			all.forEach((values, i) => svg("path", { class: `line s${i % 8}`,
				d: stepPath(values, width, yOf) }, root));
			drawCursor(root, width, LINES_HEIGHT);
		},
		text() {
			return series(name, view.zone).map((values, i) =>
				`${raw.variants[i]}: ${grouped(values[view.column])}`);
		},
		point(x, y, width) {
			view.column = columnOfX(x, width);
		},
	};
	root.setAttribute("aria-label", figure.querySelector("figcaption").textContent);
	return chart;
}

// ---- the strip of passes: one lane a variant

const LANE = 30;

function passesHere() {
	return passes.filter((pass) => pass.zone === view.zone);
}

function passText(pass) {
	const asked = `SPB ${pass.spb}: queued by ${pass.trigger} ${seconds(pass.time)}, `;
	if (pass.state !== "ended")
		return `${asked}${pass.start === null ? "not begun" : "not over"} at the end`;
	return `${asked}ran ` +
		`${((pass.end - pass.start) / 1e6).toFixed(3)} ms, ` +
		`${grouped(pass.migrated)} pages moved, ${grouped(pass.failed)} refused, ` +
		`free blocks ${pass.before} to ${pass.after}: ` +
		(pass.progress ? "progress" : "no progress");
}

function passColumn(pass) {
	return columnAt(Math.min(Math.max(pass.start ?? pass.time, 0), times[nrTimes - 1])) + 0.5;
}

function stripChart(figure) {
	const root = svg("svg", { class: "live", role: "application", tabindex: 0 }, figure);
	const height = PAD.top + PAD.bottom + LANE * raw.variants.length;
	const laneY = (variant) => PAD.top + LANE * variant;
	const mark = (pass, width) => {
		const x = xOf(passColumn(pass), width), y = laneY(pass.variant) + LANE / 2;
		if (x < PAD.left || x > width - PAD.right)
			return;
		const end = xOf(columnAt(Math.max(pass.end ?? times[nrTimes - 1], 0)) + 0.5, width);
		const length = Math.max(1, Math.min(end, width - PAD.right) - x);
		svg("rect", { class: `line s${pass.variant % 8} solid`, x, y: y - 2, width: length,
			height: 4 }, root);
		svg("path", { class: `mark s${pass.variant % 8}${pass.progress ? " solid" : ""}`,
			d: `M${x} ${y - 7}l6 7l-6 7l-6 -7z` }, root);
	};
	root.setAttribute("aria-label", figure.querySelector("figcaption").textContent);
	return {
		root,
		draw() {
			const width = figure.clientWidth;
			root.replaceChildren();
			root.setAttribute("viewBox", `0 0 ${width} ${height}`);
			root.setAttribute("height", height);
			raw.variants.forEach((name, i) => {
				const y = laneY(i) + LANE / 2;
				const d = `M${PAD.left} ${y}H${width - PAD.right}`;
				svg("path", { class: "grid", d }, root);
				label(root, PAD.left - 6, y + 4, "end", `#${i + 1}`);
			});
			for (const tick of timeTicks(width))
				label(root, tick.x, height - 6, "middle", tick.text);
			passesHere().forEach((pass) => mark(pass, width));
			drawCursor(root, width, height);
		},
		text() {
			const reach = (view.to - view.from) / 80 + 0.5;
			const near = passesHere().filter((pass) =>
				Math.abs(passColumn(pass) - view.column - 0.5) <= reach);
			const lines = near.slice(0, 8).map((pass) =>
				`${raw.variants[pass.variant]}: ${passText(pass)}`);
			return lines.length ? lines : ["no pass here"];
		},
		point(x, y, width) {
			view.column = columnOfX(x, width);
		},
	};
}
