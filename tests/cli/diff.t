#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# diff: what differs and why, inside one folder and between two; --full, --sort, --exit-code, --json.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use File::Copy qw(copy);
use JSON::PP;
use Test::More;
use Spb;

my $root = "$FindBin::Bin/../..";
my $sat = "$root/examples/saturation/outcome";
my $host = "$root/examples/host/outcome";
my @input = ('-q', '-i', "$root/examples/saturation/trace.dat", '-s', "$root/examples/saturation/before.snap");

# One folder: each other variant against the first, with the cause.
my ($exit, $out, $err) = run('diff', $sat);
is($exit, 0, 'diff FOLDER') or diag($err);
like($out, qr/^spb-v1-alloc does the same as spb-v1-none: no placement, pass or taint differs\.$/m,
	'trigger 1 changes nothing here');
my ($part) = $out =~ /^(spb-v1-hotpath diverges from.*)/ms;
like($part, qr/: first defrag 1013\.000000000 \(\+13\.000000 s\)\n\s+only spb-v1-hotpath: a pass over SPB 0 of 0\/Normal, queued by trigger 2 \(walk\)/,
	'the first event at which it parts');
like($part, qr/placement_category 1015\.000000000.*\n\s+event 100415, order 4 Reclaimable for dentry-load\[2105\]: CLAIM in clean spb 2; spb-v1-hotpath: PASS_2C in tainted spb 0/,
	'the first placement that differs');
like($part, qr/SPB 2 of 0\/Normal, only in spb-v1-none, at 1015\.000000000 \(\+15\.000000 s\):\n\s+CLAIM, order 4 Reclaimable, by dentry-load\[2105\] on CPU 1, gfp not recorded/,
	'the tainting operation: time, order, type, pid, comm, CPU, pass');
like($part, qr/spb-v1-hotpath instead: PASS_2C in tainted spb 0\n\s+only there, trigger 2 \(walk\) had queued a pass over SPB 0 at \+13\.000000 s: moved 98,304 pages/,
	'the placement and the pass that avoided it');
like($part, qr/^0\/Normal +fresh_taints +2 +1 +-1 \(-50 %\)$/m, 'absolute, signed and in percent');
like($part, qr/^0\/Normal +visits_mean +0\.055 +0\.464 +\+0\.409 \(\+744 %\)$/m, 'decimals');
like($part, qr/^0\/Normal +stuck_ns_max .* \(-26 %\)$/m, 'percent to the nearest: 25.8');
unlike($part, qr/^0\/Normal +ops /m, 'what is the same is left out');
like((run('diff', '--full', $sat))[1], qr/^0\/Normal +ops +48,310 +48,310 +=$/m, '--full shows it');

# The SPBs that it finds are those of divergence.csv.
($exit, $out) = run('diff', '--json', $sat);
my $json = decode_json($out);
is(scalar @$json, 3, '--json: three pairs');
my @found = map { my $v = $_->{variant}{variant}; map { "$v $_->{taint}{zone} $_->{taint}{spb} taint_only_$_->{tainted_by}" }
	@{ $_->{tainted_on_one_side} } } @$json;
my @want = map { "$_->{variant} $_->{zone} $_->{spb} $_->{kind}" } grep { $_->{kind} =~ /^taint/ } csv("$sat/divergence.csv");
is(join("\n", sort @found), join("\n", sort @want), 'the same superpageblocks as divergence.csv');
cmp_ok(scalar @found, '>', 0, 'there are some');
my ($metric) = grep { $_->{metric} eq 'stuck_ns_total' } @{ $json->[2]{metrics} };
is("$metric->{baseline_value} $metric->{value} $metric->{delta} $metric->{ratio}", '8042917250 5967000000 -2075917250 0.742',
	'--json: numbers of diff.csv');

# The other way round: the taint is the variant's.
is((run('compare', @input, '-V', 'spb-v1-hotpath', '-V', 'spb-v1-none', '-o', tmp('turned')))[0], 0, 'arms turned round');
($exit, $out) = run('diff', tmp('turned'));
like($out, qr/SPB 2 of 0\/Normal, only in spb-v1-none, at .*:\n.*CLAIM, order 4.*\n    spb-v1-hotpath instead: PASS_2C in tainted spb 0\n    only there, trigger 2/,
	'a taint of the variant only');
