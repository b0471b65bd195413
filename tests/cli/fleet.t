#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# batch and merge: units, parts, restarts after kill -9, failures, the tables, GNU parallel.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep time);
use Spb;

my $root = "$FindBin::Bin/../..";
my $maker = ($ENV{SPB_BUILD} // "$root/build") . '/examples/fleet/make-hosts';
plan(skip_all => 'make-hosts is not built') unless -x $maker;

my $nr = 12;
my @arms = map { ('-V', $_) } qw(spb-v1-none spb-v1-hotpath);
my $hosts = tmp('hosts');
system($maker, $hosts, $nr) == 0 or die 'make-hosts failed';
my $manifest = "$hosts/manifest.csv";

sub batch_ok {
	my ($name, $folder, @more) = @_;
	my ($exit, $out, $err) = run('batch', '-o', tmp($folder), @arms, @more);
	is($exit, 0, $name) or diag($err);
	return $err;
}

sub merged {
	my ($name, $to, @from) = @_;
	my ($exit, $out, $err) = run('merge', '-q', '-o', tmp($to), @from);
	is($exit, 0, $name) or diag($err);
	return slurp(tmp("$to/merged.csv"));
}

# The whole, in one go.
like(batch_ok('batch', 'whole', $manifest), qr/24 units replayed, 0 were done, 0 failed/, 'it says so');
my $whole = merged('merge', 'm-whole', tmp('whole'));
is(() = $whole =~ /\n/g, 1 + 2 * $nr, 'one row a unit, and a header');
like(batch_ok('batch again', 'whole', $manifest), qr/0 units replayed, 24 were done/, 'finished units are skipped');

# A row is what compare says.
# --json: the rows of the two tables.
my $fleet = decode_json((run('merge', '--json', tmp('whole')))[1]);
my @rows = csv(tmp('m-whole/fleet.csv'));
is(scalar @{ $fleet->{fleet} }, scalar @rows, 'merge --json: every row of fleet.csv');
is("$fleet->{fleet}[3]{variant} $fleet->{fleet}[3]{metric} $fleet->{fleet}[3]{hosts}",
	"$rows[3]{variant} $rows[3]{metric} $rows[3]{hosts}", 'with its values');
is(scalar @{ $fleet->{hosts} }, scalar(csv(tmp('m-whole/fleet_hosts.csv'))), 'and of fleet_hosts.csv');

my ($row) = grep { $_->{host} eq 'host-0003' && $_->{arm} == 1 } csv(tmp('m-whole/merged.csv'));
run('compare', '-q', '-i', "$hosts/host-0003/trace.dat", '-s', "$hosts/host-0003/before", @arms, '-o', tmp('c'));
my ($want) = grep { $_->{variant} eq 'spb-v1-hotpath' } csv(tmp('c/summary.csv'));
is($row->{$_}, $want->{$_}, "merged.csv agrees with compare: $_")
	for grep { !/^(variant|zone)$/ } sort keys %$want;

# Killed at several moments; the rest of a killed unit is not mistaken for a result.
for my $after (0, 0.02, 0.05, 0.1) {
	my $pid = fork() // die;
	if (!$pid) {
		open(STDERR, '>', '/dev/null');
		exec($ENV{SPBREPLAY} // "$root/spbreplay", 'batch', '-q', '-o', tmp('killed'), @arms, $manifest);
	}
	sleep($after);
	kill('KILL', $pid);
	waitpid($pid, 0);
}
batch_ok('batch after kill -9', 'killed', $manifest);
is(merged('merge', 'm-killed', tmp('killed')), $whole, 'killed and restarted: byte-identical');

# Torn, foreign and leftover files.
my ($unit) = glob(tmp('killed') . '/units/*/*/*.csv');
my $text = slurp($unit);
spit($unit, substr($text, 0, length($text) / 2));
(my $temp = $unit) =~ s{([^/]+)\.csv$}{.$1.tmp};
spit($temp, 'left behind');
my ($exit, $out, $err) = run('merge', '-q', '-o', tmp('m-torn'), tmp('killed'));
is($exit, 3, 'a torn unit: the merge is not whole');
like($err, qr/23 units whole.*1 not done yet/, 'and says so');
like(batch_ok('batch mends it', 'killed', $manifest), qr/1 units replayed, 23 were done/, 'only that one');
is(merged('merge', 'm-mended', tmp('killed')), $whole, 'the same bytes again');

# Parts, in folders of their own, merged in any order and grouping.
batch_ok("shard $_/3", "part$_", '-q', '--shard', "$_/3", $manifest) for 1 .. 3;
my @parts = map { tmp("part$_") } 1 .. 3;
is(merged('parts', 'm-123', @parts), $whole, 'three parts are the whole');
is(merged('parts backwards', 'm-321', reverse @parts), $whole, 'in any order');
run('merge', '-q', '-o', tmp('m-12'), @parts[0, 1]);
run('merge', '-q', '-o', tmp('m-23'), @parts[2, 1]);
is(merged('(1+2)+3', 'm-12-3', tmp('m-12/merged.csv'), $parts[2]), $whole, '(1+2)+3');
is(merged('1+(2+3)', 'm-1-23', $parts[0], tmp('m-23/merged.csv')), $whole, '1+(2+3)');
is(slurp(tmp('m-1-23/fleet.csv')), slurp(tmp('m-whole/fleet.csv')), 'and so are the tables');
my %lists = map { $_ => (run('batch', '--list', '--shard', "$_/3", @arms, $manifest))[1] } 1 .. 3;
is(join('', sort map { grep { !/^host,/ } split(/^/, $_) } values %lists),
   join('', sort grep { !/^host,/ } split(/^/, (run('batch', '--list', @arms, $manifest))[1])),
   'the lists of the parts are the list');

# Shards from job arrays.
my $plan = decode_json((run('batch', '--list', '--json', '--shard', '2/3', @arms, $manifest))[1]);
spit(tmp('list.csv'), $lists{2});
is_deeply([map { my $row = $_; +{ map { $_ => $row->{$_} // '' } keys %$row } } @$plan],
	  [csv(tmp('list.csv'))], 'batch --list --json: every row of the list, every cell');
fails(2, qr/is for --list/, 'batch', '--json', '-o', tmp('json'), @arms, $manifest);

sub env_list {
	my ($env) = @_;
	return (sh("$env \$T batch --list @arms $manifest"))[1];
}
is(env_list('SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_MIN=5 SLURM_ARRAY_TASK_STEP=1 SLURM_ARRAY_TASK_COUNT=3'),
   $lists{3}, 'Slurm: the third of 5, 6, 7');
is(env_list('JOB_COMPLETION_INDEX=1 JOB_COMPLETIONS=3'), $lists{2}, 'Kubernetes: index 1 of 3');
($exit, $out, $err) = sh("JOB_COMPLETION_INDEX=1 \$T batch --list $manifest");
is($exit, 2, 'Kubernetes without JOB_COMPLETIONS');
like($err, qr/set JOB_COMPLETIONS/, 'says what to set');

# A grid, and the same variants by hand.
($exit, $out) = run('batch', '--list', @arms, '--grid', 'defrag_cooldown_ms=1000,5000', $manifest);
is(join(' ', (map { (split(/,/))[8] } (split(/\n/, $out))[1 .. 4])),
   'spb-v1-none:defrag_cooldown_ms=1000 spb-v1-none:defrag_cooldown_ms=5000 ' .
   'spb-v1-hotpath:defrag_cooldown_ms=1000 spb-v1-hotpath:defrag_cooldown_ms=5000', 'a grid multiplies variants');

# Estimates keep nothing.
($exit, $out, $err) = run('batch', '-n', '-o', tmp('dry'), @arms, $manifest);
is($exit, 0, 'dry run') or diag($err);
like($out, qr/24 units, 0 done, 24 left\nmeasured: .*\nestimate: [\d.]+ s .*of memory/, 'says what it will take');
my $dry = decode_json((run('batch', '-n', '--json', '-o', tmp('dry'), @arms, $manifest))[1]);
is(join(' ', map { $dry->{$_} } qw(shard shards units units_done units_left)), '1 1 24 0 24', '--dry-run --json: what is left');
ok($dry->{measured}{capture} && $dry->{estimate}{memory_bytes} >= $dry->{measured}{memory_bytes}, 'and what it will take');
ok(!-e tmp('dry'), 'and writes nothing');

# Failures are recorded and stop nothing.
my $bad = tmp('bad.csv');
spit("$hosts/rubbish.dat", 'no capture at all');
spit($bad, slurp($manifest) =~ s{host-}{$hosts/host-}gr =~ s{,\Q$hosts\E/host-(\d+),6}{,host-$1,6}gr .
     "$hosts/rubbish.dat,,rubbish,,x,1\n$hosts/nowhere.dat,,\"no, where\",,x,1\n");
($exit, $out, $err) = run('batch', '-o', tmp('bad'), @arms, $bad);
is($exit, 3, 'two captures fail');
like($err, qr/28 units failed|4 of 28 units failed/, 'it says how many');
($exit, $out, $err) = run('merge', '-o', tmp('m-bad'), tmp('bad'));
is($exit, 3, 'merge says so, too');
like($out, qr/12 hosts, 2 captures failed/, 'the table stands on the others');
my %why = map { $_->{host} => $_ } grep { $_->{status} eq 'failed' } csv(tmp('m-bad/merged.csv'));
like($why{rubbish}{reason}, qr/rubbish\.dat: /, 'the reason is kept');
is($why{rubbish}{code}, 3, 'with its code');
like($why{'no, where'}{reason}, qr/nowhere\.dat: cannot/, 'also of a missing file');
like((run('batch', '-o', tmp('bad'), @arms, $bad))[2], qr/2 units replayed, 26 were done/,
     'what may be gone next time is tried again, damage is not');

# The page: names are text, never markup; nothing is loaded.
my $evil = tmp('evil.csv');
spit($evil, "capture,snapshot,host\n" . join('', map {
	sprintf("%s/host-%04d/trace.dat,%s/host-%04d/before,\"<script>alert('%d')</script>\"\n", $hosts, $_, $hosts, $_, $_)
} 1 .. $nr));
run('batch', '-q', '-o', tmp('evil'), @arms, $evil);
($exit, $out, $err) = run('merge', '-q', '-o', tmp('m-evil'), tmp('evil'));
my $page = slurp(tmp('m-evil/fleet.html'));
like($page, qr{stuck_ns_total</td><td>s</td><td>\w+</td><td>-?[\d,]+\.\d{3}</td>}, 'fleet.html: verdict first, times in seconds');
unlike($page, qr/<script|src=|href=/, 'fleet.html: no markup from names, nothing loaded');
like($page, qr/&lt;script&gt;alert\(&#39;\d+&#39;\)/, 'but the names are there');

# What cannot be: one line each.
sub spit_manifest { return spit(tmp('x.csv'), $_[0]) }
fails(2, qr/no column capture/, 'batch', '--list', spit_manifest("file,host\na,b\n"));
fails(2, qr/lines 2 and 3 name the same/, 'batch', '--list', spit_manifest("capture\na\na\n"));
fails(3, qr/2 cells where the header has 1 \(line 3\)/, 'batch', '--list', spit_manifest("capture\na\na,b\n"));
fails(3, qr/quote is not closed/, 'batch', '--list', spit_manifest("capture\n\"a\n"));
fails(2, qr/is not I\/N/, 'batch', '--list', '--shard', '3', $manifest);
fails(2, qr/out of range/, 'batch', '--list', '--shard', '4/3', $manifest);
fails(2, qr/unknown knob/, 'batch', '--list', '--grid', 'cooldown=1', $manifest);
fails(2, qr/--grid: spb-v1-none:hz=100 has a value of hz already - say each knob once/,
	'batch', '--list', '-V', 'spb-v1-none', '--grid', 'hz=100', '--grid', 'hz=300', $manifest);
fails(2, qr/--grid: spb-v1-none:hz=250 has a value of hz already/,
	'batch', '--list', '-V', 'spb-v1-none:hz=250', '--grid', 'hz=100,300', $manifest);
fails(2, qr/--window: '\Q$_->[0]\E' $_->[1]/, 'batch', '-o', tmp('never'), '-w', $_->[0], $manifest)
	for ['5~3', 'ends before it begins - swap the sides'], ['+3~+2', 'ends before'], ['60%~40%', 'ends before'],
		['5~5', 'is empty - widen it'];
ok(!-e tmp('never'), 'nothing is begun for a window that holds nothing');
fails(2, qr/no folder for the results/, 'batch', $manifest);
fails(2, qr/--baseline: no results/, 'merge', '-b', 'vanilla', tmp('whole'));
run('batch', '-q', '-o', tmp('other'), '--seed', 7, @arms, $manifest);
fails(2, qr/different labels, knobs, options or version/, 'merge', tmp('whole'), tmp('other'));

# The example: killed twice on its way.
($exit, $out, $err) = sh("$root/examples/fleet/run " . tmp('example') . ' 50');
is($exit, 0, 'examples/fleet/run') or diag($err);
is(() = $err =~ /^killed with \d+ of 200 units done$/mg, 2, 'it is killed twice');
like($out, qr/spb-v1-hotpath against spb-v1-none: 50 hosts/, 'the table comes');
like($out, qr/tainted at the end: helps: -0\.\d+ a host, with 95 % confidence between -0\.\d+ and -0\.\d+/,
     'it says whether the patch helps, with its confidence');

SKIP: {
	skip('GNU parallel is not installed', 2) if (sh('parallel --version'))[1] !~ /GNU parallel/;
	($exit, $out, $err) = sh("SPBREPLAY=\$T $root/examples/fleet/parallel.sh $manifest " . tmp('par') .
				 " 3 @arms");
	is($exit, 0, 'examples/fleet/parallel.sh') or diag($err);
	is(slurp(tmp('par/merged/merged.csv')), $whole, 'the same bytes');
}

done_testing();
