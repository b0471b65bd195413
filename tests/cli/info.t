#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# info: the same facts of a capture and of its log, readable by people, scripts and JSON readers.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Test::More;
use Spb;

# What the captures are known to hold: the small one was recorded without drains.
my %small = (mm_page_alloc => 11995, mm_page_alloc_zone_locked => 7182, mm_page_free => 11396);
my @cases = (['small_v6.dat', data('small_v6.dat'), 'page', \%small],
	     ['small_v7.dat', data('small_v7.dat'), 'page', \%small]);
push(@cases, ['scene', scene(), 'zone']) if scene();

for my $case (@cases) {
	my ($name, $path, $level, $known) = @$case;
	my ($exit, $text, $err) = run('info', $path);
	is($exit, 0, "info $name") or diag($err);
	is($err, '', 'nothing on stderr');
	my %count = $text =~ /^  (mm_page_\w+) +(\d+)(?:  [\d,]+ a second)?$/mg;
	$known ? is_deeply(\%count, $known, 'events by kind')
		: cmp_ok(scalar keys %count, '>=', 4, 'events by kind');
	like($text, qr/^\Q$_\E/m, "has: $_") for 'input ', 'format ', 'clock ', 'CPUs ', 'span ',
		'rate ', 'busiest ', 'largest gap ', 'events', '  lost events', '  causality violations', '  frees with their alloc',
		'  equal time stamps', 'demand levels', '  advised: ', 'zones (', '  allocations ',
		'  residents ', 'odd events', '  orphan_free ', 'can answer', 'cannot answer',
		'not modelled';

	my ($jexit, $json) = run('info', '--json', $path);
	is($jexit, 0, '--json');
	my $j = eval { decode_json($json) } // {};
	my $total = 0;
	$total += $_ for values %{$j->{events}};
	cmp_ok($total, '<=', $j->{nr_events}, 'kinds are not more than all');
	is($j->{events}{$_}, $count{$_}, "$_: JSON and text agree") for sort keys %count;
	is($j->{level_advised}, $level, 'advised level');
	like($text, qr/^  zone +no .*lacks mm_page_pcpu_drain/m, 'says why not') if $level eq 'page';
	ok(!$j->{partial}, 'whole');
	cmp_ok($j->{demand}{allocs}, '>', 0, 'allocations');
	cmp_ok($j->{demand}{residents}, '>=', $j->{demand}{residents_orphan}, 'residents');
	cmp_ok($j->{log_bytes} / $j->{nr_events}, '<', 4, 'bytes an event of its log');

	# The log knows what the capture knew.
	my $log = tmp("$name.spblog");
	is((run('parse', '-q', '-i', $path, '-o', $log))[0], 0, 'parse');
	my ($lexit, $ljson) = run('info', '--json', $log);
	is($lexit, 0, 'info of the log');
	my $l = eval { decode_json($ljson) } // {};
	is($l->{kind}, 'log', 'is a log');
	delete @$_{qw(input kind log_bytes)} for $j, $l;
	is_deeply($l, $j, 'same facts');

	# And from a pipe.
	my ($pexit, $pjson) = sh("cat '$path' | \"\$T\" info --json -");
	is($pexit, 0, 'info -');
	is(decode_json($pjson)->{nr_events}, $j->{nr_events}, 'same events');
}

# What the events tell: the longest silence, the busiest second, each loss with its CPU and span.
{
	my $line = sub { " sh-1 [00$_[0]] .... $_[1]: mm_page_free: page=1 pfn=$_[2] order=0\n" };
	my $text = $line->(0, '10.100000', 1) . $line->(1, '10.200000', 2) . $line->(1, '10.900000', 3) .
		"CPU:1 [LOST 5 EVENTS]\n" . $line->(1, '14.000000', 4) .
		"CPU:0 [EVENTS DROPPED]\n" . $line->(0, '14.500000', 5);
	my $path = spit(tmp('losses.txt'), $text);
	my $j = decode_json((run('info', '--json', $path))[1]);
	is($j->{largest_gap_ns}, 3_100_000_000, 'largest gap');
	is($j->{largest_gap_from_ns}, 10_900_000_000, 'and where it begins');
	is("$j->{busiest_second} $j->{busiest_second_events}", '10 3', 'busiest second');
	is_deeply($j->{losses}, [
		{ cpu => 1, from_ns => 10_900_000_000, to_ns => 14_000_000_000, events => 5 },
		{ cpu => 0, from_ns => 10_100_000_000, to_ns => 14_500_000_000, events => undef },
	], 'losses by CPU and span');
	is($j->{lost_exact}, JSON::PP::false, 'one of them has no count');
	my $out = (run('info', $path))[1];
	like($out, qr/lost events +5  at least: some gaps have no count/, 'text: at least');
	like($out, qr/^ +CPU 1, 10\.9\d* to 14\.0\d* s: 5 events$/m, 'text: a loss');
	like($out, qr/^ +CPU 0, 10\.1\d* to 14\.5\d* s: an unknown number of events$/m, 'text: another');
	like($out, qr/^largest gap +3\.100 s without an event, from 10\.9/m, 'text: largest gap');
	like($out, qr/^busiest +3 events in the second from 10 s$/m, 'text: busiest second');
	like($out, qr/mm_page_free +5  1 a second/, 'text: rate of a kind');
}

# What is not modelled: the same list in docs/model.md, word for word.
{
	my ($doc) = (slurp("$FindBin::Bin/../../docs/model.md") // '') =~ /^## What is not modelled\n(.*?)^## /ms;
	my @said = map { s/\s+/ /gr =~ s/`//gr =~ s/ $//r } ($doc // '') =~ /^\* (.*?)(?=^\* |^\s*\z)/msg;
	is_deeply(\@said, decode_json((run('info', '--json', data('small_v7.dat')))[1])->{not_modelled},
		'docs/model.md and info say the same');
}

done_testing();
