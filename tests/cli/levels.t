#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Demand levels: what auto chooses, and that every level replays under every built-in variant.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Test::More;
use Spb;

my $small = data('small_v7.dat');
my $host = "$FindBin::Bin/../../examples/host";
my (undef, $list) = run('variants');
my @all = map { ('-V', $_) } $list =~ /^(\S+)/mg;

sub replay {
	my ($name, $level, $input, @args) = @_;
	my ($exit, undef, $err) = run('compare', '-i', $input, '-l', $level, @all, '--check-every', 2048,
				      '-o', tmp($name), @args);
	is($exit, 0, "$name: replay") or diag($err);
	return ($err, decode_json(slurp(tmp($name) . '/run.json')), csv(tmp($name) . '/summary.csv'));
}

# No drains in it: page level, and it says so.
my ($err, $json, @rows) = replay('small-auto', 'auto', $small);
is($json->{demand}{level}, 'page', 'auto takes page level where drains are missing');
like($err, qr/demand at page level/, 'and says so');
cmp_ok($rows[0]{allocs}, '>', 10000, 'it is what callers asked for');
# The first request of it is GFP_NOFS with NORETRY, and no memory is tainted yet: the series lets it
# fail, upstream takes a block.
is($_->{failed_allocs}, $_->{variant} eq 'vanilla' ? 0 : 1, "$_->{variant} served all that it may taint for")
	for @rows;

my (undef, $zone, @zone) = replay('small-zone', 'zone', $small);
is($zone->{demand}{level}, 'zone', 'zone level on request');
cmp_ok($zone[0]{allocs}, '<', $rows[0]{allocs}, 'the buddy sees less than callers ask for');

($err, $json) = replay('host-auto', 'auto', "$host/trace.dat", '-s', "$host/before");
is($json->{demand}{level}, 'zone', 'auto takes zone level where everything is there');
($err, $json) = replay('host-implied', 'implied', "$host/trace.dat", '-s', "$host/before");
is($json->{demand}{level}, 'implied', 'implied level');
cmp_ok($json->{demand}{oddities}{lost_free}, '>', 0, 'frees are implied by reuse');

# A window begins with what earlier events left in use; without a snapshot nothing comes from one.
is((run('replay', '-q', '-i', "$host/trace.dat", '-V', 'vanilla', '--window', '50%~60%', '-o', tmp('window')))[0], 0,
   'window: replay');
my $initial = decode_json(slurp(tmp('window') . '/run.json'))->{initial};
is($initial->{residents_from_snapshot}, 0, 'window: no resident comes from a snapshot that is not there');
cmp_ok($initial->{residents_from_earlier_events}, '>', 0, 'window: some come from earlier events');
is($initial->{residents_from_earlier_events} + $initial->{residents_from_frees}, $initial->{residents},
   'window: the others from their frees');

# Every initial state, under every variant; the checks are the model's own.
my %start;
for my $state (qw(repopulate exact empty)) {
	(undef, $json, @{$start{$state}}) = replay("initial-$state", 'zone', "$host/trace.dat",
						   '-s', "$host/before", '-I', $state);
	is($json->{initial}{state}, $state, "$state: recorded in run.json");
	is($_->{residents_without_place}, 0, "$state: $_->{name}: every resident has its place")
		for @{$json->{variants}};
}
is($_->{labels_refused}, 0, "exact: $_->{name}: no label refused")
	for @{decode_json(slurp(tmp('initial-exact') . '/run.json'))->{variants}};
my %v2 = map {
	my ($row) = grep { $_->{variant} eq 'spb-v2' && $_->{zone} eq '0/Normal' } @{$start{$_}};
	($_ => $row->{spb_tainted_start})
} qw(repopulate exact);
cmp_ok($v2{exact}, '>', $v2{repopulate}, 'a host as it is has more tainted superpageblocks than one packed by the series');
my %tainted = map { ("$_->{zone}/$_->{spb_tainted_start}" => 1) } @{$start{exact}};
my %zones = map { ($_->{zone} => 1) } @{$start{exact}};
is(keys %tainted, keys %zones, 'exact: every variant begins with the same superpageblocks tainted');

