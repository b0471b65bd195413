#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# The k-th allocation, read, write, fsync, rename or open fails, for all k of small runs: status 4,
# or the result as if nothing had been (status 0), one message, files whole or none, no temporary
# ones. Of the many allocations that libraries make for themselves every 37th.
# Then a full disk, a file size limit, closed pipes, and an output folder that holds results.
# A build with sanitizers has the shim inside, and nothing may leak, whatever failed.
# SPB_FAULT_STEP=N: only every N-th allocation, and of other calls every N/2-th.
# SPB_FAULT_LIBRARY=N: every N-th of the libraries' allocations.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../cli";
use Test::More;
use Spb;

my $build = $ENV{SPB_BUILD} // "$FindBin::Bin/../../build";
my $shim = "$build/tests/fault/shim.so";
my $inside = $ENV{SPB_SANITIZED};
my $step = $ENV{SPB_FAULT_STEP} // ($inside ? 8 : 1);
my $library = $ENV{SPB_FAULT_LIBRARY} // 37;
my $tool = $inside ? "$build/tests/fault/spbreplay" : $ENV{SPBREPLAY} // "$FindBin::Bin/../../spbreplay";
my $injected = 0;

plan(skip_all => "no $shim") unless -e $shim;
plan(skip_all => "no $tool") unless -x $tool;

my $dat = tmp('a.dat');
system("$build/tests/tools/make_capture", $dat, 6, 0, 0, 8, '', 300) == 0 or BAIL_OUT('make_capture');
my $ready = tmp('ready');
is((run('compare', '-q', '-i', $dat, '-o', $ready))[0], 0, 'results to report on');
my $log = tmp('a.spblog');
is((run('parse', '-q', '-i', $dat, '-o', $log))[0], 0, 'a log to cut');

# Run the tool with a fault: ($exit, $stderr).
sub faulty {
	my ($fault, @args) = @_;
	my $pid = fork() // die("fork: $!");
	if (!$pid) {
		open(STDIN, '<', '/dev/null');
		open(STDOUT, '>', tmp('.out'));
		open(STDERR, '>', tmp('.err'));
		$ENV{SPB_FAULT} = $fault;
		$ENV{LD_PRELOAD} = $shim unless $inside;
		exec($tool, @args) or exit(127);
	}
	waitpid($pid, 0);
	$injected++;
	return ($? & 127 ? 128 + ($? & 127) : $? >> 8, slurp(tmp('.err')));
}

# Content of what a run left, without the times in run.json.
sub content {
	my ($path) = @_;
	return undef unless -e $path;
	return slurp($path) =~ s/"(?:wall|cpu)_ms": ?\d+//gr unless -d $path;
	return join('', map { "$_\0" . content("$path/$_") . "\0" } split(/ /, listing($path)));
}

