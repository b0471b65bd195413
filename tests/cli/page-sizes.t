#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Hosts with pages of 16 and 64 KiB: blocks of orders that 4 KiB pages do not have, sizes by the
# snapshot, and superpageblocks that are still 1 GiB.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Test::More;
use Spb;

# A snapshot of one zone of @$gib GiB from 1 GiB on; what of it tells the page size: host, iomem or none.
sub snapshot {
	my ($name, $shift, $max, $tells) = @_;
	my ($dir, $gib) = (tmp($name), 1 << 30 - $shift);
	mkdir $dir;
	my $end = 8 * $gib;
	spit("$dir/zoneinfo", "Node 0, zone   Normal\n  pages free     0\n        spanned  $end\n        present  $end\n  start_pfn:           $gib\n");
	my $row = sub { 'Node    0, zone   Normal, type ' . join(' ', $_[0], @_[1 .. $#_]) . "\n" };
	spit("$dir/pagetypeinfo", "Page block order: $max\nPages per block:  " . (1 << $max) .
		"\n\nFree pages count per migrate type at order " . join(' ', 0 .. $max) . "\n" .
		$row->('Movable', (0) x ($max + 1)) .
		"\nNumber of blocks type     Unmovable      Movable  Reclaimable   HighAtomic      Isolate \n" .
		"Node 0, zone   Normal            0          " . ($end >> $max) . "            0            0            0 \n");
	spit("$dir/iomem", sprintf("%08x-%08x : System RAM\n", 1 << 30, (9 << 30) - 1)) if $tells eq 'iomem';
	spit("$dir/host", "host arm\npage_size " . (1 << $shift) . "\n") if $tells eq 'host';
	return $dir;
}

# Blocks of the largest order and small pages come and go, movable and not.
sub capture {
	my ($shift, $max) = @_;
	my ($text, $t) = ('', 0);
	my $say = sub {
		my ($event, $pfn, $order, $mt) = @_;
		my $tail = $event =~ /locked/ ? ' percpu_refill=0' : '';
		$text .= sprintf(" sh-7 [000] d..1. 100.%06d: %s: page=1 pfn=0x%x order=%d migratetype=%d%s\n",
			$t += 10, $event, $pfn, $order, $mt, $tail);
		$text =~ s/ migratetype=\d+\n\z/\n/ if $event =~ /free/;
	};
	for my $i (0 .. 199) {
		my $pfn = (1 << 30 - $shift) + ($i % 16 << $max);
		my $order = $i % 3 ? $max : 0;
		my $mt = $i % 3 ? 1 : 0;
		$say->('mm_page_alloc_zone_locked', $pfn, $order, $mt);
		$say->('mm_page_free', $pfn, $order, $mt);
		$say->('mm_page_pcpu_drain', $pfn, $order, $mt);
	}
	# What no host with such pages hands out.
	$say->('mm_page_alloc_zone_locked', (4 << 30 - $shift), $max + 1, 1);
	return spit(tmp("$shift.txt"), $text);
}

for my $case ([12, 10, 18, 'host'], [14, 11, 16, 'host'], [14, 11, 16, 'iomem'], [16, 13, 14, 'host'],
	      [16, 13, 14, 'iomem']) {
	my ($shift, $max, $spb, $tells) = @$case;
	my $name = "$shift-$tells";
	my ($snap, $text) = (snapshot($name, $shift, $max, $tells), capture($shift, $max));
	my $out = tmp("out-$name");
	my ($exit, undef, $err) = run('compare', '-i', $text, '-s', $snap, '-o', $out, '--check-every', 1,
		map { ('-V', $_) } qw(vanilla spb-v1-hotpath spb-v2 spb-bitmap));
	is($exit, 0, "$name: compare") or diag($err);
	my $kib = 1 << $shift - 10;
	like($err, qr/pages of $kib KiB: .* buddies up to order $max, superpageblocks of order $spb$/m, 'says so')
		if $shift != 12;
	my $run = decode_json(slurp("$out/run.json"));
	is($run->{options}{spb_order} // $run->{spb_order}, $spb, 'a superpageblock is 1 GiB');
	is($run->{options}{pageblock_order} // $run->{pageblock_order}, $max, 'pageblocks as in the snapshot');
	is($run->{demand}{oddities}{bad_event} // $run->{oddities}{bad_event}, 1, 'larger blocks are no events');
	my @huge = grep { $_->{order} == $max } csv("$out/passes.csv");
	is(scalar(keys %{{ map { $_->{variant} => 1 } @huge }}), 4, "order $max is served under each variant");
	my ($total) = map { $_->{spb_total} } grep { $_->{variant} eq 'spb-v2' } csv("$out/summary.csv");
	is($total, 8, 'eight of them in 8 GiB');
}

# Without either, pages are of 4 KiB.
my ($exit, $out) = run('info', '-s', snapshot('none', 16, 13, ''), capture(16, 13));
is($exit, 0, 'nothing tells the page size');

# A size that no kernel has.
my $bad = snapshot('bad', 13, 10, 'host');
fails(3, qr/host: impossible page size/, 'compare', '-i', capture(12, 10), '-s', $bad);

done_testing();