$json = decode_json((run('diff', '--json', tmp('turned')))[1])->[0]{tainted_on_one_side};
is(scalar(@$json) . " $json->[0]{tainted_by} $json->[0]{other_side}{kind}", '1 variant taint_only_variant', 'in JSON, too');

# --sort
sub order { return [map { /^0\/Normal +(\w+)/ ? $1 : () } split(/\n/, (split(/\n\n(?=spb)/, $_[0]))[-1])] }
my $by_name = order((run('diff', '--sort', 'name', $sat))[1]);
is_deeply($by_name, [sort @$by_name], '--sort name');
my $by_delta = order((run('diff', '--sort', 'delta', $sat))[1]);
is(join(' ', @$by_delta[0 .. 2]), 'stuck_ns_total stuck_ns_max pages_migrated', '--sort delta');
my $by_percent = order((run('diff', '--sort', 'percent', $sat))[1]);
is(join(' ', @$by_percent[0 .. 2]), 'defrag_queued_fallthrough pages_migrated defrag_gated_cooldown', '--sort percent: from nothing first');
is_deeply([sort @$by_percent], $by_name, 'all the same figures');
fails(2, qr/--sort: unknown key 'size' - available: table, name, delta, percent/, 'diff', '--sort', 'size', $sat);

# --exit-code
is((run('diff', '--exit-code', $sat))[0], 1, '--exit-code: differs');
is((run('compare', @input, '--exit-code'))[0], 1, 'compare --exit-code: differs');
is((run('compare', @input, '--exit-code', '-V', 'spb-v1-none', '-V', 'spb-v1-none:seed_unused=1'))[0], 2, 'usage stays usage');
my $twin = spit(tmp('twin.json'), '{ "name": "twin", "base": "spb-v1-none" }');
is((run('compare', @input, '--exit-code', '-V', 'spb-v1-none', '-V', $twin))[0], 0, 'compare --exit-code: equal');

# Two folders.
for my $arm (qw(none hotpath)) {
	is((run('replay', @input, '-V', "spb-v1-$arm", '-o', tmp($arm)))[0], 0, "replay spb-v1-$arm");
}
is((run('diff', '--exit-code', tmp('none'), tmp('none')))[0], 0, 'a folder is equal to itself');
($exit, $out, $err) = run('diff', '--exit-code', tmp('none'), tmp('hotpath'));
is($exit, 1, 'two folders differ');
is($err, '', 'no warning');
like($out, qr/^spb-v1-hotpath of \S+hotpath diverges from spb-v1-none of \S+none: first defrag 1013\.000000000/m, 'folders are named');
like($out, qr/SPB 2 of 0\/Normal, only in spb-v1-none.*stays untainted.*only there, trigger 2 \(walk\) had queued a pass over SPB 0/s,
	'the cause, without the placement');
($exit, $out, $err) = run('diff', $host, $sat);
like($err, qr/^spbreplay: warning: \S+ and \S+ come from different captures/, 'other captures: a warning');
is($exit, 0, 'but no failure');
unlike($out, qr/diverges from|does the same|one side only/, 'and nothing is said of single events');
like($out, qr/^\S+ of \S+ against spb-v1-none of \S+$/m, 'the sides are named');
like($out, qr/^0\/Normal +spb_total /m, 'there are figures');
is((run('diff', '--exit-code', $host, $sat))[1], $out, 'also with --exit-code');

# compare prints the same, below its table.
($exit, $out) = run('compare', @input);
like($out, qr/tainted at the end +2 +1 .*\n.*diverges from spb-v1-none: first defrag.*SPB 2 of 0\/Normal, only in spb-v1-none/s,
	'compare: causes below the table');
like($out, qr/^\d+ more figures are the same everywhere: --full shows them$/m, 'equal figures are counted');
unlike($out, qr/steals/, 'not shown');
like((run('compare', @input, '--full'))[1], qr/^  steals +1 +1 +=$/m, '--full shows them');
fails(2, qr/unknown (?:or ambiguous )?option --full/, 'replay', '--full');
my $sorted = (run('compare', @input, qw(-V spb-v1-none -V spb-v1-hotpath --sort percent)))[1];
is_deeply(order($sorted), $by_percent, 'compare --sort: figures in the order of diff --sort');
is((run('compare', @input, '--sort', 'table', '-V', 'spb-v1-none', '-V', 'spb-v1-hotpath'))[1] =~ /(^zone .*)/ms ? $1 : 'none',
	(run('diff', $sat))[1] =~ /spb-v1-hotpath diverges.*?(^zone .*)/ms ? $1 : 'no', 'and as diff prints them');
