#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# parse and cut --anonymize: no name of the capture is left in the bytes, the same task is the same
# everywhere, and nothing else changes.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Spb;

my $dump = ($ENV{SPB_BUILD} // "$FindBin::Bin/../../build") . '/tests/tools/dump_events';
my $maker = $dump =~ s/dump_events\z/make_capture/r;
plan(skip_all => "no $dump") unless -x $dump;

# What a log says: its events, and all of its bytes, unpacked frame by frame.
sub events { return map { [split(/ /)] } split(/\n/, scalar(`'$dump' '$_[0]'`)) }
sub bytes {
	my ($path) = @_;
	my $all = slurp($path);
	my ($text, $at) = ('', 0);
	while ($at < length($all)) {
		my ($magic, $len) = unpack('VV', substr($all, $at, 8));
		$text .= substr($all, $at, 8 + $len);
		my $csize = $magic == 0x184D2A54 ? unpack('V', substr($all, $at + 40, 4)) : 0;
		$at += 8 + $len;
		next unless $csize;
		spit(tmp('frame.zst'), substr($all, $at, $csize));
		$text .= `zstd -dqc '${\ tmp('frame.zst')}'`;
		$at += $csize;
	}
	return $text;
}

my $odd = tmp('my-host.dat');
system($maker, $odd, 7, 0, 0, 8, 'secret-buffer', 3000) == 0 or BAIL_OUT($maker);
for my $dat (data('small_v7.dat'), data('small_v6.dat'), data('trace_pipe.txt'), $odd) {
	my ($name) = $dat =~ m{([^/]+)\z};
	my ($plain, $anon, $cut, $again) = map { tmp("$name.$_") } qw(plain anon cut again);
	is((run('parse', '-q', '-i', $dat, '-o', $plain))[0], 0, "$name: parse");
	is((run('parse', '-q', '--anonymize', '-i', $dat, '-o', $anon))[0], 0, 'parse --anonymize');
	is((run('cut', '-q', '--anonymize', '-i', $plain, '-o', $cut))[0], 0, 'cut --anonymize');
	run('parse', '-q', '--anonymize', '-i', $dat, '-o', $again);
	ok(slurp($anon) eq slurp($again), 'the same bytes every time');

	my @was = events($plain);
	for my $file ($anon, $cut) {
		my @is = events($file);
		is(scalar(@is), scalar(@was), 'as many events');
		my (%comm, %pid, %wrong, %seen);
		for my $i (0 .. $#was) {
			my @a = @{$was[$i]};
			my @b = @{$is[$i]};
			$wrong{"event $i"}++ if "@a[0, 1]" ne "@b[0, 1]" || ($a[4] // '') ne ($b[4] // '');
			next if $a[2] eq 'LOST';
			$wrong{"pid $a[2]"}++ if ($pid{$a[2]} //= $b[2]) ne $b[2] || ($a[2] && $seen{$b[2]} // $a[2]) ne $a[2];
			$seen{$b[2]} = $a[2] if $a[2];
			$wrong{"comm $a[3]"}++ if ($comm{$a[3]} //= $b[3]) ne $b[3];
			s/=[^=]*\z// for grep { /^name=/ } @a, @b;
			$wrong{"words of event $i"}++ if "@a[4 .. $#a]" ne "@b[4 .. $#b]";
		}
		is(join(', ', (sort keys %wrong)[0 .. (keys %wrong > 5 ? 4 : keys(%wrong) - 1)]), '',
			'times, CPUs, kinds, pages as they were; tasks one to one');
		my $text = bytes($file);
		my $kernel = qr/^(?:<idle>|swapper|kswapd|kcompactd|khugepaged|ksoftirqd|kworker|migration|kthreadd|rcu_preempt|rcu_sched|oom_reaper|ksmd|kdamond)/;
		my @left = grep { length > 3 && !/$kernel/ && index($text, s/_/ /gr) >= 0 } sort keys %comm;
		is("@left", '', 'no command line is left in the bytes (of ' . keys(%comm) . ')');
		unlike($text, qr/kworker[\/:]/, 'and of kernel threads only what they are');
		unlike($text, qr/\Q$name\E|my-host|secret-buffer|"host":"(?!host")/, 'nor host, file or buffer');
		unlike($text, qr/"source_hash":"/, 'nor the hash of the capture');
	}
	my ($exit) = run('info', '-q', $anon);
	is($exit, (run('info', '-q', $plain))[0], 'info reads it');
}

# A damaged capture: what the message quotes is not kept.
{
	my $dat = spit(tmp('torn.txt'), slurp(data('trace_pipe.txt')) . "  Mr.Secret-77  [001] d..1. garb");
	is((run('parse', '-q', '--anonymize', '-i', $dat, '-o', tmp('torn.spblog')))[0], 3, 'a torn capture');
	unlike(bytes(tmp('torn.spblog')), qr/Secret|torn\.txt/, 'its last line is not quoted');
}

# Anonymous results are the same results.
my $scene = scene();
SKIP: {
	skip('no generator', 1) unless $scene;
	run('parse', '-q', '-i', $scene, '-o', tmp('s.plain'));
	run('parse', '-q', '--anonymize', '-i', $scene, '-o', tmp('s.anon'));
	my ($with, $without) = map { (run('compare', '-q', '-i', tmp($_)))[1] } qw(s.anon s.plain);
	s/ (by|for) \S+\[\d+\]/ $1 a task/g for $with, $without;
	ok(length($with) > 500 && $with eq $without, 'the same comparison, but for the names');
}
# A worker of the series stays one, so its moves are no requests here either.
{
	my $dat = tmp('worker.dat');
	is((run('synth', '-q', '-p', 'saturation', '-V', 'spb-v1-hotpath', '-o', $dat))[0], 0, 'synth');
	my $anon = tmp('worker.spblog');
	is((run('parse', '-q', '--anonymize', '-i', $dat, '-o', $anon))[0], 0, 'parse --anonymize');
	my @summary;
	for my $in ($dat, $anon) {
		my ($exit, undef, $err) = run('compare', '-i', $in, '-V', 'spb-v1-none', '-V', 'spb-v1-hotpath', '-o', tmp('out'));
		is($exit, 0, 'compare') or diag($err);
		unlike($err, qr/no task is named kevacuate/, 'the worker is known');
		push(@summary, slurp(tmp('out/summary.csv')));
		like(slurp(tmp('out/run.json')), qr/"worker_move": [1-9]/, 'its moves are told');
	}
	is($summary[1], $summary[0], 'the same results');
}

# In a kworker it is not: what it moved is replayed, and that is said.
{
	my $pool = tmp('pool.dat');
	is((run('synth', '-q', '-p', 'saturation', '-V', 'spb-v1-hotpath', '--format', 'v6', '-o', $pool))[0], 0, 'synth');
	spit($pool, slurp($pool) =~ s{kevacuate/0}{kworker/0:1}gr);
	my ($exit, undef, $err) = run('replay', '-i', $pool, '-V', 'spb-v1-none', '-o', tmp('out'));
	is($exit, 0, 'replay');
	like($err, qr{^\S+pool\.dat: of a kernel with superpageblocks, but no task is named kevacuate}m, 'says so');
}

done_testing();
