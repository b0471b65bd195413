// SPDX-License-Identifier: GPL-2.0
// Put behind the scripts of a page by report.t: uses it as people do and leaves what it saw in the
// document, for --dump-dom.
"use strict";

(() => {
	const seen = { scripts: document.scripts.length, loaded: performance.now() };
	const figure = (selector) =>
		document.querySelector(`figure${selector}`).querySelector("svg.live, svg.over");
	const tipText = () =>
		[...document.querySelectorAll(".tip div")].map((line) => line.textContent);
	const point = (svg, type, x, y) => {
		const box = svg.getBoundingClientRect();
		svg.dispatchEvent(new PointerEvent(type, { clientX: box.left + x * box.width,
			clientY: box.top + y * box.height, bubbles: true }));
	};
	const key = (svg, name) => svg.dispatchEvent(new KeyboardEvent("keydown", { key: name,
		bubbles: true, cancelable: true }));
	const span = () => view.to - view.from;
	const lines = figure("[data-series=tainted]"), map = figure("[data-kind=state]");

	point(lines, "pointermove", 0.5, 0.5);
	seen.lines = { column: view.column, text: tipText(),
		shown: getComputedStyle(document.querySelector(".tip")).display };
	point(map, "pointermove", 0.5, 0.1);
	seen.map = { column: view.column, spb: view.spb, text: tipText() };
	point(map, "pointermove", 0.5, 0.06);
	seen.since = tipText();
	point(map, "pointerleave", 0.5, 0.1);
	seen.hidden = getComputedStyle(document.querySelector(".tip")).display;

	seen.all = span();
	lines.focus();
	key(lines, "+");
	key(lines, "+");
	seen.zoomed = span();
	const before = view.column;
	key(lines, "ArrowLeft");
	seen.moved = view.column - before;
	seen.spoken = document.querySelector(".speech").textContent;
	key(lines, "-");
	seen.wider = span();
	key(lines, "0");
	seen.reset = span();
	key(map, "ArrowDown");
	seen.down = view.spb - seen.map.spb;
	point(lines, "pointerdown", 0.4, 0.5);
	point(lines, "pointerup", 0.6, 0.5);
	seen.dragged = span();
	document.querySelector("button[data-key='0']").click();
	seen.button = span();

	// Colours that the map of the first variant shows: more than one, so it was painted.
	const canvas = document.querySelector("figure[data-kind=state] canvas");
	const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
	const colours = new Set();
	for (let i = 0; i < pixels.length; i += 4)
		colours.add(`${pixels[i]},${pixels[i + 1]},${pixels[i + 2]}`);
	seen.colours = colours.size;
	seen.stillHidden = getComputedStyle(document.querySelector("svg.static")).display;
	seen.alien = document.querySelectorAll("img, b > script, i > b").length;

	// Every zone can be looked at.
	const select = document.getElementById("zone");
	seen.zones = [...select.options].map((option) => {
		select.value = option.value;
		select.dispatchEvent(new Event("change"));
		point(map, "pointermove", 0.5, 0.5);
		return tipText()[1];
	});
	seen.errors = window.errors;
	const out = document.createElement("pre");
	out.id = "selftest";
	out.textContent = JSON.stringify(seen);
	document.body.append(out);
})();