fails(2, qr/--sort: unknown key 'size'/, 'compare', @input, '--sort', 'size');
fails(2, qr/unknown or ambiguous option --sort/, 'replay', '--sort', 'delta');

# run.json names the snapshot by what it holds: file and folder.
my %hash;
for my $name (qw(a b c)) {
	mkdir(tmp($name));
	my $pages = $name eq 'c' ? 13 << 18 : 12 << 18;
	spit(tmp($name) . '/zoneinfo', "Node 0, zone   Normal\n        spanned  $pages\n  start_pfn:           1048576\n");
	run('replay', '-q', '-i', $input[2], '-s', tmp($name), '-V', 'spb-v1-none', '-o', tmp("out-$name"));
	$hash{$name} = decode_json(slurp(tmp("out-$name") . '/run.json'))->{inputs}[1]{xxh64} // 'none';
}
like($hash{a}, qr/^[0-9a-f]{16}$/, 'hash of the snapshot in run.json');
is($hash{b}, $hash{a}, 'the same for the same bytes');
isnt($hash{c}, $hash{a}, 'another one for others');
like(decode_json(slurp("$sat/run.json"))->{inputs}[1]{xxh64}, qr/^[0-9a-f]{16}$/, 'of a snapshot file');

# Two runs of one capture that differ in more than variants: each setting is named, with both values.
my @saturated = ('-q', '-i', $input[2], qw(-V spb-v1-none -V spb-v1-hotpath));
sub made {
	my ($name, @more) = @_;
	my ($exit, undef, $err) = run('compare', @saturated, '-o', tmp($name), @more);
	is($exit, 0, "made: $name") or diag($err);
	return tmp($name);
}
my $plain = made('plain', '-s', $input[4]);
is((run('diff', $plain, $sat))[2], '', 'alike: no warning');
my @made = (
	['seed', 'seed 1 and 2', '--seed', '2'], ['contig', 'contig 0 and 3', '--contig', '3'],
	['empty', 'initial state repopulate and empty', '-I', 'empty'],
	['fill', 'fill none and 50:100M', '--fill', '50:100M'],
	['filter', 'zone filter none and 0/Normal', '-z', '0/Normal'],
	['level', 'level zone and page', '--level', 'page'],
);
for (@made) {
	my ($name, $said, @more) = @$_;
	my $folder = made("made-$name", '-s', $input[4], @more);
	my (undef, $out, $err) = run('diff', $plain, $folder);
	is($err, "spbreplay: warning: $plain and $folder differ in more than variants: $said\n", "diff: $said");
	unlike($out, qr/^\S+ of \S+ against/m, 'single superpageblocks are compared');
}
my $zoned = made('zoned', '-s', tmp('c'), '--seed', '2');
like((run('diff', $plain, $zoned))[2], qr/variants: snapshot [0-9a-f]{16} and [0-9a-f]{16}, zones, seed 1 and 2$/m, 'one line for all');

# Superpageblock N is another piece of memory there: figures alone.
sub figures_alone {
	my ($name, $a, $b) = @_;
	my (undef, $out) = run('diff', '--full', $a, $b);
	like($out, qr/^spb-v1-none of \Q$b\E against spb-v1-none of \Q$a\E$/m, "$name: no word about single ones");
	unlike($out, qr/diverges from|does the same|tainted on one side/, 'anywhere');
	like($out, qr/^0\/Normal +allocs +[1-9]/m, 'but figures');
	is_deeply([map { @{ $_->{tainted_on_one_side} }, @{ $_->{parts} } } @{ decode_json((run('diff', '--json', $a, $b))[1]) }], [],
		'nor in JSON');
}
my $small = made('small', '-s', $input[4], '--spb-order', '14');
like((run('diff', $plain, $small))[2], qr/small have superpageblocks of order 18 and 14 - .*counts of superpageblocks and single ones cannot$/m,
	'another size of superpageblocks');
figures_alone('another size', $plain, $small);
mkdir(tmp('low'));
spit(tmp('low') . '/zoneinfo', "Node 0, zone   Normal\n        spanned  " . (13 << 18) . "\n  start_pfn:           786432\n");
my $low = made('from-below', '-s', tmp('low'));
like((run('diff', $plain, $low))[2], qr/have zones that begin in different places - /, 'superpageblocks are counted from elsewhere');
figures_alone('another start', $plain, $low);

