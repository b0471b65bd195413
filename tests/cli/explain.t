#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# explain: the life of one superpageblock, told from the files.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Test::More;
use Spb;

my $root = "$FindBin::Bin/../..";
my $sat = "$root/examples/saturation/outcome";
my $host = "$root/examples/host/outcome";

my ($exit, $out, $err) = run('explain', $sat, '--spb', '0');
is($exit, 0, 'explain') or diag($err);
like($out, qr/\ASPB 0 of 0\/Normal, first page frame 1048576\n/, 'which one');
my @story = (
	qr/\+2\.000025   1  2  3  4  becomes tainted: STEAL, order 4 Unmovable, by net-slab\[2103\] on CPU 1/,
	qr/\+2\.000025   1  2  3  4  moves from list clean\/full to tainted\/almost_empty: 0 free blocks, 304 free pages/,
	qr/\+2\.000025   1  2  3  4  list update asks: a pass is queued/,
	qr/\+2\.000025   \.  2  \.  4  trigger 1 \(alloc\) asks 38 times until \S+: a pass is active already/,
	qr/\+2\.000075   1  2  3  4  the worker begins a pass, queued by list update at \+2\.000025/,
	qr/\+2\.032907   1  2  3  4  the pass ends: moved 0 pages, could not move 16,416; free blocks 0 -> 0: no progress, cooldown/,
	qr/\+3\.000705   \.  2  \.  4  trigger 1 \(alloc\) asks 10,713 times until \+3\.719809: cooldown, 4\.032 s left/,
	qr/\+3\.185419   1  2  3  4  moves from list tainted\/75pct to tainted\/full/,
	qr/\+13\.000000   \.  \.  3  4  trigger 2 \(walk\) asks: a pass is queued/,
	qr/\+13\.196658   \.  \.  3  4  the pass ends: moved 98,304 pages/,
);
my $rest = $out;
for my $line (@story) {
	like($rest, $line, "then $line");
	$rest =~ s/\A.*?$line//s;
}
like($out, qr/^  \[1\] +tainted +full +0 +512 +0 +512 +512 +8\.042$/m, 'mixed blocks and stuck time at the end');
like($out, qr/^  \[4\] +tainted +full +0 +512 +492 +511 +502 to 512 +5\.967$/m, 'of each variant');
cmp_ok(scalar(() = $out =~ /\n/g), '<', 36, 'short');
unlike($out, qr/not tainted/, 'what happened before the taint is left out');
like((run('explain', $sat, '-n', '0', '--full'))[1], qr/list update asks 5 times until \S+: not tainted/, '--full has it');

