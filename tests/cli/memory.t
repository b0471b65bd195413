#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# --max-memory: what a replay takes is said in advance, is not exceeded, and is refused early.
use strict;
use warnings;
use FindBin;
use File::Temp qw(tempdir);
use POSIX qw(WNOHANG);
use Test::More;

my $root = "$FindBin::Bin/../..";
my $tool = $ENV{SPBREPLAY} // "$root/spbreplay";
my $tmp = tempdir(CLEANUP => 1);
my @host = ('-i', "$root/examples/host/trace.spblog", '-s', "$root/examples/host/before");
my %unit = (B => 1, KiB => 2**10, MiB => 2**20, GiB => 2**30);

# Exit status, text of stderr and peak bytes of one run.
sub run {
	my (@args) = @_;
	my $pid = fork() // die "fork: $!";
	if (!$pid) {
		open(STDOUT, '>', '/dev/null');
		open(STDERR, '>', "$tmp/err");
		exec($tool, @args) or POSIX::_exit(127);
	}
	my $peak = 0;
	while (waitpid($pid, WNOHANG) == 0) {
		if (open(my $f, '<', "/proc/$pid/status")) {
			while (<$f>) { $peak = $1 * 1024 if /^VmHWM:\s+(\d+)/ }
		}
		select(undef, undef, undef, 0.001);
	}
	my $status = $? >> 8;
	my $err = do { local (@ARGV, $/) = "$tmp/err"; <> };
	return ($status, $err, $peak);
}

for my $variants ([ 'vanilla' ], [ 'spb-v1-none', 'spb-v1-hotpath', 'spb-v2', 'spb-bitmap' ]) {
	my @v = map { ('-V', $_) } @$variants;
	my $cmd = @$variants > 1 ? 'compare' : 'replay';
	my $n = @$variants;
	my ($status, $err, $peak) = run($cmd, '-v', @host, @v);
	my ($number, $name) = $err =~ /memory: at most ([\d.,]+) (\wi?B)/;
	is($status, 0, "$cmd of $n: works");
	ok($number, 'says what it takes at most') or next;
	my $most = $number =~ s/,//gr * $unit{$name};
	cmp_ok($peak, '>', 0, 'peak was seen');
	cmp_ok($most, '>=', $peak, 'takes no more than that');
	cmp_ok($most, '<', 6 * $peak, 'the bound is not absurd');

	my $out = "$tmp/out-$n";
	($status, $err) = run($cmd, '-q', @host, @v, '-o', $out, '--max-memory',
			      int($most / 2));
	is($status, 4, 'half of it: refused, as when memory runs out');
	like($err, qr/^spbreplay: \S+: takes up to [\d.,]+ MiB of memory .* allowed - give /,
	     'says how much it would take');
	is($err =~ tr/\n//, 1, 'in one line');
	ok(!-e $out, 'nothing is left');
	($status) = run($cmd, '-q', @host, @v, '--max-memory', '64G');
	is($status, 0, 'enough: works');
}

# batch: each capture at a time has its share; what was refused is done once there is enough.
{
	my $dir = "$tmp/fleet";
	my @batch = ('batch', '-q', '-j1', '-o', "$tmp/results", '-V', 'spb-v1-none');
	mkdir($dir);
	open(my $f, '>', "$dir/hosts.csv") or die "hosts.csv: $!";
	print $f "host,capture\nh1,$root/examples/host/trace.spblog\n";
	close($f);
	my ($status) = run(@batch, '--max-memory', '1M', "$dir/hosts.csv");
	is($status, 3, 'batch: refused is a failed unit');
	my @rows = glob("$tmp/results/units/*/*/*.csv");
	like(do { local (@ARGV, $/) = @rows; <> }, qr/failed.*takes up to .* of memory/s,
	     'with the reason');
	($status) = run(@batch, '--max-memory', '4G', "$dir/hosts.csv");
	is($status, 0, 'batch: done with more');
}

for my $bad ('', '0', '-1', '12X', '1.5G', 'G', '99999999999T', '1GG') {
	my ($status, $err) = run('compare', @host, '--max-memory', $bad);
	is($status, 2, "'$bad' is refused");
	like($err, qr/^spbreplay: .*--max-memory: '\Q$bad\E' is no size - give /, 'and named');
}
done_testing();