# What is wrong with a faulty run, '' for nothing. @want: content and output of the same run without.
sub judge {
	my ($exit, $err, $out, $want) = @_;
	my $left = listing(tmp('w'));
	my ($name) = $out =~ m{([^/]+)\z};
	return "exit $exit: $err" unless $exit == 0 || $exit == 4;
	return "left behind: $left" unless $left eq '' || $left eq $name;
	my $got = content($out);
	if ($exit == 0) {
		return 'status 0, but another result' unless defined $want->[0] == defined $got;
		return 'status 0, but another result' unless !defined $got || $got eq $want->[0];
		return 'status 0, but other output' unless slurp(tmp('.out')) eq $want->[1];
		return '';
	}
	my @errors = grep { !/^spbreplay: warning: / } split(/(?<=\n)/, $err);
	return "not one message: '$err'" unless @errors == 1 && $errors[0] =~ /^spbreplay: [^\n]+\n\z/;
	# A folder may hold some of its files when a rename failed between them, but each is whole.
	return 'a half-written file' if defined $got && !-d $out && $got ne $want->[0];
	if (-d $out) {
		my %whole = split(/\0/, $want->[0] // '');
		for my $file (split(/ /, listing($out))) {
			return "$file is half-written" unless content("$out/$file") eq $whole{$file};
		}
	}
	return '';
}

my @runs = (
	['parse', 'parse', '-q', '-i', $dat, '-o', 'OUT'],
	['compare', 'compare', '-q', '-j', 1, '-i', $dat, '-o', 'OUT'],
	['report', 'report', '-q', $ready, '-o', 'OUT'],
	['cut', 'cut', '-q', '-i', $log, '-o', 'OUT', '--cpu', 0],
	['diff', 'diff', $ready],
	['explain', 'explain', $ready, '--spb', 0, '--zone', '0/Normal'],
	['perfetto', 'export', '--perfetto', $ready, '-o', 'OUT'],
	['gnuplot', 'export', '-q', '--gnuplot', $ready, '-o', 'OUT'],
	['info', 'info', '--json', $dat],
);
# How far apart are the calls of a kind that fail?
my %step = map { $_ => int(($step + 1) / 2) } qw(read write fsync rename open);
$step{malloc} = $step;
$step{library} = $library unless $inside;
for my $run (@runs) {
	my ($name, @args) = @$run;
	my $out = tmp("w/$name");
	s/^OUT\z/$out/ for @args;
	mkdir(tmp('w'));
	my @want;
	for my $kind (sort keys %step) {
		local $ENV{SPB_FAULT_COUNT} = tmp('count');
		system('rm', '-rf', $out);
		my ($exit, $err) = faulty("$kind:0", @args);
		is($exit, 0, "$name without a fault") or diag($err);
		@want = (content($out), slurp(tmp('.out')));
		my $nr = slurp(tmp('count')) + 0;
		delete local $ENV{SPB_FAULT_COUNT};
		my @bad;
		for (my $k = 1; $k <= $nr; $k += $step{$kind}) {
			for my $more ('', $kind eq 'write' ? '+' : ()) {
				system('rm', '-rf', $out) if -e $out;
				($exit, $err) = faulty("$kind:$k$more", @args);
				my $why = judge($exit, $err, $out, \@want);
				push(@bad, "$kind $k$more: $why") if $why;
				unlink(grep { -f } glob(tmp('w/*') . ' ' . tmp('w/.*')));
			}
		}
		is(join("\n", @bad), '', "$name: " . ($step{$kind} > 1 ? 'some' : 'each') . " of $nr times $kind");
	}
	system('rm', '-rf', tmp('w'));
}
diag("$injected runs with faults");

# In a batch that is the end of one capture's process.
SKIP: {
	skip('sees no calls of libraries', 5) if $inside;
	my $units = tmp('units');
	my @batch = ('batch', '-q', '-j', 1, '-V', 'vanilla', '-V', 'spb-v2', '-o', $units, spit(tmp('list'), "capture\n$dat\n$log\n"));
	my ($exit, $err) = faulty('library:2500', @batch);
	is($exit, 3, 'a batch, no memory for a library with one capture of two');
	is(() = $err =~ /^spbreplay: out of memory/mg, 1, 'says so once');
	is((run('merge', '-q', '-o', tmp('merged'), $units))[0], 3, 'merged');
	like(slurp(tmp('merged/merged.csv')), qr/,failed,4,[^,]*out of memory/, 'why its units failed');
	is((run(@batch))[0], 0, 'they are done the next time');
}

# A file system that is full, and a limit on the size of files.
SKIP: {
	my $small = tmp('small');
	mkdir($small);
	skip('cannot mount a small disk', 4) if system("mount -t tmpfs -o size=64k none '$small' 2>/dev/null");
	my ($exit, $out, $err) = run('compare', '-q', '-i', $dat, '-o', "$small/out");
	is($exit, 4, 'a disk that is full');
	like($err, qr{small/out.*No space left}, 'says so');
	ok(listing("$small/out") =~ /\A(?:no folder|)\z/, 'and nothing is left') or diag(listing("$small/out"));
	($exit, undef, $err) = run('snapshot', '-q', '-o', "$small/x.snap");
	ok($exit == 0 || ($exit == 4 && listing($small) !~ /snap/), "snapshot onto it: exit $exit");
	system('umount', $small);
}
{
	my ($exit, undef, $err) = sh("ulimit -f 1; trap '' XFSZ; \"\$T\" snapshot -q -o '" . tmp('y.snap') . "'");
	is($exit, 4, 'a snapshot larger than files may be') or diag($err);
	is(listing(tmp('')) =~ /y\.snap/ ? 'there' : '', '', 'leaves nothing');
	($exit, undef, $err) = sh("ulimit -f 1; trap '' XFSZ; \"\$T\" parse -q -i '$dat' -o '" . tmp('y.spblog') . "'");
	is($exit, 4, 'and a log');
	is(listing(tmp('')) =~ /y\.spblog/ ? 'there' : '', '', 'leaves nothing');
}

# Readers that go away.
for my $line ('parse -q -i A -o -', 'diff R', 'report --text R', 'info A', 'help metrics', 'explain R --spb 0 --zone 0/Normal') {
	my $cmd = $line =~ s/A/$dat/r =~ s/\bR\b/$ready/r;
	my ($exit, undef, $err) = sh("{ \"\$T\" $cmd; echo \$? >'" . tmp('code') . "'; } | true");
	my $code = slurp(tmp('code')) + 0;
	ok($code == 4 || $code == 0, "a closed pipe: $line: exit $code");
	ok($code == 0 || $err =~ /^spbreplay: standard output: cannot write/m, 'one line says so') or diag($err);
}

# Results that are there already are replaced as a whole, and kept when that fails.
{
	my $dir = tmp('again');
	is((run('compare', '-q', '-i', $dat, '-o', $dir))[0], 0, 'results');
	my $before = content($dir);
	spit("$dir/mine.txt", 'mine');
	is((run('compare', '-q', '-i', $dat, '-o', $dir))[0], 0, 'and again into the same folder');
	is(slurp("$dir/mine.txt"), 'mine', 'other files stay');
	unlink("$dir/mine.txt");
	ok(content($dir) eq $before, 'the same results');
	my ($exit) = faulty('write:5+', 'compare', '-q', '-j', 1, '-i', $dat, '-V', 'vanilla', '-V', 'spb-v2', '-o', $dir);
	is($exit, 4, 'a run that cannot write');
	ok(content($dir) eq $before, 'leaves the earlier results');
}

done_testing();