# Its numbers are those of the files.
my $calls = 0;
$calls += $_->{count} for grep { $_->{variant} eq 'spb-v1-hotpath' && $_->{spb} == 0 } csv("$sat/chances.csv");
my $told = 0;
for my $line (split(/\n/, (run('explain', $sat, '-n', '0', '-f'))[1])) {
	next unless $line =~ /  4  .*\basks(?: ([\d,]+) times)?/;
	$told += ($1 // 1) =~ tr/,//dr;
}
is($told, $calls, 'every chance of chances.csv is told');

# A clean one, and one that was never asked for.
like((run('explain', $sat, '-n', '2'))[1], qr/\+15\.000000   1  2  \.  \.  becomes tainted: CLAIM, order 4 Reclaimable, by dentry-load/, 'SPB 2');
unlike((run('explain', $sat, '-n', '2'))[1], qr/moves from list clean\/75pct to clean/, 'moves between clean lists are left out');
like((run('explain', $sat, '-n', '11'))[1], qr/\+0\.124176   1  2  3  4  moves from list empty to clean\/almost_empty/,
     'but of a clean one they are all there is');
my %moves;
$moves{$_->{variant}} += $_->{moves} for grep { $_->{spb} == 2 } csv("$sat/lists.csv");
$told = 0;
for my $line (split(/\n/, (run('explain', $sat, '-n', '2', '-f'))[1])) {
	$told += ($1 // 1) =~ tr/,//dr if $line =~ /^ +\S+   1 .*moves from list [^,]*(?:, to and fro ([\d,]+) times)?/;
}
is($told, $moves{'spb-v1-none'}, 'every move of lists.csv is told');

# --at
sub at { my ($time) = @_; return (run('explain', $sat, '-n', '0', '--at', $time))[1] =~ /^at \S+ \(\S+\)\n((?:  \[\d\].*\n)+)/m ? $1 : '' }
like(at('+1s'), qr/^  \[1\] not tainted; .*no pass yet$/m, '--at before');
like(at('+2.000025s'), qr/^  \[1\] tainted since \+2\.000025 \(STEAL.*a pass is queued, queued by list update$/m, '--at: queued');
like(at('1002.01'), qr/^  \[1\] tainted.*a pass is under way/m, '--at: under way');
like(at('+4s'), qr/^  \[1\] tainted.*; on list tainted\/full; /m, '--at: its list');
like(at('+1s'), qr/^  \[4\] not tainted; on list clean\/full; /m, '--at: the list before');
like(at('+4s'), qr/^  \[2\] tainted.*last pass ended at \+2\.032907; cooldown until \+7\.033000$/m, '--at: cooldown');
like(at('90%'), qr/^  \[1\] tainted.*ended at \+2\.032907$/m, '--at: cooldown is over');
like(at('90%'), qr/^  \[3\] tainted.*ended at \+13\.196658$/m, '--at: the other variants');
fails(2, qr/--at: lies outside of the run - it goes from 1000\.0+ to 1015\.\d+ s/, 'explain', $sat, '-n', '0', '--at', $_) for '99999', '1', '+900s';
fails(2, qr/has no zone '0\/Nope'/, 'explain', $sat, '-n', '0', '-z', '0/Nope');
fails(2, qr/--at: 'soon' is not a time/, 'explain', $sat, '-n', '0', '--at', 'soon');

# A run that ends while a pass is queued says so.
is((run('replay', '-q', '-i', "$FindBin::Bin/../../examples/saturation/trace.dat", '-V', 'spb-v1-none', '-w', '~+2.00005s',
	'-o', tmp('short')))[0], 0, 'a part');
my ($open) = csv(tmp('short') . '/defrag.csv');
is("$open->{time_ns} $open->{spb} $open->{trigger} $open->{start_ns} $open->{pages_migrated} $open->{progress} $open->{state}",
	'1002000025000 0 update    queued', 'its pass has a row that says how far it came');
like((run('explain', tmp('short'), '-n', '0'))[1], qr/the run ends before the pass that was queued at \+2\.000025 does/, 'explain says so');
like((run('explain', tmp('short'), '-n', '0', '--at', '100%'))[1], qr/a pass is queued, queued by list update, and did not end before the run/, '--at, too');

# One that has begun, too.
is((run('replay', '-q', '-i', "$FindBin::Bin/../../examples/saturation/trace.dat", '-V', 'spb-v1-none', '-w', '~+2.01s',
	'-o', tmp('begun')))[0], 0, 'a part more');
($open) = csv(tmp('begun') . '/defrag.csv');
is("$open->{start_ns} $open->{end_ns} $open->{nr_free_before} $open->{nr_free_after} $open->{pages_failed} $open->{state}",
	'1002000075000  0  4992 running', 'the row of a pass that runs, with the pages so far');
my ($sum) = csv(tmp('begun') . '/summary.csv');
is("$sum->{defrag_queued_update} $sum->{defrag_passes}", '1 0', 'it is no finished pass');
like((run('explain', tmp('begun'), '-n', '0'))[1], qr/the worker begins a pass.*\n.*the run ends before the pass/, 'explain');
like((run('explain', tmp('begun'), '-n', '0', '--at', '100%'))[1], qr/a pass is under way, queued by list update, and did not/, '--at');
like((run('report', '-o', '-', tmp('begun')))[1], qr/,null,0,null,0,4992,null,"running"\]/, 'report');
is((run('export', '--perfetto', tmp('begun')))[0], 0, 'export');
my ($x, $apart) = run('diff', tmp('short'), tmp('begun'));
like($apart, qr/a pass over SPB 0 of 0\/Normal, queued by list update, not (?:over|begun) when the run ends/, 'diff');

# --zone
fails(2, qr/SPB 0 is in zones \S+ and \S+ - give --zone/, 'explain', $host, '--spb', '0');
like((run('explain', $host, '--spb', '0', '--zone', '0/DMA32'))[1], qr/^SPB 0 of 0\/DMA32/, '--zone');
fails(2, qr/no SPB 99 - the largest is 20/, 'explain', $host, '--spb', '99');
fails(2, qr/has no zone '7\/Movable'/, 'explain', $host, '--spb', '0', '--zone', '7/Movable');
fails(2, qr/no superpageblock - give --spb N/, 'explain', $host);
fails(4, qr/cannot read/, 'explain', tmp('none'), '--spb', '0');

# --json
($exit, $out) = run('explain', $sat, '-n', '0', '--json', '--at', '+4s');
my $json = decode_json($out);
is("$json->{zone} $json->{spb} $json->{at_ns}", '0/Normal 0 1004000000000', '--json');
is($json->{at}[1]{cooldown_end_ns}, 1007033000000, 'the cooldown');
my ($pass) = grep { $_->{kind} eq 'pass_end' && $_->{time_ns} == 1013196658000 } @{ $json->{events} };
is(join(' ', @{ $pass->{variants} }), 'spb-v1-fallthrough spb-v1-hotpath', 'whose pass');
is($json->{end}[0]{stuck_ns}, 8042917250, 'the end');

done_testing();
