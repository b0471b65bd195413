#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Every fuzz target takes its corpus, and the finds of the past, without a fuzzer: and each file
# again with a few bytes changed. SPB_FUZZ_RUNS: how many of these a target has, about.
use strict;
use warnings;
use FindBin;
use Test::More;

my $build = $ENV{SPB_BUILD} // "$FindBin::Bin/../../build";
my $runs = $ENV{SPB_FUZZ_RUNS} // 3000;

# Ways into the code that a target has, a bit each, when there is more than one.
my %ways = (log => 0x7, snapshot => 0x7);

my @targets = sort map { s{.*/fuzz_(\w+)\.c$}{$1}r } glob("$FindBin::Bin/fuzz_*.c");
cmp_ok(@targets, '>=', 9, 'targets');
for my $t (@targets) {
	my $corpus = "$FindBin::Bin/corpus/$t";
	my $nr = () = glob("$corpus/*");
	cmp_ok($nr, '>', 0, "$t: has a corpus");
	my $each = int($runs / ($nr || 1)) + 1;
	my $out = `timeout 300 '$build/tests/fuzz/fuzz_$t' -m $each '$corpus' 2>&1`;
	is($?, 0, "$t: holds") or diag($out);
	like($out, qr/^$nr files, [1-9]\d* runs,/m, "$t: every file was run");
	my $ways = $ways{$t} // 0x1;
	like($out, qr/, ways taken: 0x\Q${\sprintf("%x", $ways)}\E$/m, "$t: some are accepted whole");
}

done_testing();
