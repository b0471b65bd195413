// SPDX-License-Identifier: GPL-2.0
// Mouse, keys, zone and theme; puts the charts into the figures of the page.
"use strict";

const tip = element("div", "tip", document.body);
const speech = element("div", "speech", document.body);
speech.setAttribute("aria-live", "polite");

// ---- zoom

function setView(from, to) {
	const span = Math.min(nrTimes, Math.max(Math.min(4, nrTimes), to - from));
	view.from = Math.max(0, Math.min(nrTimes - span, from));
	view.to = view.from + span;
	redraw();
}

// Zoom by @factor around the cursor, which stays where it is.
function zoom(factor) {
	const share = (view.column + 0.5 - view.from) / (view.to - view.from);
	const span = (view.to - view.from) * factor;
	setView(view.column + 0.5 - share * span, view.column + 0.5 + (1 - share) * span);
}

function moveCursor(columns, spbs) {
	view.column = Math.min(nrTimes - 1, Math.max(0, view.column + columns));
	const last = Math.max(0, raw.zones[view.zone].spbs - 1);
	view.spb = Math.min(last, Math.max(0, view.spb + spbs));
	const span = view.to - view.from;
	if (view.column < view.from)
		setView(view.column, view.column + span);
	else if (view.column >= view.to)
		setView(view.column + 1 - span, view.column + 1);
	else
		redraw();
}

// ---- exact numbers at the cursor

function showTip(chart, x, y) {
	const lines = [moment(times[view.column]), ...chart.text()];
	tip.replaceChildren();
	lines.forEach((line, i) => {
		element("div", i ? "" : "head", tip).textContent = line;
	});
	tip.style.display = "block";
	const width = tip.offsetWidth, height = tip.offsetHeight;
	tip.style.left = `${Math.max(4, x + 16 + width < innerWidth ? x + 16 : x - width - 16)}px`;
	tip.style.top = `${Math.max(4, Math.min(y + 16, innerHeight - height - 4))}px`;
}

function hideTip() {
	tip.style.display = "none";
}

// At the cursor of a chart that has the focus.
function showTipAtCursor(chart) {
	const box = chart.root.getBoundingClientRect();
	showTip(chart, box.left + xOf(view.column + 0.5, box.width), box.top + 20);
	speech.textContent = [...tip.children].map((line) => line.textContent).join("; ");
}

const STEP = () => Math.max(1, Math.round((view.to - view.from) / 10));
const keys = {
	ArrowLeft: () => moveCursor(-1, 0), ArrowRight: () => moveCursor(1, 0),
	ArrowUp: () => moveCursor(0, -1), ArrowDown: () => moveCursor(0, 1),
	PageUp: () => moveCursor(-STEP(), 0), PageDown: () => moveCursor(STEP(), 0),
	Home: () => moveCursor(-nrTimes, 0), End: () => moveCursor(nrTimes, 0),
	"+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2),
	0: () => setView(0, nrTimes),
};

function onKey(chart, event) {
	if (event.key === "Escape")
		hideTip();
	if (!keys[event.key] || event.ctrlKey || event.altKey || event.metaKey)
		return;
	event.preventDefault();
	keys[event.key]();
	showTipAtCursor(chart);
}

// A drag selects the columns to zoom into; the wheel zooms with Ctrl, as maps do.
function watchMouse(chart) {
	const { root } = chart;
	let start = null;
	const place = (event) => {
		const box = root.getBoundingClientRect();
		chart.point(event.clientX - box.left, event.clientY - box.top, box.width);
		return view.column;
	};
	root.addEventListener("pointermove", (event) => {
		place(event);
		redraw();
		showTip(chart, event.clientX, event.clientY);
	});
	root.addEventListener("pointerdown", (event) => {
		start = place(event);
	});
	root.addEventListener("pointerup", (event) => {
		const end = place(event);
		if (start !== null && Math.abs(end - start) > 1)
			setView(Math.min(start, end), Math.max(start, end) + 1);
		start = null;
	});
	root.addEventListener("pointerleave", () => {
		start = null;
		hideTip();
	});
	root.addEventListener("dblclick", () => setView(0, nrTimes));
	root.addEventListener("wheel", (event) => {
		if (!event.ctrlKey)
			return;
		event.preventDefault();
		place(event);
		zoom(event.deltaY < 0 ? 0.8 : 1.25);
	}, { passive: false });
}

// ---- the page

function addChart(chart) {
	charts.push(chart);
	watchMouse(chart);
	chart.root.addEventListener("keydown", (event) => onKey(chart, event));
	chart.root.addEventListener("focus", () => {
		if (chart.root.matches(":focus-visible"))
			showTipAtCursor(chart);
	});
	chart.root.addEventListener("blur", hideTip);
}

function addZones() {
	const select = document.getElementById("zone");
	raw.zones.forEach((zone, i) => {
		if (zone.spbs)
			select.add(new Option(`${zone.name} (${grouped(zone.spbs)} SPBs)`, i, false,
				i === view.zone));
	});
	select.addEventListener("change", () => {
		view.zone = +select.value;
		view.spb = 0;
		redraw();
	});
}

function start() {
	const kinds = { lines: linesChart, strip: stripChart, state: mapChart,
		difference: mapChart };
	document.documentElement.classList.add("js");
	addZones();
	for (const figure of document.querySelectorAll("figure[data-kind]"))
		addChart(kinds[figure.dataset.kind](figure));
	for (const number of document.querySelectorAll("data"))
		number.title = number.value;
	for (const button of document.querySelectorAll("button[data-key]"))
		button.addEventListener("click", () => keys[button.dataset.key]());
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
		charts.forEach((chart) => chart.repaint && chart.repaint());
		redraw();
	});
	addEventListener("resize", redraw);
	redraw();
}

start();
