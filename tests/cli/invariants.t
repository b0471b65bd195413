#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# model_check() along real captures: after every operation of the small ones, every 512th of the
# example host, and every 4096th of larger ones where SPB_CAPTURES names a folder with them.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Spb;

my $root = "$FindBin::Bin/../..";
my @arms = map { ('-V', $_) } qw(spb-v1-none spb-v1-alloc spb-v1-fallthrough spb-v1-hotpath);

sub holds {
	my ($every, $name, @input) = @_;
	my ($exit, $out, $err) = run('compare', '-q', '--check-every', $every, @arms, @input);
	is($exit, 0, "invariants hold every $every operations: $name") or diag($err);
	like($out, qr/^0\/Normal|^all/m, "$name: there is a table");
}

holds(1, 'small v6', '-i', data('small_v6.dat'));
holds(1, 'small v7', '-i', data('small_v7.dat'));
holds(512, 'host', '-i', "$root/examples/host/trace.dat", '-s', "$root/examples/host/before");
holds(64, 'saturation', '-i', "$root/examples/saturation/trace.dat", '-s', "$root/examples/saturation/before.snap");

SKIP: {
	my $dir = $ENV{SPB_CAPTURES} // '';
	skip('SPB_CAPTURES names no folder with slab/ and build/', 4) unless -d $dir;
	holds(4096, $_, '-i', "$dir/$_/trace.dat", '-s', "$dir/$_/before") for qw(slab build);
}

done_testing();
