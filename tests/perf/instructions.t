#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# Instructions of three fixed small runs, counted by callgrind: noise-free where timings are not.
# NAME.count holds the count and what it was taken with. A run that grew by more than 5 % fails;
# with another compiler or C library the numbers say nothing, and the test is skipped.
#
# A growth that is meant, or a gain worth keeping: SPB_PERF_UPDATE=1 prove tests/perf/instructions.t
# writes the counts anew; say why in the commit.
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use Test::More;

my $root = "$FindBin::Bin/../..";
my $tool = $ENV{SPBREPLAY} // "$root/spbreplay";
my $tmp = tempdir(CLEANUP => 1);
my $allowed = 1.05;
my @runs = (
	[ 'parse', 'parse', '-q', '-j1', '-i', "$root/tests/data/small_v7.dat", '-o',
	  "$tmp/a.spblog" ],
	[ 'replay', 'replay', '-q', '-j1', '-i', "$root/examples/host/trace.spblog", '-V',
	  'spb-v1-hotpath' ],
	[ 'compare', 'compare', '-q', '-j1', '-i', "$root/examples/saturation/trace.dat", '-s',
	  "$root/examples/saturation/before.snap", map { ('-V', $_) }
	  qw(vanilla spb-v1-none spb-v2 spb-bitmap) ],
);

sub lines_of {
	open(my $f, '-|', @_) or return ();
	my @lines = <$f>;
	close($f);
	return @lines;
}

# What the numbers depend on: compiler and options of the tool, C library.
sub made_with {
	my ($producer) = grep { /DW_AT_producer.*GNU C/ }
		lines_of('sh', '-c', "readelf --debug-dump=info '$tool' 2>/dev/null | head -n 20");
	my ($libc) = lines_of('getconf', 'GNU_LIBC_VERSION');
	return undef unless $producer && $libc;
	chomp($producer, $libc);
	return ($producer =~ s/.*(GNU C)/$1/r) . ', ' . $libc;
}

sub read_count {
	my ($name) = @_;
	open(my $f, '<', "$FindBin::Bin/$name.count") or return (0, '');
	my %is = map { /^(\w+): (.*)$/ ? ($1 => $2) : () } <$f>;
	return ($is{instructions} // 0, $is{with} // '');
}

sub write_count {
	my ($name, $count, $with) = @_;
	open(my $f, '>', "$FindBin::Bin/$name.count") or die "$name.count: $!";
	print $f "instructions: $count\nwith: $with\n";
	close($f) or die "$name.count: $!";
}

sub count {
	my @out = lines_of('sh', '-c', 'exec "$@" 2>&1', 'sh', 'valgrind', '--tool=callgrind',
			   '--callgrind-out-file=/dev/null', $tool, @_);
	my ($n) = map { /Collected : (\d+)/ ? $1 : () } @out;
	diag(@out) unless $n;
	return $n;
}

plan skip_all => 'no valgrind' unless lines_of('sh', '-c', 'command -v valgrind');
my $with = made_with();
plan skip_all => 'cannot tell what the tool was built with' unless $with;

for my $run (@runs) {
	my ($name, @args) = @$run;
	my ($known, $recorded) = read_count($name);
	SKIP: {
		skip("$name was counted with $recorded, this is $with", 1)
			if $recorded ne $with && !$ENV{SPB_PERF_UPDATE};
		my $n = count(@args);
		ok($n && ($n <= $allowed * $known || $ENV{SPB_PERF_UPDATE}),
		   sprintf('%s: %d instructions, %+.1f %% of the %d recorded', $name, $n // 0,
			   $known ? 100 * (($n // 0) / $known - 1) : 0, $known));
		write_count($name, $n, $with) if $n && $ENV{SPB_PERF_UPDATE};
	}
}
done_testing();
