#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The same damaged files to trace-cmd report and to us: what each makes of them. Ours is tested
# (status 0 or 3, and never 0 for a file that was cut); theirs is counted, for docs/reliability.md.
# SPB_BESIDE=440: files; SPB_SEED repeats a run.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../cli";
use Test::More;
use Spb;

plan(skip_all => 'trace-cmd is not installed') if system('command -v trace-cmd >/dev/null 2>&1');
my $nr = $ENV{SPB_BESIDE} // 60;
my $seed = $ENV{SPB_SEED} // 1;
my $make = ($ENV{SPB_BUILD} // "$FindBin::Bin/../../build") . '/tests/tools/make_capture';
my $tool = $ENV{SPBREPLAY} // "$FindBin::Bin/../../spbreplay";
srand($seed);

my @whole;
for my $how ([6, 0], [7, 0], [7, 1]) {
	my $path = tmp("whole.dat");
	system($make, $path, @$how, 0, 8, '', 400) == 0 or BAIL_OUT($make);
	push(@whole, [$how->[1] ? 'v7 zstd' : "v$how->[0]", slurp($path)]);
}

# What became of a command: a signal, or its status.
sub outcome {
	my (@words) = @_;
	my $pid = fork() // die("fork: $!");
	if (!$pid) {
		open(STDOUT, '>', '/dev/null');
		open(STDERR, '>', '/dev/null');
		exec('timeout', '-s', 'KILL', 60, @words) or exit(127);
	}
	waitpid($pid, 0);
	my $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;
	# timeout gives 128 + the signal; trace-cmd has statuses up there, too, made of errno.
	my %signal = (134 => 'abort', 135 => 'bus error', 136 => 'division by zero', 137 => 'killed', 139 => 'segfault');
	return $signal{$status} // "status $status";
}

my @damages = (
	['cut', sub { my ($b) = @_; substr($b, 0, int(rand(length($b) - 1)) + 1) }],
	['flipped', sub { my ($b) = @_; substr($b, rand(length($b)), 1) ^= chr(1 << rand(8)); $b }],
	['zeroed', sub { my ($b) = @_; my $n = 64; substr($b, rand(length($b) - $n), $n) = "\0" x $n; $b }],
	['huge word', sub { my ($b) = @_; substr($b, rand(length($b) - 4), 4) = "\xff\xff\xff\x7f"; $b }],
);
my (%theirs, %ours, @bad);
my $path = tmp('damaged.dat');
for my $i (0 .. $nr - 1) {
	my ($kind, $bytes) = @{$whole[$i % @whole]};
	my ($how, $damage) = @{$damages[int($i / @whole) % @damages]};
	spit($path, $damage->($bytes));
	$theirs{outcome('trace-cmd', 'report', '-i', $path)}++;
	my $got = outcome($tool, 'parse', '-q', '-f', '-i', $path, '-o', tmp('x.spblog'));
	$ours{$got}++;
	push(@bad, "$kind, $how, file $i: $got")
		unless $got eq 'status 3' || ($got eq 'status 0' && $how ne 'cut');
}
is(join("\n", @bad), '', "$nr damaged files: status 0 or 3, a cut always 3") or diag("SPB_SEED=$seed");
for (['trace-cmd report', \%theirs], ['spbreplay parse', \%ours]) {
	my ($name, $count) = @$_;
	diag("$name: " . join(', ', map { "$count->{$_} times $_" } sort keys %$count));
}
done_testing();
