// SPDX-License-Identifier: GPL-2.0
// Heat maps: superpageblocks in physical order over time. A cell that covers several shows the
// worst of them.
"use strict";

const MAP_HEIGHT = 260;
const SHADES = 4;
const CATEGORY = ["empty", "clean", "tainted"];

// Rank of a state (stuck * 3 + category): empty, clean, tainted, stuck.
const RANK = [0, 1, 2, 3, 3, 3];
const EMPTY = 0, CLEAN = 1, TAINTED = 2, STUCK = 3;

// Of a map of one variant: rank * SHADES + how full, so that the largest is the worst.
function stateCells(map) {
	const cells = new Uint8Array(map.state.length);
	for (let i = 0; i < cells.length; i++) {
		const used = 1 - Math.min(1, map.free[i] / raw.blocks);
		const shade = Math.min(SHADES - 1, Math.floor(used * SHADES));
		cells[i] = RANK[map.state[i]] * SHADES + shade;
	}
	return cells;
}

const SAME = 0, ELSEWHERE = 1, BETTER = 2, WORSE = 3;

function differenceCells(base, other) {
	const cells = new Uint8Array(other.state.length);
	for (let i = 0; i < cells.length; i++) {
		const a = RANK[base.state[i]], b = RANK[other.state[i]];
		if (a === b)
			cells[i] = SAME;
		else if (a <= CLEAN && b <= CLEAN)
			cells[i] = ELSEWHERE;
		else
			cells[i] = b < a ? BETTER : WORSE;
	}
	return cells;
}

// "#rrggbb" of the style sheet as [r, g, b].
function colour(name) {
	const style = getComputedStyle(document.documentElement);
	const text = style.getPropertyValue(`--${name}`).trim();
	return [1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16));
}

function between(a, b, share) {
	return a.map((x, i) => Math.round(x + (b[i] - x) * share));
}

function statePalette() {
	const empty = colour("empty"), palette = [];
	["empty", "clean", "tainted", "stuck"].forEach((name, rank) => {
		for (let shade = 0; shade < SHADES; shade++)
			palette.push(rank === EMPTY || rank === STUCK ? colour(name) :
				between(empty, colour(name), 0.55 + 0.45 * shade / (SHADES - 1)));
	});
	return palette;
}

function differencePalette() {
	return ["same", "elsewhere", "better", "worse"].map(colour);
}

// The worst cell of each pixel.
function paint(image, cells, spbs, palette) {
	const { width, height, data } = image;
	const span = view.to - view.from;
	for (let y = 0; y < height; y++) {
		const top = Math.floor(y * spbs / height);
		const bottom = Math.max(top + 1, Math.floor((y + 1) * spbs / height));
		for (let x = 0; x < width; x++) {
			const first = Math.floor(view.from + x * span / width);
			const next = Math.floor(view.from + (x + 1) * span / width);
			const end = Math.min(nrTimes, Math.max(first + 1, next));
			let worst = 0;
			for (let spb = top; spb < bottom; spb++)
				for (let i = spb * nrTimes + first; i < spb * nrTimes + end; i++)
					if (cells[i] > worst)
						worst = cells[i];
			const [r, g, b] = palette[worst], at = 4 * (y * width + x);
			data[at] = r;
			data[at + 1] = g;
			data[at + 2] = b;
			data[at + 3] = 255;
		}
	}
}

function describe(map, at) {
	const state = map.state[at];
	return `${CATEGORY[state % 3]}${state >= 3 ? ", stuck" : ""}, ` +
		`${grouped(map.free[at])} of ${grouped(raw.blocks)} blocks free`;
}

function taintText(t) {
	return `${seconds(t.time)}: ${t.from} to ${t.to} by ${t.cause} of ${t.comm} ` +
		`(pid ${t.pid}), order ${t.order} ${t.type}`;
}