# has-bits of an SPB kernel's debugfs file: the state begins as tainted as the kernel said it was.
{
	my $dir = tmp('spb-host');
	system('cp', '-r', "$host/before", $dir) == 0 or die('cp');
	my %base = ('DMA' => [0, 1], 'DMA32' => [0, 4], 'Normal' => [0x100000, 21]);
	my $file = sub {
		my ($unmov, $recl) = @_;
		my $text = '';
		for my $zone (qw(DMA DMA32 Normal)) {
			my ($pfn, $nr) = @{$base{$zone}};
			$text .= sprintf("Node 0, zone %8s: %d superpageblocks, base_pfn=0x%x\n  empty: 0\n", $zone, $nr, $pfn);
			$text .= sprintf("  sb[%d] pfn=0x%x: unmov=%d recl=%d mov=1 rsv=0 free=0 total=512 free_pages=9\n",
				$_, $pfn + ($_ << 18), $unmov->($zone, $_), $recl->($zone, $_)) for 0 .. $nr - 1;
		}
		spit("$dir/superpageblocks", $text);
	};
	my $start = sub {
		my $out = tmp("bits-$_[0]");
		is((run('compare', '-q', '-i', "$host/trace.dat", '-s', $dir, '-I', 'exact', '--check-every', 4096,
			'-o', $out, map { ('-V', $_) } qw(vanilla spb-v1-hotpath spb-v2)))[0], 0, "bits, $_[0]");
		my %n = map { ($_->{variant} => $_->{spb_tainted_start}) } grep { $_->{zone} eq '0/Normal' }
			csv("$out/summary.csv");
		return (decode_json(slurp("$out/run.json")), \%n);
	};
	my ($json, $none) = $start->('none');
	is_deeply($json->{variants}[0]{has_bits}, { recorded => 0, added => 0, short => 0, over => 0 },
		'no file: no bits');
	# Five of them had one unmovable block each, whatever is there now.
	$file->(sub { $_[0] eq 'Normal' && $_[1] >= 16 ? 1 : 0 }, sub { 0 });
	my ($few, $five) = $start->('five');
	isnt($five->{vanilla}, $none->{vanilla}, 'recorded bits decide what is tainted');
	is(keys %{{reverse %$five}}, 1, 'the same under every variant');
	for my $v (@{$few->{variants}}) {
		my $b = $v->{has_bits};
		is($b->{recorded}, 5 + 26, "$v->{name}: bits recorded");
		cmp_ok($b->{added} + $b->{short}, '<=', $b->{recorded}, 'those added are among them');
	}
	spit("$dir/superpageblocks", "Node 0, zone   Normal: 1 superpageblocks, base_pfn=0x100000\n");
	fails(3, qr/superpageblocks: superpageblocks are missing/, 'replay', '-i', "$host/trace.dat",
		'-s', $dir, '-V', 'vanilla');
}

# Memory that nobody recorded: filled up to the percentage, the same for every thread count.
my (undef, $filled, @filled) = replay('fill', 'zone', "$host/trace.dat", '-s', "$host/before",
				      '-I', 'empty', '--fill', '60:70M20U10R');
is($filled->{initial}{fill}, '60:70M20U10R', 'fill: recorded in run.json');
my @empty = csv(tmp('initial-empty') . '/timeline.csv');
my @full = csv(tmp('fill') . '/timeline.csv');
for my $zone ('0/DMA32', '0/Normal') {
	my ($had) = map { $_->{free_pages} } grep { $_->{zone} eq $zone } @empty;
	my ($has) = map { $_->{free_pages} } grep { $_->{zone} eq $zone } @full;
	cmp_ok(abs($has / $had - 0.4), '<', 0.02, "fill: 40 % of $zone are left free");
}
my ($tainted) = grep { $_->{variant} eq 'spb-v2' && $_->{zone} eq '0/Normal' } @filled;
cmp_ok($tainted->{spb_tainted_start}, '>', 0, 'fill: non-movable pages taint');
run('compare', '-q', '-i', "$host/trace.dat", '-l', 'zone', @all, '-s', "$host/before", '-I', 'empty',
    '--fill', '60:10R70M20U', '-j', 1, '-o', tmp('fill-j1'));
is(slurp(tmp('fill-j1') . "/$_.csv"), slurp(tmp('fill') . "/$_.csv"), "fill: $_ with one thread")
	for qw(summary taint spb);

done_testing();
