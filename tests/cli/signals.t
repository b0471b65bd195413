#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# SIGINT and SIGTERM at random moments: status 3 or a finished run, files whole or none, nothing
# else left behind. SPB_SEED repeats a run.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Test::More;
use POSIX qw(mkfifo);
use Time::HiRes qw(sleep time);
use Spb;

my $seed = $ENV{SPB_SEED} // (time() * 1000) % 1e6;
my $rounds = $ENV{SPB_SIGNALS} // 12;
my $tool = $ENV{SPBREPLAY} // "$FindBin::Bin/../../spbreplay";
my ($host) = sort { -s $b <=> -s $a } glob("$FindBin::Bin/../../examples/*/trace.dat");
my $scene = scene() // $host;
diag("seed $seed: SPB_SEED=$seed repeats this");
srand($seed);

# What a folder may hold after an interrupted run: nothing, or all of it with a run.json that says
# whether it is partial.
my @files;
sub whole_or_none {
	my ($dir, $exit) = @_;
	my $list = listing($dir);
	return 1 if $exit == 3 && ($list eq '' || $list eq 'no folder');
	return 0 unless $list eq join(' ', @files);
	my $run = eval { decode_json(slurp("$dir/run.json")) } or return 0;
	return $exit == 3 ? !!$run->{partial} : !$run->{partial};
}

# Run to the end: ($exit, $stderr, $seconds).
sub timed {
	my $begun = time();
	my ($exit, undef, $err) = run(@_);
	return ($exit, $err, time() - $begun);
}

# How long things take here, and what a whole run leaves.
my ($e, $err, $replay_s) = timed('compare', '-i', $host, '-o', tmp('whole'));
is($e, 0, 'a whole compare') or diag($err);
@files = split(/ /, listing(tmp('whole')));
my ($p, $perr, $parse_s) = timed('parse', '-q', '-i', $host, '-o', tmp('whole.spblog'));
is($p, 0, 'a whole parse') or diag($perr);
my $all = (run('info', '--json', tmp('whole.spblog')))[1] =~ /"nr_events": (\d+)/ ? $1 : 0;

for my $round (1 .. $rounds) {
	my $sig = (qw(INT TERM))[rand(2)];
	my $after = rand($replay_s * 1.1);
	my $dir = tmp("c$round");
	($e, $err) = signalled($sig, $after, 'compare', '-i', $host, '-o', $dir);
	my $name = sprintf('compare, SIG%s after %.3f s: exit %d', $sig, $after, $e);
	# When all files are written a signal kills, as any program.
	ok(whole_or_none($dir, $e), $name)
		or diag(listing($dir), $err);
	like($err, qr/^spbreplay: .*interrupted/m, 'it says so') if $e == 3;

	my $log = tmp("p$round.spblog");
	$after = rand($parse_s * 1.1);
	($e, $err) = signalled($sig, $after, 'parse', '-q', '-i', $host, '-o', $log);
	$name = sprintf('parse, SIG%s after %.3f s: exit %d', $sig, $after, $e);
	if ($e == 3 && !-e $log) {
		like($err, qr/interrupted - run again/, "$name, nothing to keep");
		next;
	}
	my ($ie, $json) = run('info', '--json', $log);
	my $nr = $json =~ /"nr_events": (\d+)/ ? $1 : 0;
	is($ie, $e > 128 ? 0 : $e, "$name, a valid log of $nr events");
	ok($ie == 0 ? $nr == $all : ($nr < $all && $nr > 0 && $json =~ /interrupted after \d+ events/),
		'whole, or partial and says why') or diag($json);
}
is(listing(tmp('')) =~ s/\.(?:out|err|stdout|stderr) ?|[cp]\d+(?:\.spblog)? ?|scene ?|whole(?:\.spblog)? ?//gr, '',
	'nothing else is left');

# What was read of an interrupted capture is a prefix of the whole.
SKIP: {
	my $dump = ($ENV{SPB_BUILD} // "$FindBin::Bin/../../build") . '/tests/tools/dump_events';
	my ($part) = grep { -e $_ && (run('info', '-q', $_))[0] == 3 } map { tmp("p$_.spblog") } 1 .. $rounds;
	skip('no parse was interrupted while it read', 1) unless $part && -x $dump;
	my ($want, $got) = map { scalar(`'$dump' '$_' 2>/dev/null`) } tmp('whole.spblog'), $part;
	ok(length($got) && $got eq substr($want, 0, length($got)), 'the part is an exact prefix');
}

# Waiting for input that does not come: the first signal is enough.
for my $sig (qw(INT TERM)) {
	local $Spb::stdin = tmp('pipe');
	-p $Spb::stdin || mkfifo($Spb::stdin, 0600) or die("mkfifo: $!");
	open(my $silent, '+<', $Spb::stdin) or die("$Spb::stdin: $!");
	my ($exit, $said) = signalled($sig, 0.2, 'parse', '-i', '-', '-o', tmp('wait.spblog'));
	is($exit, 3, "waiting for standard input: SIG$sig ends it");
	is($said, "spbreplay: interrupted - run again\n", 'one line');
}

# Slow checks do not make it deaf.
for my $case (['compare', '-q'], ['check', '-V', 'spb-v2']) {
	my ($command, @opts) = @$case;
	($e, $err) = interrupted('INT', sub {}, $command, @opts, '-i', $host, '--check-every', '1');
	is($e, 3, "$command, checks after every operation: interrupted");
	like($err, qr/interrupted/, 'and says so');
}

# Ignored by the parent: stays ignored.
{
	my $pid = fork() // die "fork: $!";
	if (!$pid) {
		$SIG{INT} = 'IGNORE';
		open(STDOUT, '>', tmp('.out'));
		exec($tool, 'compare', '-q', '-i', $host) or exit(127);
	}
	sleep($replay_s / 3);
	kill('INT', $pid);
	waitpid($pid, 0);
	is($?, 0, 'a background job does not notice an ignored SIGINT');
}

done_testing();