# What cannot be compared.
fails(2, qr/holds one variant - give a second folder/, 'diff', tmp('none'));
fails(4, qr{nowhere/summary.csv: cannot read}, 'diff', tmp('nowhere'));
sub broken {
	my ($file, $edit) = @_;
	mkdir(tmp('broken'));
	copy("$sat/$_", tmp('broken/')) for split(/ /, listing($sat));
	local $_ = slurp("$sat/$file");
	$edit->();
	spit(tmp("broken/$file"), $_);
}
# A zone that only one side has rows of: what stands behind it is still compared row by row.
for my $arms (['spb-v1-none', 'spb-v1-alloc'], ['spb-v1-alloc', 'spb-v1-none']) {
	my ($with, $without) = @$arms;
	broken('defrag.csv', sub {
		s/^(?=$with,)/$with,0\/DMA32,1019000000000,0,update,1019000050000,1019000060000,3,4,32,0,1,ended\n/m;
	});
	# Rows of our own: without the hash that run.json has of what the run wrote.
	spit(tmp('broken/run.json'), slurp(tmp('broken/run.json')) =~ s/"xxh64"/"hash"/gr);
	like((run('diff', tmp('broken')))[1],
		qr/^spb-v1-alloc diverges from spb-v1-none: first defrag 1019\.000000000.*\n    only $with: a pass over SPB 0 of 0\/DMA32/,
		"passes of DMA32 only in $with: no other differs");
}
broken('taint.csv', sub { s/,comm,/,com,/ });
fails(3, qr{taint.csv: column 13 is com, not comm \(line 1\)}, 'diff', tmp('broken'));
broken('taint.csv', sub { s/,Unmovable,/,/ });
fails(3, qr{taint.csv: has \d+ cells where the header has \d+ \(line 2\)}, 'diff', tmp('broken'));
broken('taint.csv', sub { $_ = substr($_, 0, -4) });
fails(3, qr{taint.csv: is cut off: the last line has no end}, 'diff', tmp('broken'));
broken('defrag.csv', sub { $_ = '' });
fails(3, qr{defrag.csv: is empty}, 'diff', tmp('broken'));
broken('defrag.csv', sub { $_ .= "\0" });
fails(3, qr{defrag.csv: holds NUL bytes}, 'diff', tmp('broken'));
broken('run.json', sub { $_ = '[' });
fails(3, qr{run.json: not a JSON object}, 'diff', tmp('broken'));

# Results of a part of a capture stay marked, in whatever is made of them.
my $log = slurp("$root/examples/host/trace.spblog");
my $cut = spit(tmp('cut.spblog'), substr($log, 0, 200_000));
is((run('compare', '-q', '-i', $cut, qw(-V vanilla -V spb-v1-none), '-o', tmp('part')))[0], 3, 'a log cut off');
my $mark = qr/^spbreplay: warning: \S+part: results are partial: data frame cut off \(offset \d+ of the log\)$/m;
my @later = (['diff', tmp('part')], ['diff', '--json', tmp('part')], ['diff', $sat, tmp('part')],
	['diff', tmp('part'), $sat], ['explain', tmp('part'), '--spb', '0', '-z', '0/Normal'],
	['explain', tmp('part'), '--spb', '0', '-z', '0/Normal', '--json'], ['report', '-q', '--text', tmp('part')],
	['report', '-q', '--text', '--json', tmp('part')], ['report', '-q', tmp('part')],
	['export', '-q', '--perfetto', '-o', tmp('p'), tmp('part')], ['export', '-q', '--gnuplot', '-o', tmp('g'), tmp('part')]);
for my $args (@later) {
	($exit, $out, $err) = run(@$args);
	my $name = join(' ', map { s/.*\///r } @$args);
	is($exit, 0, $name);
	is(() = $err =~ /$mark/g, 1, 'one line says so, and why');
	next unless grep { $_ eq '--json' } @$args;
	my $o = decode_json($out);
	for my $said (ref $o eq 'ARRAY' ? map { @$_{qw(baseline variant)} } @$o : $o) {
		ok($said->{partial}, 'and "partial"');
		like($said->{partial_why}, qr/^data frame cut off/, 'with the reason');
	}
}
($exit, $out, $err) = run('diff', '--json', $sat);
unlike($err, qr/partial/, 'whole results are not partial');
ok(defined($_) && !$_, 'nor in JSON') for map { $_->{partial} } map { @$_{qw(baseline variant)} } @{ decode_json($out) };

done_testing();
