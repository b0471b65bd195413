#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# synth: captures that trace-cmd opens with equal counts, that info finds clean and compare replays.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Test::More;
use Spb;

my $trace_cmd = !system('command -v trace-cmd >/dev/null 2>&1');

sub info {
	my ($path) = @_;
	my ($exit, $json, $err) = run('info', '--json', $path);
	is($exit, 0, "info $path") or diag($err);
	return eval { decode_json($json) } // {};
}

# Events by name, as trace-cmd counts them.
sub counts {
	my ($path) = @_;
	my %n;
	open(my $p, '-|', "trace-cmd report '$path' 2>/dev/null") or die;
	while (<$p>) { $n{$1}++ if /\]\s+[\d.]+:\s+(\w+):/ }
	close($p);
	return \%n;
}

sub seen { my ($j) = @_; return { map { $j->{events}{$_} ? ($_ => $j->{events}{$_}) : () } keys %{$j->{events}} } }

# Every profile, as trace.dat of both versions and as a log: the same events.
my ($lexit, $list) = run('synth', '--list');
is($lexit, 0, '--list');
my @profiles = $list =~ /^(\S+) /mg;
cmp_ok(scalar @profiles, '>=', 5, 'profiles');
for my $p (@profiles) {
	my @length = $p eq 'saturation' ? () : (-n => 40000);
	my @args = ('synth', '-q', '-p', $p, @length, '-V', 'spb-v1-hotpath');
	my %as = (v7 => tmp("$p.7.dat"), v6 => tmp("$p.6.dat"), spblog => tmp("$p.spblog"));
	my $first;
	for my $f (sort keys %as) {
		my ($exit, $out, $err) = run(@args, '--format', $f, '-o', $as{$f});
		is($exit, 0, "synth -p $p, $f") or diag($err);
		is("$out$err", '', 'says nothing');
		my $j = info($as{$f});
		is(eval { $j->{lost}{events} } // 0, 0, 'nothing lost');
		ok(!$j->{partial}, 'whole');
		is($j->{demand}{oddities}{$_} // 0, 0, "no $_")
			for qw(lost_free orphan_free partial_free double_free overlap_alloc outside_zone bad_event);
		$first //= seen($j);
		is_deeply(seen($j), $first, 'same events in each format');
	SKIP: {
			skip('trace-cmd is not installed', 1) unless $trace_cmd;
			is_deeply(counts($as{$f}), $first, 'trace-cmd counts the same') unless $f eq 'spblog';
		}
	}
	ok($first->{spb_alloc_walk} && $first->{spb_pb_taint}, 'events of the series');
	# A replay under the same variant agrees in every event and every page, at both levels.
	my ($cexit, $cout, $cerr) = run('check', '-q', '--exit-code', '-i', $as{v7}, '-s', tmp("$p.7.snap"), '-V', 'spb-v1-hotpath');
	is($cexit, 0, "$p: round trip at zone level") or diag($cout);
	run(@args, '--page-level', '-o', tmp("$p.page.dat"));
	($cexit, $cout) = run('check', '-q', '--exit-code', '-i', tmp("$p.page.dat"), '-s', tmp("$p.page.snap"), '-V', 'spb-v1-hotpath');
	is($cexit, 0, "$p: round trip at page level") or diag($cout);
	my $again = tmp("$p.again.dat");
	run(@args, '-o', $again);
	ok(slurp($again) eq slurp($as{v7}), 'same seed, same bytes');
}

# Upstream has no events of the series.
is((run('synth', '-q', '-V', 'vanilla', '-p', 'slab-flood', '-n', 50000, '-o', tmp('van.dat')))[0], 0, 'vanilla');
my $van = info(tmp('van.dat'));
is(scalar(grep { /^spb_/ && $van->{events}{$_} } keys %{$van->{events}}), 0, 'no events of the series');

# The story of the seed patch, from capture and snapshot.
is((run('synth', '-q', '-p', 'saturation', '-o', tmp('sat.dat')))[0], 0, 'without the patch');
my ($cexit, undef, $cerr) = run('compare', '-q', '-i', tmp('sat.dat'), '-s', tmp('sat.snap'),
	'-V', 'spb-v1-none', '-V', 'spb-v1-hotpath', '-o', tmp('out'));
is($cexit, 0, 'compare') or diag($cerr);
my %sum = map { $_->{variant} => $_ } grep { $_->{zone} eq '0/Normal' } csv(tmp('out') . '/summary.csv');
is($sum{'spb-v1-none'}{stuck_spbs}, 1, 'without the patch a superpageblock is stuck');
is($sum{'spb-v1-none'}{spb_tainted_end}, 2, 'and a fresh one is tainted');
is($sum{'spb-v1-hotpath'}{spb_tainted_end}, 1, 'with the patch it is not');

# Page level.
is((run('synth', '-q', '--page-level', '-n', 30000, '-o', tmp('page.dat')))[0], 0, '--page-level');
my $page = info(tmp('page.dat'));
is($page->{level_advised}, 'page', 'page level is advised');
is($page->{frees_matched}, $page->{frees_total}, 'every free has its allocation') if exists $page->{frees_total};

# With one knob changed, the round trip says where it begins to differ.
run('synth', '-q', '-p', 'fork-storm', '-n', 40000, '-o', tmp('knob.dat'));
my ($kexit, $kout) = run('check', '-q', '--exit-code', '-i', tmp('knob.dat'), '-s', tmp('knob.snap'), '-V', 'spb-v1-none:pass1_whole_first=0');
is($kexit, 1, 'another knob: it disagrees');
like($kout, qr/^first disagreements, open loop\n  100\d\.\d+ s, cpu \d+, event \d+/m, 'and says from where');

# A log on standard output; a machine of 4 TiB; a length in seconds.
my ($pexit, $pout) = sh('"$T" synth -q -n 5000 -o - | "$T" info --json -');
is(eval { decode_json($pout)->{kind} }, 'log', 'through a pipe');
my ($bexit, undef, $berr) = sh(($ENV{SPB_SANITIZED} ? '' : 'ulimit -v 1000000; ') . '"$T" synth -q -m 4T -p thp -n 100000 -c 64 -o ' . tmp('big.spblog'));
is($bexit, 0, '4 TiB in a gigabyte of memory') or diag($berr);
my $big = info(tmp('big.spblog'));
cmp_ok($big->{zones}[0]{spanned} // 0, '==', 4 << 28, 'its zone') if ref $big->{zones} eq 'ARRAY';
my ($sexit, undef, $serr) = run('synth', '--seconds', 2, '-o', tmp('sec.dat'));
like($serr, qr/ in [12]\.\d+ s on 24 superpageblocks/, 'two seconds');

# Interrupted: what was made until then is there, and marked.
for my $name (qw(int.spblog int.dat)) {
	my ($e, $said) = interrupted('TERM', sub { unlink(tmp($name), tmp('int.snap')) }, 'synth', '-q', '-n', 2000000000, '-m', '64G', '-o', tmp($name));
	is($e, 3, "SIGTERM: exit 3, $name");
	one_line($said, 'one line');
	like($said, qr/interrupted after \d+ events/, 'which says so');
	my ($ie, $json) = run('info', '--json', tmp($name));
	my $j = eval { decode_json($json) } // {};
	cmp_ok($j->{nr_events} // 0, '>', 0, 'a valid file');
	is($ie, $name =~ /spblog/ ? 3 : 0, 'a log is marked partial');
}

# A snapshot that is there is replaced only by name.
spit(tmp('host.snap'), 'kept');
fails(2, qr/host\.snap: exists already - name the snapshot with -s$/, 'synth', '-q', '-n', 1000, '-o', tmp("host.$_"))
	for qw(dat spblog);
is(slurp(tmp('host.snap')), 'kept', 'it is kept');
ok(!-e tmp('host.dat') && !-e tmp('host.spblog'), 'and there is no capture without its snapshot');
is((run('synth', '-q', '-n', 1000, '-o', tmp('host.dat'), '-s', tmp('host.snap')))[0], 0, 'named');
isnt(slurp(tmp('host.snap')), 'kept', 'it is replaced');

# What makes no sense.
fails(2, qr/no output/, 'synth');
fails(2, qr/did you mean 'steady'/, 'synth', '-o', tmp('x'), '-p', 'stedy');
fails(2, qr/no profile 'qqqqqqqq'/, 'synth', '-o', tmp('x'), '-p', 'qqqqqqqq');
fails(2, qr/no size of a machine/, 'synth', '-o', tmp('x'), '-m', $_)
	for '24', '0G', '-1G', '17T', '99999999999999999999G', '1.5T', '24M', '', 'G';
fails(2, qr/give one/, 'synth', '-o', tmp('x'), '-m', '24G', '--spbs', 3);
fails(2, qr/at least 8 superpageblocks/, 'synth', '-o', tmp('x'), '-p', 'saturation', '-m', '4G');
fails(2, qr/write v7, v6 or spblog/, 'synth', '-o', tmp('x'), '--format', 'v8');
fails(2, qr/cannot go to standard output/, 'synth', '-o', '-', '--format', 'v7');
fails(2, qr/--cpus/, 'synth', '-o', tmp('x'), '-c', 0);
fails(2, qr/--events/, 'synth', '-o', tmp('x'), '-n', 0);
fails(2, qr/nosuch/, 'synth', '-o', tmp('x'), '-V', 'nosuch');
fails(4, qr/nosuch/, 'synth', '-q', '-n', 1000, '-o', tmp('nosuch') . '/x.dat');
ok(!-e tmp('x'), 'nothing was written');

done_testing();
