#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The main job: files, table, the same answer whatever the way, options, interruption.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep);
use Spb;

my $v6 = data('small_v6.dat');
# The capture of the scenario has allocations and frees; the small real one has no drains.
my $v7 = scene() // data('small_v7.dat');
my @arms = qw(spb-v1-none spb-v1-alloc spb-v1-fallthrough spb-v1-hotpath);
my @files = qw(chances.csv defrag.csv diff.csv divergence.csv passes.csv schema.json spb.csv spbmap.csv
	summary.csv taint.csv timeline.csv visits.csv lists.csv);

# All CSV files of a folder as one string.
sub bytes {
	my ($dir) = @_;
	return join('', map { "== $_\n" . (slurp("$dir/$_") // 'missing') } @files);
}

sub compare {
	my ($name, @args) = @_;
	my ($exit, $out, $err) = run('compare', '-o', tmp($name), @args);
	is($exit, 0, "compare @args") or diag($err);
	return ($out, $err);
}

my ($table, $err) = compare('base', '-i', $v7);
is(listing(tmp('base')), join(' ', sort(@files, 'run.json')), 'all files, and no others');

# Columns of section 10.
my %columns = (
	'summary.csv' => 'variant,zone,ops,allocs,frees,failed_allocs,spb_total,spb_tainted_start,'
		. 'spb_tainted_end,spb_tainted_max,spb_clean_end,spb_empty_end,fresh_taints,untaints,'
		. 'fallback_claims,steals,pass3,defrag_queued_update,defrag_queued_alloc,'
		. 'defrag_queued_fallthrough,defrag_gated_cooldown,defrag_passes,defrag_no_progress,'
		. 'pages_migrated,shrink_queued,stuck_spbs,stuck_ns_total,stuck_ns_max,visits_mean,'
		. 'visits_p99,visits_max,highorder_refused,direct_evacuations,direct_stall_ns,'
		. 'pages_reclaimed,pages_shrunk,contig_spbs,contig_migrated,contig_stall_ns',
	'timeline.csv' => 'variant,zone,time_ns,spb_clean,spb_tainted,spb_empty,free_pages,'
		. 'free_pages_tainted,nr_free_blocks,stuck_spbs,migrated_total',
	'taint.csv' => 'variant,zone,time_ns,spb,start_pfn,from,to,cause,order,migratetype,cpu,pid,'
		. 'comm,gfp',
	'spb.csv' => 'variant,zone,spb,start_pfn,category,fullness,nr_free,nr_unmovable,'
		. 'nr_reclaimable,nr_movable,nr_reserved,total_pageblocks,free_pages,taints,'
		. 'defrag_passes,stuck_ns',
	'defrag.csv' => 'variant,zone,time_ns,spb,trigger,start_ns,end_ns,nr_free_before,'
		. 'nr_free_after,pages_migrated,pages_failed,progress,state',
	'chances.csv' => 'variant,zone,first_ns,last_ns,spb,trigger,verdict,count,cooldown_left_ns',
	'passes.csv' => 'variant,zone,outcome,order,migratetype,count,visits_mean,visits_p50,'
		. 'visits_p99,visits_max',
	'spbmap.csv' => 'variant,zone,time_ns,spb,category,free_blocks,stuck',
	'visits.csv' => 'variant,zone,outcome,visits,count',
	'lists.csv' => 'variant,zone,first_ns,last_ns,spb,from,to,moves,now,nr_free,free_pages',
);
for my $file (sort keys %columns) {
	my ($head) = split(/\n/, slurp(tmp("base/$file")));
	is($head, $columns{$file}, "columns of $file");
}
like((split(/\n/, slurp(tmp("base/$_"))))[0], qr/^variant,zone,/, "columns of $_")
	for qw(diff.csv divergence.csv);

# The table says what summary.csv says.
my %sum;
for my $row (csv(tmp('base/summary.csv'))) {
	$sum{$row->{variant}}{$_} += $row->{$_} for qw(ops fresh_taints spb_total spb_tainted_end);
	like($row->{zone}, qr{^\d+/\w+$}, "zone $row->{zone}");
}
is(join(' ', sort keys %sum), 'spb-v1-hotpath spb-v1-none', 'two variants without -V');
is($sum{'spb-v1-none'}{ops}, $sum{'spb-v1-hotpath'}{ops}, 'both had the same load');
cmp_ok($sum{'spb-v1-none'}{ops}, '>', 1000, 'and it is a load');
like($table, qr/^\S.*\bspb-v1-none +spb-v1-hotpath +difference$/m, 'head of the table');
like($table, qr/^  superpageblocks \(SPBs\) +$sum{'spb-v1-none'}{spb_total} /m, 'SPBs');
like($table, qr/^  tainted at the end +$sum{'spb-v1-none'}{spb_tainted_end} +$sum{'spb-v1-hotpath'}{spb_tainted_end} /m,
	'tainted SPBs');
like($table, qr/tainted at the end.*stuck time, all SPBs \(s\).*fresh taints/s,
	'tainted SPBs and stuck time first');
like($err, qr/CSV files in \S+base: .*summary\.csv/, 'says where the files are');
unlike($table . $err, qr/\e/, 'no escapes in a pipe');
unlike($err, qr/\r/, 'no progress in a pipe');

# run.json
my $run = eval { decode_json(slurp(tmp('base/run.json'))) };
ok($run, 'run.json is JSON') or diag($@);
like(slurp(tmp('base/run.json')), qr/"$_"/, "run.json names $_") for qw(seed spb-v1-hotpath hz);

# The same answer every time and every way.
my $want = bytes(tmp('base'));
unlike($want, qr/missing/, 'all there');
compare('again', '-i', $v7);
ok(bytes(tmp('again')) eq $want, 'two runs: equal');
compare("j$_", '-i', $v7, '-j', $_) for 1, 2;
ok(bytes(tmp('j1')) eq $want, '-j1: equal');
ok(bytes(tmp('j2')) eq $want, '-j2: equal');
is((run('parse', '-q', '-i', $v7, '-o', tmp('c.spblog')))[0], 0, 'parse');
compare('log', '-i', tmp('c.spblog'));
ok(bytes(tmp('log')) eq $want, 'through a log: equal');
for my $way ("-i - <'$v7'", "-i - <" . tmp('c.spblog')) {
	my ($exit, undef, $e) = sh("\"\$T\" compare -q -o " . tmp('in') . " $way");
	is($exit, 0, "from standard input") or diag($e);
	ok(bytes(tmp('in')) eq $want, 'equal');
}
{
	my ($exit, $o, $e) = sh("cat '$v7' | \"\$T\" parse -q -i - | \"\$T\" compare -q -i - -o "
		. tmp('pipe'));
	is($exit, 0, 'cat | parse | compare') or diag($e);
	ok(bytes(tmp('pipe')) eq $want, 'equal');
}

# Four arms: each alone gives the rows it gives in company.
my ($four) = compare('four', '-i', $v7, map { ('-V', $_) } @arms);
my ($head) = $four =~ /^(\S.*spb-v1-none.*)$/m;
is(scalar(() = $head =~ /difference/g), 3, 'three differences to the first');
for my $arm (@arms) {
	my ($exit) = run('replay', '-q', '-i', $v7, '-V', $arm, '-o', tmp("one-$arm"));
	is($exit, 0, "replay $arm");
	for my $file (qw(summary.csv taint.csv spb.csv defrag.csv chances.csv passes.csv timeline.csv spbmap.csv
			visits.csv lists.csv)) {
		my @alone = grep { /^\Q$arm\E,/ } split(/\n/, slurp(tmp("one-$arm/$file")));
		my @among = grep { /^\Q$arm\E,/ } split(/\n/, slurp(tmp("four/$file")));
		is_deeply(\@alone, \@among, "$arm: $file");
	}
}

# Options change what they say they change.
sub total {
	my ($dir, $column) = @_;
	my $n = 0;
	$n += $_->{$column} for grep { $_->{variant} eq 'spb-v1-none' } csv(tmp("$dir/summary.csv"));
	return $n;
}
compare('first', '-i', $v7, '-q', '--window', '~50%');
compare('second', '-i', $v7, '-q', '--window', '50%~');
cmp_ok(total('first', 'ops'), '>', 0, 'first half: operations');
cmp_ok(total('second', 'ops'), '>', 0, 'second half: operations');
cmp_ok(total('first', 'ops'), '<', total('base', 'ops'), 'fewer than all');
compare('open', '-i', $v7, '-q', '--window', ':');
ok(bytes(tmp('open')) eq $want, 'an open window is all');
compare('from0', '-i', $v7, '-q', '--window', '+0s~');
ok(bytes(tmp('from0')) eq $want, '+0s~ is all');
fails(2, qr/outside of the capture/, 'compare', '-i', $v7, '--window', '+999999s~');
fails(2, qr/ends at/, 'compare', '-i', $v7, '--window', '+2s~+1s');

my %zones = map { $_->{zone} => 1 } grep { $_->{ops} } csv(tmp('base/summary.csv'));
my ($zone) = sort keys %zones;
compare('zone', '-i', $v7, '-q', '--zone', $zone);
my @others = grep { $_->{zone} ne $zone && $_->{ops} } csv(tmp('zone/summary.csv'));
is(scalar @others, 0, "--zone $zone: no operations elsewhere");

compare('small', '-i', $v7, '-q', '--spb-order', '16');
cmp_ok(total('small', 'spb_total'), '>', total('base', 'spb_total'), 'smaller SPBs are more');
compare('empty', '-i', $v7, '-q', '--initial', 'empty');
cmp_ok(total('empty', 'ops'), '>', 0, '--initial empty');
compare('samples', '-i', $v7, '-q', '--samples', '7');
my %times = map { $_->{time_ns} => 1 } csv(tmp('samples/timeline.csv'));
cmp_ok(scalar keys %times, '<=', 8, '--samples');
compare('checked', '-i', $v7, '-q', '--check-every', '4096');
ok(bytes(tmp('checked')) eq $want, '--check-every finds nothing and changes nothing');
compare('v6', '-i', $v6, '-q');
cmp_ok(total('v6', 'ops'), '>', 1000, 'v6');

# A variant of one's own.
my $mine = spit(tmp('mine.json'),
	'{ "name": "mine, quoted", "base": "spb-v1-hotpath", "defrag_cooldown_ms": 0 }');
compare('mine', '-i', $v7, '-q', '-V', 'spb-v1-none', '-V', $mine);
like(slurp(tmp('mine/summary.csv')), qr/^"mine, quoted",/m, 'its name is quoted in CSV');

# Quiet.
my ($exit, $out, $e) = run('compare', '-q', '-i', $v7, '-o', tmp('quiet'));
like($out, qr/tainted at the end/, '-q: the table is a result and stays');
unlike($e, qr/CSV|\r/, '-q: no notes');
($exit, $out, $e) = run('compare', '-i', $v7);
is($exit, 0, 'without -o');
unlike($e, qr/CSV/, 'no files, no note');

# One zone of several that were inferred: what lies in the others is left out, not astray.
($exit, $out, $e) = run('compare', '-v', '-i', "$FindBin::Bin/../../examples/host/trace.spblog", '-z', 'Normal');
is($exit, 0, 'one inferred zone');
like($e, qr/^filtered: [1-9]/m, 'the events of another zone are counted as left out');
unlike($e, qr/in no zone/, 'and not as of another host');

# A table that cannot be written: status 4, but the files are there.
SKIP: {
	skip('no /dev/full here', 2) unless -c '/dev/full';
	($exit, $out, $e) = sh("\"\$T\" compare -i '$v7' -o " . tmp('full') . ' >/dev/full');
	is($exit, 4, 'full stdout');
	ok(bytes(tmp('full')) eq $want, 'files are whole');
}

# Ctrl-C: valid files, marked partial. Needs a capture of many blocks; checks make the run long.
SKIP: {
	my ($big) = sort { -s $b <=> -s $a } glob("$FindBin::Bin/../../examples/*/trace.dat");
	my $events = $big && (run('info', '--json', $big))[1] =~ /"nr_events": (\d+)/ ? $1 : 0;
	skip('no capture in examples/ has many blocks', 6) unless $events > 150000;
	my ($e, $said) = interrupted('INT', sub { system('rm', '-rf', tmp('int')) },
		'compare', '-i', $big, '--check-every', '1', '-o', tmp('int'));
	is($e, 3, 'interrupted: exit status 3');
	like($said, qr/interrupted after \d+ operations/, 'says so');
	is(listing(tmp('int')), join(' ', sort(@files, 'run.json')), 'all files');
	my $partial = eval { decode_json(slurp(tmp('int/run.json'))) };
	ok($partial && $partial->{partial}, 'run.json says partial');
	like(slurp(tmp('int/summary.csv')), qr/^spb-v1-hotpath,/m, 'summary.csv has rows');
}

# 1 GiB pages after the end: as many as asked for, as far as they go, and no other figure knows of it.
{
	my $dir = "$FindBin::Bin/../../examples/saturation";
	my @in = ('-i', "$dir/trace.dat", '-s', "$dir/before.snap", '-V', 'vanilla', '-V', 'spb-v1-hotpath');
	my %given;
	for my $n (0, 1, 1000) {
		my ($shown) = compare("contig$n", @in, '--contig', $n, '--check-every', 50000);
		my @rows = csv(tmp("contig$n") . '/summary.csv');
		for my $r (@rows) {
			$given{$n}{$r->{variant}} = $r->{contig_spbs};
			delete @$r{qw(contig_spbs contig_migrated contig_stall_ns)};
		}
		$given{rest}{$n} = join("\n", map { my $r = $_; map { "$_=$r->{$_}" } sort keys %$r } @rows);
		$n ? like($shown, qr/^1 GiB pages after the end$/m, 'shown') : unlike($shown, qr/1 GiB/, 'not asked, not shown');
		is(slurp(tmp("contig$n/$_")), slurp(tmp("contig0/$_")), "--contig $n: $_ as without")
			for qw(taint.csv spb.csv timeline.csv defrag.csv passes.csv);
	}
	is_deeply([values %{$given{0}}], [0, 0], 'none asked for, none given');
	is_deeply([values %{$given{1}}], [1, 1], 'one asked for, one given');
	cmp_ok($_, '>', 1, 'more, if there are more') for values %{$given{1000}};
	is($given{rest}{$_}, $given{rest}{0}, "--contig $_: nothing else in summary.csv changes") for 1, 1000;
	like(slurp(tmp('contig1000/run.json')), qr/"contig": 1000,/, 'run.json tells');
}

done_testing();