// What changed the category of this superpageblock since the sample before; else the last change
// before, whose work it still is. The page may hold the first changes of a variant only.
function taintsAt(variant) {
	const after = view.column ? times[view.column - 1] : -Infinity, now = times[view.column];
	const listed = taints.filter((t) => t.variant === variant);
	const past = listed.filter((t) => t.zone === view.zone && t.spb === view.spb && t.time <= now);
	const fresh = past.filter((t) => t.time > after);
	if (fresh.length || !past.length)
		return fresh.slice(0, 6).map(taintText);
	const last = past[past.length - 1];
	const known = raw.taint_whole[variant] || listed[listed.length - 1].time > now;
	return known && last.to === "tainted" ? [`since ${taintText(last)}`] : [];
}

function mapText(variants) {
	const at = view.spb * nrTimes + view.column;
	const linesOf = (variant) => [
		`${raw.variants[variant]}: ${describe(spbMap(variant, view.zone), at)}`,
		...taintsAt(variant),
	];
	return [`SPB ${view.spb} of ${raw.zones[view.zone].name}`, ...variants.flatMap(linesOf)];
}

function cellsOf(figure) {
	const difference = figure.dataset.kind === "difference", variant = +figure.dataset.variant;
	return once(`c${difference} ${variant} ${view.zone}`, () => {
		const map = spbMap(variant, view.zone);
		return difference ? differenceCells(spbMap(0, view.zone), map) : stateCells(map);
	});
}

// Axes of the map, drawn over the canvas in the same space.
function mapAxes(root, width) {
	const spbs = raw.zones[view.zone].spbs, bottom = MAP_HEIGHT - PAD.bottom;
	const yOf = (spb) => PAD.top + spb / spbs * (bottom - PAD.top);
	root.replaceChildren();
	root.setAttribute("viewBox", `0 0 ${width} ${MAP_HEIGHT}`);
	for (const spb of valueTicks(Math.max(1, spbs - 1)))
		label(root, PAD.left - 6, Math.min(bottom, yOf(spb + 0.5) + 4), "end",
			grouped(spb));
	for (const tick of timeTicks(width))
		label(root, tick.x, MAP_HEIGHT - 6, "middle", tick.text);
	drawCursor(root, width, MAP_HEIGHT);
	const y = yOf(view.spb + 0.5);
	svg("path", { class: "cursor", d: `M${PAD.left} ${y}H${width - PAD.right}` }, root);
}

function mapChart(figure) {
	const difference = figure.dataset.kind === "difference", variant = +figure.dataset.variant;
	const box = element("div", "live map", figure);
	const canvas = element("canvas", "", box);
	const root = svg("svg", { class: "over", role: "application", tabindex: 0 }, box);
	const inner = MAP_HEIGHT - PAD.top - PAD.bottom;
	let drawn = "";
	box.style.height = `${MAP_HEIGHT}px`;
	canvas.style.left = `${PAD.left}px`;
	canvas.style.top = `${PAD.top}px`;
	root.setAttribute("aria-label", figure.querySelector("figcaption").textContent);
	return {
		root,
		repaint() {
			drawn = "";
		},
		draw() {
			const width = figure.clientWidth, spbs = raw.zones[view.zone].spbs;
			const plot = Math.max(1, width - PAD.left - PAD.right);
			const key = `${view.zone} ${view.from} ${view.to} ${plot}`;
			mapAxes(root, width);
			if (key === drawn)
				return;
			drawn = key;
			canvas.width = plot;
			canvas.height = inner;
			const context = canvas.getContext("2d");
			const image = context.createImageData(plot, inner);
			paint(image, cellsOf(figure), spbs,
				difference ? differencePalette() : statePalette());
			context.putImageData(image, 0, 0);
		},
		text() {
			return mapText(difference ? [0, variant] : [variant]);
		},
		point(x, y, width) {
			const spbs = raw.zones[view.zone].spbs;
			view.column = columnOfX(x, width);
			const row = Math.floor((y - PAD.top) / inner * spbs);
			view.spb = Math.min(spbs - 1, Math.max(0, row));
		},
	};
}
